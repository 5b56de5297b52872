package dev.unfold.serve.inference;

import dev.unfold.argument.Refusal;
import dev.unfold.serve.json.Fields;
import java.util.Arrays;
import tools.jackson.databind.JsonNode;

/// A tensor of a request, whose shape is known to have as many numbers as there are.
///
/// @param argument how messages call it
/// @param datatype what its numbers are
/// @param shape its dimensions
/// @param data its numbers in the order of the last dimension, in one list or in lists of lists
record Tensor(String argument, Datatype datatype, int[] shape, JsonNode data) {
  private static final int LONGEST_TYPE = 16;

  /// What takes a number.
  interface Sink {
    /// Takes one.
    ///
    /// @param at its place among all
    void take(int at, JsonNode number);
  }

  /// Reads what a request says of a tensor.
  ///
  /// @param most numbers that it may have
  ///
  /// **Errors**: [Refusal] if it is not as `spec` says, or its numbers are more or fewer than its shape says.
  static Tensor of(Fields fields, TensorSpec spec, int most) {
    Datatype datatype =
        Datatype.parse(
            fields.path("datatype"),
            fields.text("datatype", LONGEST_TYPE),
            spec.datatype().isWhole());
    int[] shape = shape(fields, spec, most);
    if (fields
        .maybeObject("parameters")
        .flatMap(own -> own.maybe("binary_data_size"))
        .isPresent()) {
      throw new Refusal(
          fields.path("parameters.binary_data_size"), "none: numbers come as JSON", "one");
    }
    Tensor tensor = new Tensor(fields.path("data"), datatype, shape, fields.list("data", most));
    tensor.expectCount();
    return tensor;
  }

  private static int[] shape(Fields fields, TensorSpec spec, int most) {
    String argument = fields.path("shape");
    JsonNode all = fields.list("shape", Integer.MAX_VALUE);
    if (all.size() != spec.shape().size()) {
      throw new Refusal(
          argument, "%d dimensions, %s".formatted(spec.shape().size(), spec.shape()), all.size());
    }
    int[] shape = new int[all.size()];
    long count = 1;
    for (int i = 0; i < shape.length; i++) {
      String own = argument + "[" + i + "]";
      int fixed = spec.shape().get(i);
      shape[i] =
          (int) Fields.whole(own, all.get(i), fixed < 0 ? 1 : fixed, fixed < 0 ? most : fixed);
      count *= shape[i];
      if (count > most) {
        throw new Refusal(argument, "at most %,d numbers".formatted(most), "more");
      }
    }
    return shape;
  }

  private void expectCount() {
    int expected = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    boolean isFlat = isFlat();
    if (isFlat && data.size() != expected) {
      throw new Refusal(
          argument,
          "%,d numbers for a shape of %s".formatted(expected, Arrays.toString(shape)),
          "%,d".formatted(data.size()));
    }
    if (!isFlat) {
      expectNested(argument, data, 0);
    }
  }

  private void expectNested(String own, JsonNode list, int depth) {
    if (!list.isArray() || list.size() != shape[depth]) {
      throw new Refusal(
          own,
          "a list of %,d, as the shape says".formatted(shape[depth]),
          list.isArray() ? "%,d".formatted(list.size()) : Fields.kind(list));
    }
    if (depth + 1 < shape.length) {
      int i = 0;
      for (JsonNode each : list) {
        expectNested(own + "[" + i++ + "]", each, depth + 1);
      }
    }
  }

  /// Gives all numbers, in their order.
  void each(Sink sink) {
    each(data, isFlat() ? shape.length - 1 : 0, 0, sink);
  }

  private int each(JsonNode list, int depth, int from, Sink sink) {
    int at = from;
    for (JsonNode each : list) {
      if (depth + 1 < shape.length) {
        at = each(each, depth + 1, at, sink);
      } else {
        sink.take(at++, each);
      }
    }
    return at;
  }

  private boolean isFlat() {
    return data.isEmpty() || !data.get(0).isArray();
  }

  /// Where a number stands, for messages.
  String place(int at) {
    if (isFlat()) {
      return argument + "[" + at + "]";
    }
    StringBuilder place = new StringBuilder(argument);
    int behind = Arrays.stream(shape).reduce(1, Math::multiplyExact);
    int rest = at;
    for (int size : shape) {
      behind /= size;
      place.append('[').append(rest / behind).append(']');
      rest %= behind;
    }
    return place.toString();
  }

  /// A whole number of it, within bounds and those of its type.
  int whole(int at, JsonNode node, int least, int most) {
    boolean isThere = node.isIntegralNumber() && node.canConvertToLong();
    long value = isThere ? node.longValue() : 0;
    boolean isRight =
        isThere
            && value >= Math.max(least, datatype.least())
            && value <= Math.min(most, datatype.most());
    if (!isRight) {
      throw new Refusal(
          place(at), "%s from %,d to %,d".formatted(datatype, least, most), Fields.shown(node));
    }
    return (int) value;
  }

  /// A finite number of it.
  double number(int at, JsonNode node) {
    return node.isNumber() && Double.isFinite(node.doubleValue())
        ? node.doubleValue()
        : Fields.number(place(at), node);
  }
}
