package dev.unfold.train.data;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;

/// A text laid out as B streams of equal length, read side by side from left to right in windows of T steps: stream b
/// is the b-th part of the text. At each step the input is a token and the target the one after it. The state goes on
/// from window to window; each epoch starts from zeros.
///
/// With N tokens each stream has (N - 1) / B steps, and the last window of an epoch may be shorter; the up to B - 1
/// tokens that are left over at the end are not used.
public final class TextData implements TrainingData {
  private final int[] tokens;
  private final int steps;
  private final int batch;
  private final int length;
  private final int windows;
  private final int[] inputs;
  private final int[] targets;

  /// @param tokens the text
  /// @param steps T
  /// @param batch B; fewer if the text has not that many windows
  ///     <br>**Errors**: [IllegalArgumentException] if it has none
  public TextData(int[] tokens, int steps, int batch) {
    this.tokens = Expect.given("tokens", tokens);
    this.batch = batch(tokens.length, steps, batch);
    length = (tokens.length - 1) / this.batch;
    this.steps = Math.min(steps, length);
    windows = Math.ceilDiv(length, this.steps);
    inputs = new int[this.steps * this.batch];
    targets = new int[inputs.length];
  }

  /// How many streams a text of `length` tokens has.
  ///
  /// **Errors**: [IllegalArgumentException] if it has not T + 1 tokens, or T or B is below 1.
  public static int batch(int length, int steps, int batch) {
    if (steps < 1) {
      throw new Refusal("steps", "T of 1 or more", steps);
    }
    if (batch < 1) {
      throw new Refusal("batch", "B of 1 or more", batch);
    }
    int windows = (length - 1) / steps;
    if (windows < 1) {
      throw new Refusal(
          "text", "at least T + 1 = %d tokens to train on".formatted(steps + 1L), length);
    }
    return Math.min(batch, windows);
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
    return windows;
  }

  @Override
  public Batch batch(long update) {
    int from = (int) (update % windows) * steps;
    return batch(from, Math.min(steps, length - from));
  }

  /// Steps of each stream.
  int length() {
    return length;
  }

  /// The steps from `from` on, `count` of them, up to T.
  Batch batch(int from, int count) {
    for (int t = 0; t < count; t++) {
      for (int b = 0; b < batch; b++) {
        int place = b * length + from + t;
        inputs[t * batch + b] = tokens[place];
        targets[t * batch + b] = tokens[place + 1];
      }
    }
    return Batch.of(count, batch, new Inputs.Tokens(inputs, 0), new Targets.Classes(targets, 0));
  }

  @Override
  public boolean goesOn(long update) {
    return update % windows != 0;
  }

  @Override
  public Reduction reduction() {
    return Reduction.MEAN;
  }
}
