package dev.unfold.formats.graph;

import dev.unfold.argument.Refusal;
import java.util.Arrays;
import java.util.List;

/// One node at work: what it reads, and room for what it makes.
final class Call {
  private final Node node;
  private final List<GraphTensor> inputs;
  private final Scope scope;

  /// @param inputs null for one that is not given
  Call(Node node, List<GraphTensor> inputs, Scope scope) {
    this.node = node;
    this.inputs = inputs;
    this.scope = scope;
  }

  Node node() {
    return node;
  }

  Scope scope() {
    return scope;
  }

  int inputCount() {
    return inputs.size();
  }

  boolean has(int i) {
    return i < inputs.size() && inputs.get(i) != null;
  }

  GraphTensor input(int i) {
    if (!has(i)) {
      throw refuse("input " + i, "a tensor", "none");
    }
    return inputs.get(i);
  }

  /// An input of a floating-point type.
  GraphTensor real(int i) {
    GraphTensor tensor = input(i);
    if (!tensor.type().isReal()) {
      throw refuse("input " + i, "floating-point numbers", tensor);
    }
    return tensor;
  }

  /// An input of that shape; -1 stands for any size.
  GraphTensor shaped(int i, String letters, int... shape) {
    GraphTensor tensor = input(i);
    boolean fits = tensor.rank() == shape.length;
    for (int d = 0; fits && d < shape.length; d++) {
      fits = shape[d] < 0 || shape[d] == tensor.size(d);
    }
    if (!fits) {
      throw refuse("input " + i, letters + " " + Arrays.toString(shape), tensor);
    }
    return tensor;
  }

  /// An input of that floating-point type and shape.
  GraphTensor shaped(int i, NumberType type, String letters, int... shape) {
    GraphTensor tensor = shaped(i, letters, shape);
    if (tensor.type() != type) {
      throw refuse("input " + i, type, tensor);
    }
    return tensor;
  }

  /// Whole numbers that are an input in newer versions of an operator and an attribute in older ones; null if neither
  /// is there.
  long[] wholes(int i, String key) {
    if (!has(i)) {
      return wholes(key);
    }
    GraphTensor tensor = input(i);
    if (tensor.type().isReal() || tensor.rank() > 1) {
      throw refuse("input " + i, "a list of whole numbers", tensor);
    }
    return tensor.wholes();
  }

  /// Null if there is none.
  long[] wholes(String key) {
    return switch (node.attributes().get(key)) {
      case null -> null;
      case Attribute.Wholes list -> list.values().stream().mapToLong(Long::longValue).toArray();
      case Attribute other -> throw refuse(key, "whole numbers", kind(other));
    };
  }

  List<Double> reals(String key) {
    return switch (node.attributes().get(key)) {
      case null -> List.of();
      case Attribute.Reals list -> list.values();
      case Attribute other -> throw refuse(key, "numbers", kind(other));
    };
  }

  List<String> texts(String key) {
    return switch (node.attributes().get(key)) {
      case null -> List.of();
      case Attribute.Texts list -> list.values();
      case Attribute other -> throw refuse(key, "texts", kind(other));
    };
  }

  long whole(String key, long otherwise) {
    return switch (node.attributes().get(key)) {
      case null -> otherwise;
      case Attribute.Whole whole -> whole.value();
      case Attribute other -> throw refuse(key, "a whole number", kind(other));
    };
  }

  /// 0 or 1.
  boolean flag(String key) {
    return whole(key, 0) != 0;
  }

  double real(String key, double otherwise) {
    return switch (node.attributes().get(key)) {
      case null -> otherwise;
      case Attribute.Real real -> real.value();
      case Attribute other -> throw refuse(key, "a number", kind(other));
    };
  }

  String text(String key, String otherwise) {
    return switch (node.attributes().get(key)) {
      case null -> otherwise;
      case Attribute.Text text -> text.value();
      case Attribute other -> throw refuse(key, "a text", kind(other));
    };
  }

  Graph body(String key) {
    return switch (node.attributes().get(key)) {
      case Attribute.Body body -> body.graph();
      case null -> throw refuse(key, "a graph", "none");
      case Attribute other -> throw refuse(key, "a graph", kind(other));
    };
  }

  private static String kind(Attribute attribute) {
    return attribute.getClass().getSimpleName();
  }

  /// An axis counted from the end if it is negative.
  int axis(long axis, int rank) {
    if (axis < -rank || axis >= rank) {
      throw refuse("axis", "one of " + rank + " dimensions", axis);
    }
    return (int) (axis < 0 ? axis + rank : axis);
  }

  /// Which axes of `rank` are among `axes`.
  boolean[] axes(long[] axes, int rank) {
    boolean[] chosen = new boolean[rank];
    for (long axis : axes) {
      int place = axis(axis, rank);
      if (chosen[place]) {
        throw refuse("axes", "each axis once", Arrays.toString(axes));
      }
      chosen[place] = true;
    }
    return chosen;
  }

  /// A size as an `int`.
  int size(String what, long size) {
    if (size < 0 || size > Integer.MAX_VALUE) {
      throw refuse(what, "a size from 0 to 2^31-1", size);
    }
    return (int) size;
  }

  /// How many numbers a tensor of that shape has, if there is room for it.
  int room(int... shape) {
    rank(shape.length);
    long most = scope.most();
    long count = 1;
    for (int size : shape) {
      // A size of 0 makes the others no smaller.
      count = Math.multiplyExact(count, Math.max(1, size));
      if (count > most) {
        throw refuse("output", "at most " + most + " numbers", "shape " + Arrays.toString(shape));
      }
    }
    return (int) GraphTensor.count(shape);
  }

  /// A number of dimensions that a tensor may have.
  int rank(int rank) {
    if (rank > GraphTensor.MOST_DIMENSIONS) {
      throw refuse("output", "at most " + GraphTensor.MOST_DIMENSIONS + " dimensions", rank);
    }
    return rank;
  }

  double[] reals(int... shape) {
    return new double[room(shape)];
  }

  Refusal refuse(String what, Object expected, Object got) {
    return new Refusal(node.title() + ": " + what, expected, got);
  }
}
