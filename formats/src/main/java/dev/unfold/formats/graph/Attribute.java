package dev.unfold.formats.graph;

import dev.unfold.argument.Expect;
import java.util.List;

/// What a node says beside its inputs.
public sealed interface Attribute {
  /// A whole number.
  record Whole(long value) implements Attribute {}

  /// A number.
  record Real(double value) implements Attribute {}

  /// A text.
  record Text(String value) implements Attribute {
    /// Checks that it is given.
    public Text {
      Expect.given("value", value);
    }
  }

  /// Whole numbers.
  record Wholes(List<Long> values) implements Attribute {
    /// Copies the list.
    public Wholes {
      values = List.copyOf(values);
    }
  }

  /// Numbers.
  record Reals(List<Double> values) implements Attribute {
    /// Copies the list.
    public Reals {
      values = List.copyOf(values);
    }
  }

  /// Texts.
  record Texts(List<String> values) implements Attribute {
    /// Copies the list.
    public Texts {
      values = List.copyOf(values);
    }
  }

  /// A tensor.
  record Tensor(GraphTensor value) implements Attribute {
    /// Checks that it is given.
    public Tensor {
      Expect.given("value", value);
    }
  }

  /// A graph that the node runs, which sees the values around the node.
  record Body(Graph graph) implements Attribute {
    /// Checks that it is given.
    public Body {
      Expect.given("graph", graph);
    }
  }
}
