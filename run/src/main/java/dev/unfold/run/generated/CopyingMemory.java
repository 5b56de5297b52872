package dev.unfold.run.generated;

import dev.unfold.argument.Refusal;
import dev.unfold.head.Head;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.layer.LiveRows;
import dev.unfold.model.Encoder;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.util.Arrays;
import java.util.SplittableRandom;

/// Copying memory: ten symbols are to be said again after a long delay.
///
/// A sequence has ten symbols out of eight, then D - 1 blanks, a sign, and ten blanks, D + 20 steps in all. The output
/// is to be blank until the sign, and after it the ten symbols in their order. The loss is the softmax cross-entropy,
/// averaged over all steps; who remembers nothing can reach 10 ln 8 / (D + 20).
///
/// **Shapes**: V = K = 10.
///
/// **Source**: S. Hochreiter and J. Schmidhuber, Long short-term memory, Neural Computation 9(8), 1997, in the form of
/// M. Arjovsky, A. Shah and Y. Bengio, Unitary evolution recurrent neural networks, ICML 2016.
///
/// @param delay D
/// @param batch B
/// @param seed of the sequences
public record CopyingMemory(int delay, int batch, long seed) implements GeneratedTask {
  /// Symbols of a sequence.
  public static final int LENGTH = 10;

  /// Different symbols.
  public static final int SYMBOLS = 8;

  private static final int BLANK = SYMBOLS;
  private static final int SIGN = SYMBOLS + 1;

  /// Checks the sizes.
  public CopyingMemory {
    if (delay < 1) {
      throw new Refusal("delay", "1 or more", delay);
    }
    if (batch < 1) {
      throw new Refusal("batch", "B of 1 or more", batch);
    }
    if (delay > Integer.MAX_VALUE - 2 * LENGTH) {
      throw new Refusal("delay", "at most %d".formatted(Integer.MAX_VALUE - 2 * LENGTH), delay);
    }
    LiveRows.rows(delay + 2 * LENGTH, batch);
  }

  @Override
  public int steps() {
    return delay + 2 * LENGTH;
  }

  @Override
  public Batch batch(long update) {
    SplittableRandom random = Seeds.of(seed, update);
    int[] inputs = new int[steps() * batch];
    int[] targets = new int[inputs.length];
    Arrays.fill(inputs, BLANK);
    Arrays.fill(targets, BLANK);
    for (int b = 0; b < batch; b++) {
      inputs[(LENGTH + delay - 1) * batch + b] = SIGN;
      for (int i = 0; i < LENGTH; i++) {
        int symbol = random.nextInt(SYMBOLS);
        inputs[i * batch + b] = symbol;
        targets[(LENGTH + delay + i) * batch + b] = symbol;
      }
    }
    return Batch.of(steps(), batch, new Inputs.Tokens(inputs, 0), new Targets.Classes(targets, 0));
  }

  @Override
  public Encoder encoder() {
    return new Encoder.Embedding(SYMBOLS + 2, SYMBOLS + 2);
  }

  @Override
  public Head head() {
    return new Head.Classes(SYMBOLS + 2);
  }

  @Override
  public double baseline() {
    return LENGTH * Math.log(SYMBOLS) / steps();
  }

  @Override
  public GeneratedTask withSeed(long other) {
    return new CopyingMemory(delay, batch, other);
  }

  @Override
  public Reduction reduction() {
    return Reduction.MEAN;
  }
}
