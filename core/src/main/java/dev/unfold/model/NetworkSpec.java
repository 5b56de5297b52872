package dev.unfold.model;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.cell.Sizes;
import dev.unfold.head.Head;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// What a network is made of: an encoder, L recurrent layers of one cell, and a head, which reads K outputs out
/// linearly and says what they mean.
///
///     x(t) -> h_0(t) -> ... -> h_{L-1}(t) -> net_y(t) = W h_{L-1}(t) + b
///
/// The readout has a bias unless the cell has none.
///
/// @param cell the recurrence of every layer
/// @param encoder how the input comes in
/// @param hidden H, the hidden units of a layer
/// @param layers L
/// @param head what the K outputs mean
/// @param wiring what it has beyond that
/// @param noise the random masks that it is trained with
public record NetworkSpec(
    Cell cell,
    Encoder encoder,
    int hidden,
    int layers,
    Head head,
    Set<Wiring> wiring,
    Noise noise) {
  /// Checks the sizes, which also must not make more parameters than an `int` counts.
  public NetworkSpec {
    Objects.requireNonNull(cell, "cell: expected one, got null");
    Objects.requireNonNull(encoder, "encoder: expected one, got null");
    Objects.requireNonNull(head, "head: expected one, got null");
    Objects.requireNonNull(wiring, "wiring: expected a set, got null");
    Objects.requireNonNull(noise, "noise: expected Noise.NONE for none, got null");
    Expect.positive("hidden", "H", hidden);
    Expect.positive("layers", "L", layers);
    wiring = Set.copyOf(wiring);
    int directions = directions(wiring);
    double count =
        roughCount(cell, encoder, hidden, layers, rows(head, wiring), directions) + pairs(head);
    if (count > Integer.MAX_VALUE) {
      throw new Refusal(
          "hidden, layers, encoder, classes",
          "fewer than 2^31 parameters in all",
          "about %.1e with H=%d, L=%d, I=%d, K=%d"
              .formatted(count, hidden, layers, encoder.width(), head.outputs()));
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
      expectTied(encoder, head, above);
    }
  }

  private static void expectTied(Encoder encoder, Head head, int above) {
    if (!(head instanceof Head.Classes || head instanceof Head.FactoredClasses)) {
      throw new Refusal("head", "classes of each step for tied weights", head.text());
    }
    int classes = head.outputs();
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
  public NetworkSpec(Cell cell, Encoder encoder, int hidden, int layers, Head head) {
    this(cell, encoder, hidden, layers, head, Set.of());
  }

  /// A network that is trained without random masks.
  public NetworkSpec(
      Cell cell, Encoder encoder, int hidden, int layers, Head head, Set<Wiring> wiring) {
    this(cell, encoder, hidden, layers, head, wiring, Noise.NONE);
  }

  /// A network of layers one above the other, whose outputs are K = `classes` classes.
  public NetworkSpec(Cell cell, Encoder encoder, int hidden, int layers, int classes) {
    this(cell, encoder, hidden, layers, new Head.Classes(classes));
  }

  /// The same with `wiring`.
  public NetworkSpec(
      Cell cell, Encoder encoder, int hidden, int layers, int classes, Set<Wiring> wiring) {
    this(cell, encoder, hidden, layers, new Head.Classes(classes), wiring);
  }

  /// The same network with `more`.
  public NetworkSpec with(Wiring more) {
    Objects.requireNonNull(more, "wiring: expected one, got null");
    Set<Wiring> all = EnumSet.of(more);
    all.addAll(wiring);
    return new NetworkSpec(cell, encoder, hidden, layers, head, all, noise);
  }

  /// The same network trained with other random masks.
  public NetworkSpec with(Noise other) {
    return new NetworkSpec(cell, encoder, hidden, layers, head, wiring, other);
  }

  /// The same network whose outputs mean something else.
  public NetworkSpec with(Head other) {
    return new NetworkSpec(cell, encoder, hidden, layers, other, wiring, noise);
  }

  /// K
  public int outputs() {
    return head.outputs();
  }

  /// The head, if its softmax is factored.
  public Optional<Head.FactoredClasses> factored() {
    return head instanceof Head.FactoredClasses own ? Optional.of(own) : Optional.empty();
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

  /// The rows of the readout's matrices.
  private static double rows(Head head, Set<Wiring> wiring) {
    double own = wiring.contains(Wiring.TIED) ? 0 : head.outputs();
    return head instanceof Head.FactoredClasses factored ? own + factored.groups() : own;
  }

  /// In floating point, where absurd sizes do not overflow. Vectors are left out.
  private static double roughCount(
      Cell cell, Encoder encoder, int hidden, int layers, double rows, int directions) {
    int width = width(cell, encoder.width(), hidden, directions);
    double above = matrixCount(cell, width, hidden);
    double recurrent = matrixCount(cell, encoder.width(), hidden) + (layers - 1.0) * above;
    double embeddings =
        encoder.categories().stream()
            .mapToDouble(table -> (double) table.vocabulary() * table.width())
            .sum();
    return directions * recurrent + embeddings + rows * width;
  }

  /// Numbers of the head beside its readout.
  private static double pairs(Head head) {
    return head instanceof Head.Tags tags ? (double) tags.tags() * tags.tags() : 0;
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

  /// Whether the readout has one.
  public boolean hasReadoutBias() {
    return cell.bias() != Bias.NONE;
  }
}
