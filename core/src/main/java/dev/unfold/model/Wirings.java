package dev.unfold.model;

import dev.unfold.argument.Clause;
import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Head;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// What people choose of a network beyond layers one above the other, by names: `residual`, `tied`, and `factored`,
/// which is said of its head.
///
/// @param ofNetwork what the network has
/// @param isFactored whether its softmax is factored
public record Wirings(Set<Wiring> ofNetwork, boolean isFactored) {
  /// Copies the set.
  public Wirings {
    ofNetwork = Set.copyOf(ofNetwork);
  }

  /// What the texts of [#parse] may name.
  public static final String NAMES = "residual, tied or factored";

  /// What the texts of [#parseAll] may name.
  public static final String ALL = "bidirectional, residual, tied or factored";

  private static final String FACTORED = "factored";

  /// Those of a network.
  public static Wirings of(NetworkSpec spec) {
    return new Wirings(spec.wiring(), spec.factored().isPresent());
  }

  /// Reads names between commas, as `tied,factored`; none of no texts. A network of both directions cannot predict what
  /// it has read, so nobody chooses that by a text.
  ///
  /// **Errors**: [IllegalArgumentException] for anything else.
  public static Wirings parse(List<String> texts) {
    return parse(texts, NAMES, EnumSet.of(Wiring.RESIDUAL, Wiring.TIED));
  }

  /// The same with `bidirectional`, for networks of which nothing else is known.
  ///
  /// **Errors**: as [#parse].
  public static Wirings parseAll(List<String> texts) {
    return parse(texts, ALL, EnumSet.allOf(Wiring.class));
  }

  private static Wirings parse(List<String> texts, String names, Set<Wiring> known) {
    Set<Wiring> wiring = EnumSet.noneOf(Wiring.class);
    boolean isFactored = false;
    Clause read = Clause.list("wiring", names, texts);
    for (Clause.Part part : read.parts()) {
      if (part.text().equals(FACTORED)) {
        isFactored = true;
      } else {
        wiring.add(
            known.stream()
                .filter(one -> name(one).equals(part.text()))
                .findFirst()
                .orElseThrow(() -> read.refusal(part)));
      }
    }
    return new Wirings(wiring, isFactored);
  }

  /// The head that is meant with `head`: its classes are factored if that was chosen.
  ///
  /// @return empty if it has no classes that could be
  public Optional<Head> head(Head head) {
    if (!isFactored) {
      return Optional.of(head);
    }
    return head instanceof Head.Classes all
        ? Optional.of(new FactoredClasses(all.classes()))
        : Optional.empty();
  }

  /// As [#parse] reads it.
  public String text() {
    Set<String> names = new TreeSet<>(ofNetwork.stream().map(Wirings::name).toList());
    if (isFactored) {
      names.add(FACTORED);
    }
    return String.join(",", names);
  }

  private static String name(Wiring wiring) {
    return wiring.name().toLowerCase(Locale.ROOT);
  }
}
