package dev.unfold.run.score;

import java.util.ArrayList;
import java.util.List;

/// Whether what is said with a probability of p is right in a share of p: counted in ten parts of equal width.
///
///     gap = sum_b n_b / n |share right_b - mean probability_b|
///
/// **Source**: C. Guo, G. Pleiss, Y. Sun and K. Q. Weinberger, On calibration of modern neural networks, 2017.
public final class Reliability {
  private static final int PARTS = 10;

  private final long[] counts = new long[PARTS];
  private final long[] rights = new long[PARTS];
  private final double[] sums = new double[PARTS];

  /// Nothing so far.
  public Reliability() {
    // All counts begin at 0.
  }

  /// What was said with probabilities of one part.
  ///
  /// @param from its end
  /// @param until its other end
  /// @param count how often
  /// @param probability the mean of what was said
  /// @param right the share that was right
  public record Part(double from, double until, long count, double probability, double right) {}

  /// Counts something that was right.
  public void addRight(double probability) {
    rights[add(probability)]++;
  }

  /// Counts something that was wrong.
  public void addWrong(double probability) {
    add(probability);
  }

  private int add(double probability) {
    int part = Math.clamp((int) (probability * PARTS), 0, PARTS - 1);
    counts[part]++;
    sums[part] += probability;
    return part;
  }

  /// The parts in which anything was said.
  public List<Part> parts() {
    List<Part> all = new ArrayList<>();
    for (int i = 0; i < PARTS; i++) {
      if (counts[i] > 0) {
        all.add(
            new Part(
                (double) i / PARTS,
                (i + 1.0) / PARTS,
                counts[i],
                sums[i] / counts[i],
                (double) rights[i] / counts[i]));
      }
    }
    return all;
  }

  /// How far probabilities and shares are apart; NaN for nothing.
  public double gap() {
    double sum = 0;
    long all = 0;
    for (Part part : parts()) {
      sum += part.count() * Math.abs(part.right() - part.probability());
      all += part.count();
    }
    return sum / all;
  }
}
