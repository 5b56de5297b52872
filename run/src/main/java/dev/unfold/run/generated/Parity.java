package dev.unfold.run.generated;

import dev.unfold.argument.Refusal;
import dev.unfold.head.Head;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.LiveRows;
import dev.unfold.model.Encoder;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.util.SplittableRandom;

/// Parity: at each step of a random sequence of zeros and ones, whether there were an odd number of ones so far.
///
/// It is the smallest task that needs a state that is tracked, and not remembered: each one turns the answer around. A
/// network whose gates and candidates see the input alone, and which multiplies its states by numbers that are never
/// negative, cannot do it for all lengths. Every beginning of a sequence is a sequence, so T steps are the lengths 1 to
/// T.
///
/// **Shapes**: V = K = 2.
///
/// **Source**: R. Grazzi et al., Unlocking state-tracking in linear RNNs through negative eigenvalues, ICLR 2025; there
/// the answer is wanted at the end alone.
///
/// @param steps T
/// @param batch B
/// @param seed of the sequences
public record Parity(int steps, int batch, long seed) implements GeneratedTask {
  /// Checks the sizes.
  public Parity {
    if (steps < 1) {
      throw new Refusal("steps", "T of 1 or more", steps);
    }
    if (batch < 1) {
      throw new Refusal("batch", "B of 1 or more", batch);
    }
    LiveRows.rows(steps, batch);
  }

  /// How often a network was right.
  ///
  /// @param last the share of the sequences at whose last step it was
  /// @param all the share of all steps
  public record Score(double last, double all) {
    /// That of a network's `outputs` `[T * B, K]` for the answers wanted.
    public static Score of(Matrix outputs, int[] answers, int batch) {
      int atLast = 0;
      int right = 0;
      for (int row = 0; row < answers.length; row++) {
        int said = outputs.get(row, 1) > outputs.get(row, 0) ? 1 : 0;
        if (said == answers[row]) {
          right++;
          atLast += row >= answers.length - batch ? 1 : 0;
        }
      }
      return new Score((double) atLast / batch, (double) right / answers.length);
    }
  }

  @Override
  public Batch batch(long update) {
    SplittableRandom random = Seeds.of(seed, update);
    int[] inputs = new int[steps * batch];
    int[] targets = new int[inputs.length];
    for (int row = 0; row < inputs.length; row++) {
      inputs[row] = random.nextInt(2);
      targets[row] = inputs[row] ^ (row < batch ? 0 : targets[row - batch]);
    }
    return Batch.of(steps, batch, new Inputs.Tokens(inputs, 0), new Targets.Classes(targets, 0));
  }

  @Override
  public Encoder encoder() {
    return new Encoder.Embedding(2, 2);
  }

  @Override
  public Head head() {
    return new Head.Classes(2);
  }

  /// Of a guess at all steps but the first, where the input is the answer.
  @Override
  public double baseline() {
    return Math.log(2) * (steps - 1) / steps;
  }

  @Override
  public GeneratedTask withSeed(long other) {
    return new Parity(steps, batch, other);
  }

  @Override
  public Reduction reduction() {
    return Reduction.MEAN;
  }
}
