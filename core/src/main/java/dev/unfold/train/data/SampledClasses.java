package dev.unfold.train.data;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.head.Targets;
import dev.unfold.head.WeightedTargets;
import dev.unfold.sequence.Batch;
import java.util.Arrays;
import java.util.SplittableRandom;

/// Other data with a sample of the classes for each update, [Targets.Sampled]: the right classes of the batch and N
/// drawn ones, with a probability that grows with the 3/4th power of how often they occur.
///
/// Class c occurs with probability p_c and is drawn with q_c, so it is in a sample for R right classes with about
///
///     pi_c = 1 - (1 - p_c)^R (1 - q_c)^N
///
/// **Source**: T. Mikolov et al., Distributed representations of words and phrases and their compositionality, 2013,
/// for the power.
public final class SampledClasses extends DerivedData {
  private static final double POWER = 0.75;

  private final int drawn;
  private final long seed;

  /// How often each class occurs, as a share.
  private final double[] shares;

  /// The probability of each class to be drawn, and the sums of those up to each.
  private final double[] probabilities;

  private final double[] sums;
  private final int[] candidates;
  private final double[] corrections;
  private final boolean[] taken;

  /// @param data whose targets are [Targets.Classes]
  /// @param counts how often each class occurs; one that does not occur counts as one time
  /// @param drawn N
  /// @param seed of the samples
  public SampledClasses(TrainingData data, long[] counts, int drawn, long seed) {
    super(data);
    if (drawn < 1) {
      throw new Refusal("sampled", "1 class or more", drawn);
    }
    if (Expect.given("counts", counts).length == 0) {
      throw new Refusal("counts", "those of 1 class or more", "none");
    }
    this.drawn = drawn;
    this.seed = seed;
    double total = Arrays.stream(counts).map(count -> Math.max(1, count)).sum();
    shares = Arrays.stream(counts).mapToDouble(count -> Math.max(1, count) / total).toArray();
    double[] powers = Arrays.stream(shares).map(share -> Math.pow(share, POWER)).toArray();
    double sum = Arrays.stream(powers).sum();
    probabilities = Arrays.stream(powers).map(power -> power / sum).toArray();
    sums = probabilities.clone();
    Arrays.parallelPrefix(sums, Double::sum);
    long most = (long) data.steps() * data.batch() + drawn;
    candidates = new int[(int) Math.min(most, counts.length)];
    corrections = new double[candidates.length];
    taken = new boolean[counts.length];
  }

  /// How often each of `classes` tokens occurs in a text.
  ///
  /// **Errors**: [IllegalArgumentException] for a token that is none of them.
  public static long[] counts(int[] text, int classes) {
    Expect.given("text", text);
    Expect.positive("classes", "K", classes);
    long[] counts = new long[classes];
    for (int token : Expect.given("text", text)) {
      expectClass("text", token, classes);
      counts[token]++;
    }
    return counts;
  }

  private static void expectClass(String name, int got, int classes) {
    if (got < 0 || got >= classes) {
      throw new Refusal(name, "0 to K-1=%d".formatted(classes - 1), got);
    }
  }

  @Override
  public Batch batch(long place) {
    Batch batch = data().batch(place);
    if (!(batch.targets().plain() instanceof Targets.Classes classes)) {
      throw new Refusal("targets", "classes to draw a sample beside", batch.targets().getClass());
    }
    int rows = batch.steps() * batch.batch();
    Arrays.fill(taken, false);
    for (int row = 0; row < rows; row++) {
      if (classes.has(row)) {
        int right = classes.classes()[classes.from() + row];
        expectClass("targets", right, taken.length);
        taken[right] = true;
      }
    }
    SplittableRandom random = new SplittableRandom(new SplittableRandom(seed).nextLong() + place);
    for (int i = 0; i < drawn; i++) {
      int found = Arrays.binarySearch(sums, random.nextDouble());
      taken[Math.min(found < 0 ? -found - 1 : found + 1, taken.length - 1)] = true;
    }
    int count = 0;
    for (int c = 0; c < taken.length; c++) {
      if (taken[c]) {
        candidates[count] = c;
        corrections[count] = logarithm(c, rows);
        count++;
      }
    }
    Arrays.fill(candidates, count, candidates.length, candidates[0]);
    Arrays.fill(corrections, count, candidates.length, Targets.Sampled.NOTHING);
    Targets sample = new Targets.Sampled(classes, candidates.clone(), corrections.clone());
    return new Batch(
        batch.steps(),
        batch.batch(),
        batch.inputs(),
        batch.targets() instanceof WeightedTargets all
            ? new WeightedTargets(sample, all.weights(), all.from())
            : sample,
        batch.present());
  }

  /// ln pi_c
  private double logarithm(int c, int rows) {
    double absent = rows * Math.log1p(-shares[c]) + drawn * Math.log1p(-probabilities[c]);
    return Math.log(-Math.expm1(absent));
  }
}
