package dev.unfold.data.label;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.data.table.Place;
import java.util.Arrays;
import java.util.List;

/// A sequence of T steps, each with N numbers and M texts, and what is said of it: one label for all of it, one for
/// each step, or none that is known.
///
/// @param place where it begins in its file
/// @param steps T
/// @param numbers number n of step t at `t * N + n`, NaN for one that is missing
/// @param texts text m of step t at `t * M + m`, empty for one that is missing
/// @param labels one, T of them, or none
public record LabelledSequence(
    Place place, int steps, double[] numbers, List<String> texts, List<String> labels) {
  /// Checks the sizes.
  public LabelledSequence {
    Expect.given("place", place);
    Expect.positive("steps", "T", steps);
    expectSteps("numbers", steps, Expect.given("numbers", numbers).length);
    texts = List.copyOf(texts);
    expectSteps("texts", steps, texts.size());
    labels = List.copyOf(labels);
    if (labels.size() > 1 && labels.size() != steps) {
      throw new Refusal("labels", "none, 1 or T=%d".formatted(steps), labels.size());
    }
  }

  private static void expectSteps(String name, int steps, int got) {
    if (got % steps != 0) {
      throw new Refusal(name, "as many at each of T=%d steps".formatted(steps), got);
    }
  }

  /// A sequence of words alone.
  public static LabelledSequence ofWords(String... words) {
    return new LabelledSequence(
        new Place("words", 1), words.length, new double[0], List.of(words), List.of());
  }

  /// A sequence of numbers alone, N of each step.
  public static LabelledSequence ofNumbers(double[]... steps) {
    Expect.positive("steps", "T", Expect.given("steps", steps).length);
    int width = steps[0].length;
    double[] all = new double[steps.length * width];
    for (int t = 0; t < steps.length; t++) {
      if (steps[t].length != width) {
        throw new Refusal("steps[" + t + "]", "N=%d numbers".formatted(width), steps[t].length);
      }
      System.arraycopy(steps[t], 0, all, t * width, width);
    }
    return new LabelledSequence(new Place("numbers", 1), steps.length, all, List.of(), List.of());
  }

  /// The same with these labels.
  public LabelledSequence withLabels(List<String> other) {
    return new LabelledSequence(place, steps, numbers, texts, other);
  }

  /// Its first steps, with the labels that they have.
  public LabelledSequence first(int count) {
    if (count < 1 || count > steps) {
      throw new Refusal("count", "1 to T=%d".formatted(steps), count);
    }
    return new LabelledSequence(
        place,
        count,
        Arrays.copyOf(numbers, numbers.length / steps * count),
        texts.subList(0, texts.size() / steps * count),
        labels.size() == steps ? labels.subList(0, count) : labels);
  }
}
