package dev.unfold.train.dynamic;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.train.Evaluation;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.Arrays;
import java.util.List;

/// Sequences of tokens, one after the other, in segments of n steps; the last of each may be shorter. Of each sequence
/// all tokens but the first are to be predicted.
final class Segments {
  private Segments() {}

  /// What is done with them.
  interface Reader {
    /// A sequence begins.
    void begin();

    /// The next segment, which is one sequence of up to n steps.
    ///
    /// @return the sum of its losses
    double read(Batch segment);
  }

  /// A network that reads segments.
  interface Source extends Reader {
    /// Lets it be as it was at first.
    void restart();

    /// E_t of each step of the last segment, before anything was learned of it.
    double[] losses();

    /// h(t) of the uppermost layer at each step of it, `[n, H]`, or more rows.
    Matrix outputs();
  }

  /// What `network` does without learning.
  static Source unchanged(Network network, int steps, Team team) {
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, team, steps, 1);
    return new Source() {
      @Override
      public void restart() {
        begin();
      }

      @Override
      public void begin() {
        unrolled.startFromZero();
      }

      @Override
      public double read(Batch next) {
        unrolled.evaluate(next, Reduction.SUM);
        unrolled.startAfter(unrolled);
        return Arrays.stream(unrolled.losses()).sum();
      }

      @Override
      public double[] losses() {
        return unrolled.losses();
      }

      @Override
      public Matrix outputs() {
        return unrolled.output(network.spec().layers() - 1);
      }
    };
  }

  /// The token that follows step t of a segment.
  static int target(Batch segment, int t) {
    Targets.Classes classes = (Targets.Classes) segment.targets();
    return classes.classes()[classes.from() + t];
  }

  /// Reads all, or as many as it takes until the sum of losses is above `most`, or is no number.
  ///
  /// **Errors**: [IllegalArgumentException] if nothing is to be predicted.
  static Evaluation read(List<int[]> sequences, int steps, double most, Reader reader) {
    check(sequences);
    double sum = 0;
    long count = 0;
    for (int[] tokens : sequences) {
      reader.begin();
      for (int from = 0; from < tokens.length - 1; from += steps) {
        int length = Math.min(steps, tokens.length - 1 - from);
        sum += reader.read(segment(tokens, from, length));
        count += length;
        // Written so that NaN ends it.
        if (!(sum <= most)) {
          return new Evaluation(sum, count);
        }
      }
    }
    return new Evaluation(sum, count);
  }

  private static void check(List<int[]> sequences) {
    long predicted = 0;
    for (int[] tokens : Expect.given("sequences", sequences)) {
      predicted += Math.max(0, Expect.given("sequences", tokens).length - 1);
    }
    if (predicted == 0) {
      throw new Refusal("sequences", "one of 2 tokens or more", sequences.size() + " of fewer");
    }
  }

  private static Batch segment(int[] tokens, int from, int length) {
    return Batch.of(
        length, 1, new Inputs.Tokens(tokens, from), new Targets.Classes(tokens, from + 1));
  }
}
