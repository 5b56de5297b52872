package dev.unfold.model;

import dev.unfold.argument.Clause;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What a network has beyond layers one above the other.
public enum Wiring {
  /// Each layer runs its cell in both directions, each with parameters of its own; its output is both outputs side by
  /// side, `[h(t), h_reverse(t)]`. The reverse direction starts at each sequence's own last step. The reverse
  /// parameters have the suffix `_reverse`, as in PyTorch.
  BIDIRECTIONAL,

  /// To the output of each layer but the first its input is added: `x_{l+1}(t) = h_l(t) + x_l(t)`.
  RESIDUAL,

  /// The readout's matrix is that of the embedding: `net_y(t) = E x(t) + b`. There is no `head.weight` then.
  ///
  /// **Source**: O. Press and L. Wolf, Using the output embedding to improve language models, EACL 2017.
  TIED,

  /// The softmax is one over groups of classes, and one over the classes of a group: about 2 sqrt(K) net inputs for each step
  /// instead of K, and the probabilities are exact. Group g has the classes from g S to g S + S - 1, with S = sqrt(K), rounded
  /// up; its vector is row g of `head.group_weight`, with `head.group_bias`. Words in the order of their frequency make good
  /// groups.
  ///
  /// **Source**: J. Goodman, Classes for fast maximum entropy training, ICASSP 2001.
  FACTORED;

  /// What the texts of [#parse] may name.
  public static final String NAMES = "residual, tied or factored";

  /// Reads names between commas, as `tied,factored`; none of no texts. A network of both directions cannot predict what
  /// it has read, so nobody chooses that by a text.
  ///
  /// **Errors**: [IllegalArgumentException] for anything else.
  public static Set<Wiring> parse(List<String> texts) {
    Set<Wiring> wiring = EnumSet.noneOf(Wiring.class);
    Clause read = Clause.list("wiring", NAMES, texts);
    for (Clause.Part part : read.parts()) {
      wiring.add(
          switch (part.text()) {
            case "residual" -> RESIDUAL;
            case "tied" -> TIED;
            case "factored" -> FACTORED;
            default -> throw read.refusal(part);
          });
    }
    return wiring;
  }

  /// As [#parse] reads it.
  public static String text(Set<Wiring> wiring) {
    Clause names = Clause.empty();
    for (String name : wiring.stream().map(Wiring::lowerCase).sorted().toList()) {
      names = names.with(name);
    }
    return names.text();
  }

  private String lowerCase() {
    return name().toLowerCase(Locale.ROOT);
  }
}
