package dev.unfold.train.data;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.head.Reduction;
import dev.unfold.head.SeveralTargets;
import dev.unfold.head.Targets;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.LiveRows;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Example;
import dev.unfold.sequence.Inputs;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Whole sequences with what is to be learnt from each, B at a time: shorter ones end before the longest of their
/// batch. Losses are averaged over the steps of a batch that have one.
///
/// The sequences of an epoch come in an order of its own, which follows from a seed and the epoch's number. In the last
/// batch of an epoch there may be fewer: then the others of its B have no steps.
public final class SequenceData implements TrainingData {
  private final List<Example> examples;
  private final int batch;
  private final OptionalLong seed;
  private final int steps;
  private final int[] order;

  /// The epoch that `order` is of; -1 before there is one.
  private long ordered = -1;

  /// @param examples of one kind and width
  /// @param batch B; fewer if there are not as many
  /// @param seed of the orders; empty for the order that is given, in all epochs
  ///     <br>**Errors**: [IllegalArgumentException] if B is below 1, there are none, or one is not of the kind and
  ///     width of the first
  public SequenceData(List<Example> examples, int batch, OptionalLong seed) {
    this.seed = Expect.given("seed", seed);
    Expect.positive("batch", "B", batch);
    if (Expect.given("examples", examples).isEmpty()) {
      throw new Refusal("examples", "one or more", "none");
    }
    this.examples = List.copyOf(examples);
    this.batch = Math.min(batch, examples.size());
    steps = examples.stream().mapToInt(Example::steps).max().orElseThrow();
    LiveRows.rows(steps, this.batch);
    order = new int[examples.size()];
    for (int i = 1; i < order.length; i++) {
      expectAlike(i);
    }
  }

  private void expectAlike(int i) {
    String first = shape(examples.getFirst());
    if (!shape(examples.get(i)).equals(first)) {
      throw new Refusal("examples[" + i + "]", first + ", as the first", shape(examples.get(i)));
    }
  }

  private static String shape(Example example) {
    String inputs =
        switch (example.inputs()) {
          case Inputs.Tokens _ -> "tokens";
          case Inputs.Vectors all -> columns("vectors", all.values());
          case Inputs.Columns all ->
              all.numbers().map(numbers -> columns("rows", numbers) + " and ").orElse("rows of ")
                  + all.categories().length
                  + " categories";
        };
    return inputs + " with " + shape(example.targets());
  }

  private static String shape(Targets targets) {
    return switch (targets.plain()) {
      case Targets.Distributions all -> columns("distributions", all.values());
      case Targets.Values all -> columns("values", all.values());
      case SeveralTargets all ->
          all.parts().stream().map(SequenceData::shape).collect(Collectors.joining(", "));
      case Targets other -> other.getClass().getSimpleName().toLowerCase(Locale.ROOT);
    };
  }

  private static String columns(String what, Matrix of) {
    return "%s of %d %s".formatted(what, of.cols(), of.buffer().type());
  }

  /// Sequences of vectors, each to be foreseen from those before it: at step t the network reads x(t), and its output
  /// is compared with x(t + 1). Those of a single step are left out.
  ///
  /// @param sequences of vectors `[T, I]`, T their own and I that of all; NaN in the last vector is a missing target
  /// @param batch B
  /// @param seed as above
  ///     <br>**Errors**: [IllegalArgumentException] if B is below 1, vectors differ in width, no sequence has two
  ///     steps, or a number is not finite: it names the first by sequence, step and column
  public static SequenceData ofNext(List<Matrix> sequences, int batch, OptionalLong seed) {
    Expect.given("seed", seed);
    for (int s = 0; s < Expect.given("sequences", sequences).size(); s++) {
      expectFinite(s, Expect.given("sequences[" + s + "]", sequences.get(s)));
      if (sequences.get(s).cols() != sequences.getFirst().cols()) {
        int width = sequences.getFirst().cols();
        throw new Refusal("sequences", "I=%d in all".formatted(width), sequences.get(s).cols());
      }
    }
    List<Example> examples =
        sequences.stream().filter(all -> all.rows() > 1).map(Example::ofNext).toList();
    if (examples.isEmpty()) {
      throw new Refusal("sequences", "one of two steps or more", "none");
    }
    return new SequenceData(examples, batch, seed);
  }

  private static void expectFinite(int s, Matrix sequence) {
    for (int t = 0; t < sequence.rows(); t++) {
      for (int i = 0; i < sequence.cols(); i++) {
        double number = sequence.get(t, i);
        boolean isMissing = Double.isNaN(number) && t == sequence.rows() - 1;
        if (!Double.isFinite(number) && !isMissing) {
          throw new Refusal(
              "sequences[%d]".formatted(s),
              "finite numbers",
              "%s at step %d, column %d".formatted(number, t, i));
        }
      }
    }
  }

  @Override
  public int steps() {
    return steps;
  }

  @Override
  public int batch() {
    return batch;
  }

  @Override
  public int updatesPerEpoch() {
    return Math.ceilDiv(order.length, batch);
  }

  @Override
  public Batch batch(long update) {
    arrange(update / updatesPerEpoch());
    int first = (int) (update % updatesPerEpoch()) * batch;
    int count = Math.min(batch, order.length - first);
    return Batch.of(
        IntStream.range(first, first + count).mapToObj(i -> examples.get(order[i])).toList(),
        batch);
  }

  private void arrange(long epoch) {
    if (ordered == epoch) {
      return;
    }
    Arrays.setAll(order, i -> i);
    if (seed.isPresent()) {
      long mixed = new SplittableRandom(seed.getAsLong()).nextLong();
      SplittableRandom random = new SplittableRandom(mixed + epoch);
      for (int i = order.length - 1; i > 0; i--) {
        int other = random.nextInt(i + 1);
        int own = order[i];
        order[i] = order[other];
        order[other] = own;
      }
    }
    ordered = epoch;
  }

  @Override
  public boolean goesOn(long update) {
    return false;
  }

  @Override
  public Reduction reduction() {
    return Reduction.MEAN;
  }
}
