package dev.unfold.sequence;

import java.util.Arrays;

/// How large the error signals are at each step, as a by-product of following the error back:
///
///     |delta(t')| = sqrt( sum over the sequences and units of delta_i(t')^2 )
///
/// where delta(t') is summed over the error times, at the pre-activations that the input feeds (those of the state in a
/// cell without any). With truncated windows that overlap, the squares are summed over the windows.
///
/// The steps are those inside: the t-th that a sequence has.
///
/// **Cost**: each error signal is read once more.
public final class ErrorNorms {
  private final double[][] squares;

  public ErrorNorms(int layers, int steps) {
    squares = new double[layers][steps];
  }

  public void clear() {
    for (double[] layer : squares) {
      Arrays.fill(layer, 0);
    }
  }

  public void add(int layer, int step, double square) {
    squares[layer][step] += square;
  }

  /// The norm of layer `layer` at step `step`, after a backward pass. Layers of two directions count twice, forward
  /// first; steps of the reverse direction count from each sequence's end.
  public double at(int layer, int step) {
    return Math.sqrt(squares[layer][step]);
  }

  /// How many layers there are, each direction counted.
  public int layers() {
    return squares.length;
  }

  /// T
  public int steps() {
    return squares[0].length;
  }
}
