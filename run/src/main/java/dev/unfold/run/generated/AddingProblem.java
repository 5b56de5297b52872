package dev.unfold.run.generated;

import dev.unfold.argument.Refusal;
import dev.unfold.head.Head;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.LiveRows;
import dev.unfold.model.Encoder;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.util.SplittableRandom;

/// The adding problem: two numbers of a long sequence are marked, and their sum is wanted after the last step.
///
/// The input has two numbers at each step: one uniform in [0, 1), and a mark that is 1 at one step of the first half
/// and at one of the second, else 0. The loss is the squared error at the last step.
///
/// **Shapes**: I = 2, K = 1.
///
/// **Source**: S. Hochreiter and J. Schmidhuber, Long short-term memory, Neural Computation 9(8), 1997, in the form of
/// Q. V. Le, N. Jaitly and G. E. Hinton, arXiv 1504.00941.
///
/// @param steps T, the length of a sequence
/// @param batch B
/// @param precision of the numbers
/// @param seed of the sequences
public record AddingProblem(int steps, int batch, Precision precision, long seed)
    implements GeneratedTask {
  /// Checks the sizes.
  public AddingProblem {
    if (steps < 2) {
      throw new Refusal("steps", "T of 2 or more", steps);
    }
    if (batch < 1) {
      throw new Refusal("batch", "B of 1 or more", batch);
    }
    LiveRows.rows(steps, batch);
  }

  @Override
  public Batch batch(long update) {
    SplittableRandom random = Seeds.of(seed, update);
    Matrix inputs = Matrix.allocate(precision.type(), steps * batch, 2);
    Matrix targets = Matrix.allocate(precision.type(), steps * batch, 1);
    int half = steps / 2;
    for (int b = 0; b < batch; b++) {
      int first = random.nextInt(half);
      int second = half + random.nextInt(steps - half);
      double sum = 0;
      for (int t = 0; t < steps; t++) {
        int row = t * batch + b;
        boolean marked = t == first || t == second;
        double number = random.nextDouble();
        inputs.set(row, 0, number);
        inputs.set(row, 1, marked ? 1 : 0);
        sum += marked ? number : 0;
        targets.set(row, 0, t == steps - 1 ? sum : Double.NaN);
      }
    }
    return Batch.of(steps, batch, new Inputs.Vectors(inputs), new Targets.Values(targets));
  }

  @Override
  public Encoder encoder() {
    return new Encoder.Vectors(2);
  }

  @Override
  public Head head() {
    return new Head.Values(1, new ValueLoss.SquaredError());
  }

  /// The variance of the sum of two uniform numbers, which the answer 1 leaves.
  @Override
  public double baseline() {
    return 1.0 / 6;
  }

  @Override
  public GeneratedTask withSeed(long other) {
    return new AddingProblem(steps, batch, precision, other);
  }

  @Override
  public Reduction reduction() {
    return Reduction.MEAN;
  }
}
