package dev.unfold.model;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.cell.Sizes;
import dev.unfold.head.Targets;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;

/// What a network is made of: an encoder, L recurrent layers of one cell, and a linear readout to K numbers. What
/// these are is for the loss to say ([Targets]): net inputs of a softmax over K classes, or values as they are.
///
///     x(t) -> h_0(t) -> ... -> h_{L-1}(t) -> net_y(t) = W h_{L-1}(t) + b
///
/// The readout has a bias unless the cell has none. What net_y stands for, the loss says: the net inputs of a softmax over K
/// classes or of K sigmoids, K values, the parameters of distributions ([Targets]).
///
/// @param cell the recurrence of every layer
/// @param encoder how the input comes in
/// @param hidden H, the hidden units of a layer
/// @param layers L
/// @param classes K, the outputs
/// @param wiring what it has beyond that
/// @param noise the random masks that it is trained with
public record NetworkSpec(
    Cell cell,
    Encoder encoder,
    int hidden,
    int layers,
    int classes,
    Set<Wiring> wiring,
    Noise noise) {
  /// Checks the sizes, which also must not make more parameters than an `int` counts.
  public NetworkSpec {
    Objects.requireNonNull(cell, "cell: expected one, got null");
    Objects.requireNonNull(encoder, "encoder: expected one, got null");
    Objects.requireNonNull(wiring, "wiring: expected a set, got null");
    Objects.requireNonNull(noise, "noise: expected Noise.NONE for none, got null");
    Expect.positive("hidden", "H", hidden);
    Expect.positive("layers", "L", layers);
    Expect.positive("classes", "K", classes);
    wiring = Set.copyOf(wiring);
    int directions = directions(wiring);
    double count = roughCount(cell, encoder, hidden, layers, classes, directions);
    if (count > Integer.MAX_VALUE) {
      throw new Refusal(
          "hidden, layers, encoder, classes",
          "fewer than 2^31 parameters in all",
          "about %.1e with H=%d, L=%d, I=%d, K=%d"
              .formatted(count, hidden, layers, encoder.width(), classes));
    }
    int above = width(cell, encoder.width(), hidden, directions);
    if (layers > 1 && width(cell, above, hidden, directions) != above) {
      throw new Refusal(
          "layers",
          "L=1 for %s in both directions, whose output grows with each layer"
              .formatted(cell.name()),
          "L=" + layers);
    }
    noise.training(cell);
    if (wiring.contains(Wiring.TIED)) {
      expectTied(encoder, classes, above);
    }
  }

  private static void expectTied(Encoder encoder, int classes, int above) {
    boolean fits =
        encoder instanceof Encoder.Embedding tokens
            && tokens.vocabulary() == classes
            && tokens.width() == above;
    if (!fits) {
      throw new Refusal(
          "encoder",
          "an embedding of V=K=%d tokens and I=%d, the width of the last layer, for tied weights"
              .formatted(classes, above),
          encoder);
    }
  }

  /// A network of layers one above the other.
  public NetworkSpec(Cell cell, Encoder encoder, int hidden, int layers, int classes) {
    this(cell, encoder, hidden, layers, classes, Set.of());
  }

  /// A network that is trained without random masks.
  public NetworkSpec(
      Cell cell, Encoder encoder, int hidden, int layers, int classes, Set<Wiring> wiring) {
    this(cell, encoder, hidden, layers, classes, wiring, Noise.NONE);
  }

  /// The same network with `more`.
  public NetworkSpec with(Wiring more) {
    Objects.requireNonNull(more, "wiring: expected one, got null");
    Set<Wiring> all = EnumSet.of(more);
    all.addAll(wiring);
    return new NetworkSpec(cell, encoder, hidden, layers, classes, all, noise);
  }

  /// The same network trained with other random masks.
  public NetworkSpec with(Noise other) {
    return new NetworkSpec(cell, encoder, hidden, layers, classes, wiring, other);
  }

  /// Whether it has `feature`.
  public boolean has(Wiring feature) {
    return wiring.contains(feature);
  }

  /// How often each layer runs over the sequence: once in each direction.
  public int directions() {
    return directions(wiring);
  }

  private static int directions(Set<Wiring> wiring) {
    return wiring.contains(Wiring.BIDIRECTIONAL) ? 2 : 1;
  }

  /// In floating point, where absurd sizes do not overflow. Vectors are left out.
  private static double roughCount(
      Cell cell, Encoder encoder, int hidden, int layers, int classes, int directions) {
    int width = width(cell, encoder.width(), hidden, directions);
    double above = matrixCount(cell, width, hidden);
    double recurrent = matrixCount(cell, encoder.width(), hidden) + (layers - 1.0) * above;
    double embedding =
        encoder instanceof Encoder.Embedding tokens
            ? (double) tokens.vocabulary() * tokens.width()
            : 0;
    return directions * recurrent + embedding + (double) classes * width;
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
  public int inputSize(int layer) {
    return layer == 0 ? encoder.width() : outputSize();
  }

  /// How many numbers a layer puts out at a step: H unless the cell says otherwise, in each direction. A cell whose
  /// output has the size of its input keeps that size through all layers.
  public int outputSize() {
    return width(cell, encoder.width(), hidden, directions());
  }

  private static int width(Cell cell, int input, int hidden, int directions) {
    long width = (long) directions * cell.sizes(input, hidden).of(cell.output().size());
    return (int) Math.min(Integer.MAX_VALUE, width);
  }

  /// S, the classes of a group, if the softmax is factored.
  public int groupSize() {
    return (int) Math.ceil(Math.sqrt(classes));
  }

  /// G, the groups of classes.
  public int groups() {
    return Math.ceilDiv(classes, groupSize());
  }

  public boolean hasReadoutBias() {
    return cell.bias() != Bias.NONE;
  }
}
