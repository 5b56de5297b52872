package dev.unfold.serve.inference;

import dev.unfold.argument.Refusal;
import dev.unfold.infer.Outcome;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.model.State;
import dev.unfold.sequence.Inputs;
import java.util.Arrays;

/// Runs whole sequences from where they start, in pieces whose memory is bounded: the bits are the same in any pieces.
///
/// **Memory**: that of [#PIECE] rows, of a network that has to see whole sequences that of one of [#LONGEST] steps.
///
/// **Threads**: any number.
final class WholeSequences {
  /// Rows that are run at a time.
  static final int PIECE = 4096;

  /// Steps of a sequence that has to be seen whole.
  static final int LONGEST = 1 << 14;

  private final Network network;
  private final boolean isOfSteps;
  private final boolean isForwards;

  WholeSequences(Network network) {
    this.network = network;
    isOfSteps = Signature.of(network).isOfSteps();
    // A start that is learned is where whole sequences begin, and only they.
    isForwards =
        network.spec().directions() == 1
            && network.spec().head().isOfSteps()
            && network.spec().start().isEmpty();
  }

  /// Runs `batch` = B sequences of `steps` = T steps.
  ///
  /// @param inputs row t*B + b is step t of sequence b
  /// @return net_y of all steps `[T*B, K]`, or of all sequences `[B, K]` if they are pooled
  ///
  /// **Errors**: [Refusal] for longer sequences than a network may have that has to see them whole.
  Matrix run(Inputs inputs, int batch, int steps) {
    if (!isForwards && steps > LONGEST) {
      throw new Refusal(
          "inputs[0].shape[1]",
          "at most %,d steps, since the network has to see all of them".formatted(LONGEST),
          "%,d".formatted(steps));
    }
    int side = Math.clamp(PIECE / Math.min(steps, PIECE), 1, batch);
    Matrix all =
        Matrix.onHeap(
            network.kernels().type(), isOfSteps ? batch * steps : batch, network.spec().outputs());
    for (int from = 0; from < batch; from += side) {
      int count = Math.min(side, batch - from);
      // A runner of its own: sizes are those of the request, and nothing is to be kept for them.
      Runner runner = new Runner(network);
      Inputs own = some(inputs, batch, steps, from, count);
      if (isForwards) {
        forwards(runner, own, count, from, batch, all);
      } else {
        Matrix said = runner.runWhole(own, lengths(count, steps));
        copy(said, 0, count, all, from, isOfSteps ? batch : count);
      }
    }
    return all;
  }

  private void forwards(Runner runner, Inputs inputs, int count, int from, int batch, Matrix all) {
    State state = network.zeroState(count);
    int steps = inputs.rows() / count;
    int piece = Math.max(1, PIECE / count);
    for (int t = 0; t < steps; t += piece) {
      int here = Math.min(piece, steps - t);
      Outcome outcome = runner.run(inputs.select(rows(t * count, here * count)), state);
      state = outcome.state();
      copy(outcome.outputs(), t, count, all, from, batch);
    }
  }

  /// Puts the rows of `count` sequences, from step `t` on, among those of all.
  private static void copy(Matrix said, int t, int count, Matrix all, int from, int batch) {
    for (int row = 0; row < said.rows(); row++) {
      int to = (t + row / count) * batch + from + row % count;
      for (int k = 0; k < said.cols(); k++) {
        all.set(to, k, said.get(row, k));
      }
    }
  }

  private static Inputs some(Inputs inputs, int batch, int steps, int from, int count) {
    if (count == batch) {
      return inputs;
    }
    int[] rows = new int[steps * count];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = i / count * batch + from + i % count;
    }
    return inputs.select(rows);
  }

  private static int[] rows(int first, int count) {
    int[] rows = new int[count];
    Arrays.setAll(rows, i -> first + i);
    return rows;
  }

  private static int[] lengths(int count, int steps) {
    int[] lengths = new int[count];
    Arrays.fill(lengths, steps);
    return lengths;
  }
}
