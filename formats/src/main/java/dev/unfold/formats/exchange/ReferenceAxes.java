package dev.unfold.formats.exchange;

import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.model.Encoder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How the axes of all sequences of a reference are read.
///
/// @param order which axis is that of steps
/// @param steps T
/// @param batch B
record ReferenceAxes(Order order, int steps, int batch) {
  /// Which axis is that of steps.
  enum Order {
    STEPS_FIRST("[T=%d, B=%d, ..]"),
    SEQUENCES_FIRST("[B=%2$d, T=%1$d, ..]"),
    ONE_SEQUENCE("[T=%d, ..], one sequence");

    private final String shown;

    Order(String shown) {
      this.shown = shown;
    }
  }

  /// The ways in which `main` can be read, which is what an encoder reads of each step.
  ///
  /// **Errors**: [FormatException] if it is missing, or has a shape that is none of sequences.
  static List<ReferenceAxes> possible(
      Reference reference, Encoder encoder, Optional<Reference.Array> main) {
    boolean isOfNumbers = encoder.numbers() > 0;
    Reference.Array array =
        main.orElseThrow(() ->
            new FormatException(
                "%s: expected an array %s of what went in, found none"
                    .formatted(
                        reference.file(),
                        isOfNumbers
                            ? "input"
                            : encoder instanceof Encoder.Embedding ? "tokens" : "category.0")));
    List<Integer> shape = new ArrayList<>(array.numbers().shape());
    if (isOfNumbers && (shape.isEmpty() || shape.removeLast() != encoder.numbers())) {
      throw reference.misfit(array, "[T, B, I=%d] or [B, T, I]".formatted(encoder.numbers()));
    }
    if (shape.isEmpty() || shape.size() > 2 || array.numbers().count() == 0) {
      throw reference.misfit(
          array, "a number of steps and of sequences" + (isOfNumbers ? ", then I" : ""));
    }
    if (shape.size() == 1) {
      return List.of(new ReferenceAxes(Order.ONE_SEQUENCE, shape.getFirst(), 1));
    }
    return List.of(
        new ReferenceAxes(Order.STEPS_FIRST, shape.getFirst(), shape.getLast()),
        new ReferenceAxes(Order.SEQUENCES_FIRST, shape.getLast(), shape.getFirst()));
  }

  /// How many steps all sequences have together.
  int rows() {
    return steps * batch;
  }

  /// Where the array has what is row t B + b here.
  int place(int row) {
    int t = row / batch;
    int b = row % batch;
    return order == Order.SEQUENCES_FIRST ? b * steps + t : row;
  }

  /// The shape of an array of all steps, `width` numbers each.
  List<Integer> shape(int width) {
    return order == Order.SEQUENCES_FIRST
        ? List.of(batch, steps, width)
        : List.of(steps, batch, width);
  }

  /// Whether shapes are one but for axes of size 1.
  static boolean areAlike(List<Integer> one, List<Integer> other) {
    return plain(one).equals(plain(other));
  }

  private static List<Integer> plain(List<Integer> shape) {
    return shape.stream().filter(size -> size != 1).toList();
  }

  /// What users are told.
  String shown() {
    return order.shown.formatted(steps, batch);
  }
}
