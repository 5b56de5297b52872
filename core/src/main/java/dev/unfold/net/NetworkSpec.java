package dev.unfold.net;

import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.cell.Sizes;

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

  /// In floating point, where absurd sizes do not overflow. Vectors are left out.
  private static double roughCount(
      Cell cell, Encoder encoder, int hidden, int layers, int classes) {
    double above = matrixCount(cell, outputSize(cell, encoder.width(), hidden), hidden);
    double recurrent = matrixCount(cell, encoder.width(), hidden) + (layers - 1.0) * above;
    double embedding =
        encoder instanceof Encoder.Embedding tokens
            ? (double) tokens.vocabulary() * tokens.width()
            : 0;
    return recurrent + embedding + (double) classes * outputSize(cell, encoder.width(), hidden);
  }

  private static double matrixCount(Cell cell, int input, int hidden) {
    Sizes sizes = cell.sizes(input, hidden);
    double count = 0;
    for (Expr.Affine affine : cell.affines()) {
      for (Expr operand : affine.operands()) {
        count += (double) sizes.of(affine.size()) * sizes.of(operand.size());
      }
    }
    return count;
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
    return layer == 0 ? encoder.width() : outputSize();
  }

  /// How many numbers the layers put out: H unless the cell says otherwise. A cell whose output has the size of
  /// its input keeps that size through all layers.
  public int outputSize() {
    return outputSize(cell, encoder.width(), hidden);
  }

  private static int outputSize(Cell cell, int input, int hidden) {
    return cell.sizes(input, hidden).of(cell.output().size());
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
