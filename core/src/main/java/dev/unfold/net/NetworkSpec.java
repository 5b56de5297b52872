package dev.unfold.net;

import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;

/// What a network is made of: an encoder, L recurrent layers of one cell, and a linear readout to K classes
/// with softmax.
///
///     x(t) -> h_0(t) -> ... -> h_{L-1}(t) -> net_y(t) = W h_{L-1}(t) + b -> o(t) = softmax(net_y(t))
///
/// The readout has a bias unless the cell has none.
///
/// @param cell the recurrence of every layer
/// @param encoder how the input comes in
/// @param hidden H, the hidden units of a layer
/// @param layers L
/// @param classes K
public record NetworkSpec(Cell cell, Encoder encoder, int hidden, int layers, int classes) {
  /// Checks the sizes, which also must not make more parameters than an `int` counts.
  public NetworkSpec {
    expectPositive("hidden", "H", hidden);
    expectPositive("layers", "L", layers);
    expectPositive("classes", "K", classes);
    double count = roughCount(cell, encoder, hidden, layers, classes);
    if (count > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          ("hidden, layers, encoder, classes: expected fewer than 2^31 parameters in all, got about"
                  + " %.1e with H=%d, L=%d, I=%d, K=%d")
              .formatted(count, hidden, layers, encoder.width(), classes));
    }
  }

  /// In floating point, where absurd sizes do not overflow. As if each affine map had all operands.
  private static double roughCount(
      Cell cell, Encoder encoder, int hidden, int layers, int classes) {
    double rows = (double) cell.affines().size() * hidden;
    double recurrent = rows * ((double) encoder.width() + hidden + (layers - 1.0) * 2 * hidden);
    double embedding =
        encoder instanceof Encoder.Embedding tokens
            ? (double) tokens.vocabulary() * tokens.width()
            : 0;
    return recurrent + embedding + (double) classes * hidden;
  }

  /// A network that reads and predicts tokens of one vocabulary, with one layer.
  ///
  /// @param cell the recurrence
  /// @param vocabulary V, the number of different tokens
  /// @param embedding I, the width of a token's vector
  /// @param hidden H
  public static NetworkSpec tokens(Cell cell, int vocabulary, int embedding, int hidden) {
    return new NetworkSpec(
        cell, new Encoder.Embedding(vocabulary, embedding), hidden, 1, vocabulary);
  }

  /// The input width of layer `layer`.
  int inputSize(int layer) {
    return layer == 0 ? encoder.width() : hidden;
  }

  boolean hasReadoutBias() {
    return cell.bias() != Bias.NONE;
  }

  static void expectPositive(String name, String letter, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          name + ": expected " + letter + " of 1 or more, got " + value);
    }
  }
}
