package dev.unfold.model;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Head;
import dev.unfold.head.SeveralHeads;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// What a network is made of: an encoder, L recurrent layers, and a head, which reads K outputs out linearly and says
/// what they mean.
///
///     x(t) -> h_0(t) -> ... -> h_{L-1}(t) -> net_y(t) = W h_{L-1}(t) + b
///
/// Each layer has a cell, a size and a wiring of its own. In most networks all are alike, and there are constructors
/// with one cell and one size for all. The readout has a bias unless the cell of the last layer has none.
///
/// @param encoder how the input comes in
/// @param stack the layers from the input on, each with all of its wiring
/// @param head what the K outputs mean
/// @param wiring what the network has beyond layers one above the other; what can be said of a layer is there if all
///     layers have it, residual if all but the first do
/// @param noise the random masks that it is trained with
/// @param start how sequences start from what never changes in them; from zeros if empty
public record NetworkSpec(
    Encoder encoder,
    List<LayerSpec> stack,
    Head head,
    Set<Wiring> wiring,
    Noise noise,
    Optional<StaticStart> start) {
  /// Checks the sizes, which also must not make more parameters than an `int` counts. What `wiring` says of layers is
  /// added to each.
  public NetworkSpec {
    expectGiven(encoder, head, wiring, noise);
    Expect.positive("layers", "L", Expect.given("layers", stack).size());
    stack = wired(stack, wiring);
    wiring = common(stack, wiring);
    double count = 0;
    int width = encoder.width();
    for (int l = 0; l < stack.size(); l++) {
      int above = stack.get(l).outputSize(width);
      if (stack.get(l).has(Wiring.RESIDUAL) && above != width) {
        throw new Refusal(
            "layers[%d]".formatted(l),
            "an output of as many numbers as its input has, %d, for residual".formatted(width),
            above);
      }
      count += stack.get(l).roughCount(width);
      width = above;
    }
    expectCountable(count + outerCount(encoder, head, wiring, width), encoder, stack, head);
    for (int l = 0; l < stack.size(); l++) {
      if (l == 0 || !stack.get(l).cell().equals(stack.get(l - 1).cell())) {
        noise.training(stack.get(l).cell());
      }
    }
    if (wiring.contains(Wiring.TIED)) {
      expectTied(encoder, head, width);
    }
    Expect.given("start", start).ifPresent(own -> own.check(encoder));
  }

  /// A network whose sequences start from zeros.
  ///
  /// @param encoder how the input comes in
  /// @param stack the layers from the input on
  /// @param head what the K outputs mean
  /// @param wiring what the network has beyond layers one above the other
  /// @param noise the random masks that it is trained with
  public NetworkSpec(
      Encoder encoder, List<LayerSpec> stack, Head head, Set<Wiring> wiring, Noise noise) {
    this(encoder, stack, head, wiring, noise, Optional.empty());
  }

  private static void expectGiven(Encoder encoder, Head head, Set<Wiring> wiring, Noise noise) {
    Objects.requireNonNull(encoder, "encoder: expected one, got null");
    Objects.requireNonNull(head, "head: expected one, got null");
    Objects.requireNonNull(wiring, "wiring: expected a set, got null");
    Objects.requireNonNull(noise, "noise: expected Noise.NONE for none, got null");
  }

  /// The layers with what `wiring` says of all.
  private static List<LayerSpec> wired(List<LayerSpec> stack, Set<Wiring> wiring) {
    List<LayerSpec> all = new ArrayList<>();
    for (LayerSpec layer : stack) {
      Set<Wiring> more = EnumSet.noneOf(Wiring.class);
      more.addAll(wiring);
      more.remove(Wiring.TIED);
      if (all.isEmpty()) {
        more.remove(Wiring.RESIDUAL);
      }
      all.add(layer.wiring().containsAll(more) ? layer : layer.with(more));
    }
    return List.copyOf(all);
  }

  /// `wiring` with what all layers have.
  private static Set<Wiring> common(List<LayerSpec> stack, Set<Wiring> wiring) {
    Set<Wiring> all = EnumSet.noneOf(Wiring.class);
    all.addAll(wiring);
    if (stack.stream().allMatch(layer -> layer.has(Wiring.BIDIRECTIONAL))) {
      all.add(Wiring.BIDIRECTIONAL);
    }
    boolean isFirstPlain = !stack.getFirst().has(Wiring.RESIDUAL);
    if (stack.size() > 1
        && isFirstPlain
        && stack.stream().skip(1).allMatch(layer -> layer.has(Wiring.RESIDUAL))) {
      all.add(Wiring.RESIDUAL);
    }
    return Set.copyOf(all);
  }

  /// Layers that are all alike, checked before a list of them is made.
  private static List<LayerSpec> alike(
      Cell cell,
      Encoder encoder,
      int hidden,
      int layers,
      Head head,
      Set<Wiring> wiring,
      Noise noise) {
    Objects.requireNonNull(cell, "cell: expected one, got null");
    expectGiven(encoder, head, wiring, noise);
    LayerSpec layer = new LayerSpec(cell, hidden);
    Expect.positive("layers", "L", layers);
    if (wiring.contains(Wiring.BIDIRECTIONAL)) {
      layer = layer.with(Set.of(Wiring.BIDIRECTIONAL));
    }
    int above = layer.outputSize(encoder.width());
    double count = layer.roughCount(encoder.width()) + (layers - 1.0) * layer.roughCount(above);
    List<LayerSpec> all = Collections.nCopies(layers, layer);
    expectCountable(count + outerCount(encoder, head, wiring, above), encoder, all, head);
    if (layers > 1 && layer.outputSize(above) != above) {
      throw new Refusal(
          "layers",
          "L=1 for %s in both directions, whose output grows with each layer"
              .formatted(cell.name()),
          "L=" + layers);
    }
    return all;
  }

  private static void expectCountable(
      double count, Encoder encoder, List<LayerSpec> stack, Head head) {
    if (count > Integer.MAX_VALUE) {
      throw new Refusal(
          "hidden, layers, encoder, classes",
          "fewer than 2^31 parameters in all",
          "about %.1e with H=%d, L=%d, I=%d, K=%d"
              .formatted(
                  count, stack.getFirst().hidden(), stack.size(), encoder.width(), head.outputs()));
    }
  }

  private static void expectTied(Encoder encoder, Head head, int above) {
    if (!(head instanceof Head.Classes || head instanceof FactoredClasses)) {
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

  /// A network of layers that are all alike.
  ///
  /// @param cell the recurrence of every layer
  /// @param encoder how the input comes in
  /// @param hidden H, the hidden units of a layer
  /// @param layers L
  /// @param head what the K outputs mean
  /// @param wiring what it has beyond that
  /// @param noise the random masks that it is trained with
  public NetworkSpec(
      Cell cell,
      Encoder encoder,
      int hidden,
      int layers,
      Head head,
      Set<Wiring> wiring,
      Noise noise) {
    this(encoder, alike(cell, encoder, hidden, layers, head, wiring, noise), head, wiring, noise);
  }

  /// A network of any layers, trained without random masks.
  public NetworkSpec(Encoder encoder, List<LayerSpec> stack, Head head) {
    this(encoder, stack, head, Set.of(), Noise.NONE);
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
    return new NetworkSpec(encoder, stack, head, all, noise, start);
  }

  /// The same network trained with other random masks.
  public NetworkSpec with(Noise other) {
    return new NetworkSpec(encoder, stack, head, wiring, other, start);
  }

  /// The same network whose outputs mean something else.
  public NetworkSpec with(Head other) {
    return new NetworkSpec(encoder, stack, other, wiring, noise, start);
  }

  /// The same network whose sequences start from what never changes in them.
  public NetworkSpec with(StaticStart other) {
    return new NetworkSpec(encoder, stack, head, wiring, noise, Optional.of(other));
  }

  /// Its head, or each of several.
  public List<NetworkHead> heads() {
    return NetworkHead.of(this);
  }

  /// K
  public int outputs() {
    return head.outputs();
  }

  /// The head, if its softmax is factored.
  public Optional<FactoredClasses> factored() {
    return head instanceof FactoredClasses own ? Optional.of(own) : Optional.empty();
  }

  /// L
  public int layers() {
    return stack.size();
  }

  /// The recurrence of the first layer, and of all if they are alike.
  public Cell cell() {
    return stack.getFirst().cell();
  }

  /// The hidden units of the first layer, and of all if they are alike.
  public int hidden() {
    return stack.getFirst().hidden();
  }

  /// The names of the layers' cells, each once, with commas.
  public String cellNames() {
    return stack.stream()
        .map(layer -> layer.cell().name())
        .distinct()
        .collect(Collectors.joining(","));
  }

  /// Whether all layers are alike but for what the network's wiring says.
  public boolean isUniform() {
    LayerSpec plain = new LayerSpec(cell(), hidden());
    return stack.equals(wired(Collections.nCopies(layers(), plain), wiring));
  }

  /// Whether it has `feature`, in all layers or in some.
  public boolean has(Wiring feature) {
    return wiring.contains(feature) || stack.stream().anyMatch(layer -> layer.has(feature));
  }

  /// How often a layer runs over the sequence at most: once in each direction.
  public int directions() {
    return has(Wiring.BIDIRECTIONAL) ? 2 : 1;
  }

  /// The rows of the readout's matrices.
  private static double rows(Head head, Set<Wiring> wiring) {
    double own = wiring.contains(Wiring.TIED) ? 0 : head.outputs();
    return head instanceof FactoredClasses factored ? own + factored.groups() : own;
  }

  /// The parameters of encoder and head, in floating point, where absurd sizes do not overflow. Vectors are left out.
  private static double outerCount(Encoder encoder, Head head, Set<Wiring> wiring, int width) {
    double embeddings =
        encoder.categories().stream()
            .mapToDouble(table -> (double) table.vocabulary() * table.width())
            .sum();
    return embeddings + rows(head, wiring) * width + pairs(head);
  }

  /// Numbers of the head beside its readout.
  private static double pairs(Head head) {
    return switch (head) {
      case Head.Tags tags -> (double) tags.tags() * tags.tags();
      case SeveralHeads all -> all.parts().stream().mapToDouble(part -> pairs(part.head())).sum();
      default -> 0;
    };
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

  /// As files say that were written before sequences could start from anything but zeros.
  @Override
  public String toString() {
    return "NetworkSpec[encoder=%s, stack=%s, head=%s, wiring=%s, noise=%s%s]"
        .formatted(
            encoder, stack, head, wiring, noise, start.map(own -> ", start=" + own).orElse(""));
  }

  /// The input width of layer `layer`; that of the readout for L.
  public int inputSize(int layer) {
    // Where a layer's output has the size of its input, that of the layer below counts.
    int from = layer;
    while (from > 0 && stack.get(from - 1).keepsSize()) {
      from--;
    }
    int width = encoder.width();
    for (int l = Math.max(0, from - 1); l < layer; l++) {
      width = stack.get(l).outputSize(width);
    }
    return width;
  }

  /// How many numbers layer `layer` puts out at a step.
  public int outputSize(int layer) {
    return inputSize(layer + 1);
  }

  /// How many numbers the last layer puts out at a step: H unless its cell says otherwise, in each direction.
  public int outputSize() {
    return inputSize(layers());
  }

  /// Whether the readout has one.
  public boolean hasReadoutBias() {
    return stack.getLast().cell().bias() != Bias.NONE;
  }
}
