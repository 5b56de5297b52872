package dev.unfold.formats.graph.layers;

import dev.unfold.formats.graph.GraphTensor;
import java.util.List;

/// What is known of a value of a graph.
sealed interface Traced {
  /// An axis of size 1, or one that was left out.
  int ONE = -1;

  /// The axis of the vectors.
  int FEATURE = -2;

  /// The axis of a layer's directions.
  int DIRECTION = -3;

  /// Several axes in one.
  int ROWS = -4;

  /// A vector for each step and sequence.
  ///
  /// @param axes an axis of the first input for each, by its number, or one of the above
  /// @param formula how each vector is computed; those of both directions one after the other
  /// @param flattened what `ROWS` was made of; empty if there is none
  record Flow(List<Integer> axes, Formula formula, List<Integer> flattened) implements Traced {
    Flow(List<Integer> axes, Formula formula) {
      this(axes, formula, List.of());
    }

    Flow with(List<Integer> others) {
      return new Flow(List.copyOf(others), formula, flattened);
    }

    Flow with(Formula other) {
      return new Flow(axes, other, flattened);
    }

    boolean endsWithFeature() {
      return !axes.isEmpty() && axes.getLast() == FEATURE;
    }
  }

  /// A tensor that is always the same.
  record Fixed(GraphTensor tensor) implements Traced {}

  /// Any shape, all of one number.
  record Filled(double number) implements Traced {}

  /// Numbers that depend on shapes alone.
  record Sizes() implements Traced {}

  /// The tokens of the first input.
  record Tokens(List<Integer> axes) implements Traced {}

  /// Made of states, before or after.
  record Kept() implements Traced {}
}
