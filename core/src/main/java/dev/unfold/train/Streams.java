package dev.unfold.train;

/// A text laid out as B streams of equal length, read side by side from left to right: stream b is the b-th
/// part of the text. At each step the input is a token and the target the one after it.
///
/// With N tokens each stream has (N - 1) / B steps; the up to B - 1 tokens that are left over at the end are
/// not used.
final class Streams {
  private final int[] tokens;
  private final int batch;
  private final int length;

  Streams(int[] tokens, int batch) {
    this.tokens = tokens;
    this.batch = batch;
    length = (tokens.length - 1) / batch;
  }

  /// Steps of each stream.
  int length() {
    return length;
  }

  /// Fills in the inputs and targets of `steps` steps from `from` on, time-major.
  void fill(int from, int steps, int[] inputs, int[] targets) {
    for (int t = 0; t < steps; t++) {
      for (int b = 0; b < batch; b++) {
        int place = b * length + from + t;
        inputs[t * batch + b] = tokens[place];
        targets[t * batch + b] = tokens[place + 1];
      }
    }
  }
}
