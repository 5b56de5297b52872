package dev.unfold.bench.problem;

/// How another library lays out what is stacked by gates. Here gate g comes at place g; there, gate
/// `order[g]` of ours does.
///
/// @param hidden H
/// @param order the other library's gates as ours
public record Gates(int hidden, int... order) {
  /// Weights `[G*H, K]` of ours as `[K, G*H]` in the other order.
  public float[] inputMajor(float[] ours, int width) {
    float[] theirs = new float[ours.length];
    int rows = order.length * hidden;
    for (int row = 0; row < rows; row++) {
      int from = ourRow(row) * width;
      for (int k = 0; k < width; k++) {
        theirs[k * rows + row] = ours[from + k];
      }
    }
    return theirs;
  }

  /// The way back from [#inputMajor].
  public float[] fromInputMajor(float[] theirs, int width) {
    float[] ours = new float[theirs.length];
    int rows = order.length * hidden;
    for (int row = 0; row < rows; row++) {
      int to = ourRow(row) * width;
      for (int k = 0; k < width; k++) {
        ours[to + k] = theirs[k * rows + row];
      }
    }
    return ours;
  }

  /// Rows `[G*H, K]` of ours in the other order; a vector has K = 1.
  public float[] rows(float[] ours, int width) {
    float[] theirs = new float[ours.length];
    for (int row = 0; row < order.length * hidden; row++) {
      System.arraycopy(ours, ourRow(row) * width, theirs, row * width, width);
    }
    return theirs;
  }

  /// The way back from [#rows].
  public float[] fromRows(float[] theirs, int width) {
    float[] ours = new float[theirs.length];
    for (int row = 0; row < order.length * hidden; row++) {
      System.arraycopy(theirs, row * width, ours, ourRow(row) * width, width);
    }
    return ours;
  }

  private int ourRow(int theirRow) {
    return order[theirRow / hidden] * hidden + theirRow % hidden;
  }
}
