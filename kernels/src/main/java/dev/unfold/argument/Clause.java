package dev.unfold.argument;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;

/// What an option says that has more to say than a number, in the grammar that all such options have:
///
///     clause = [head ","] part { "," part }    step,every=2    recurrent=orthogonal,bias=0    tied,factored
///     part   = term | name "=" term            variational     bias=uniform:0.1
///     term   = word | number | word ":" number
///
/// A head is the first part as it stands; whether there is one is a matter of the option. No part is empty, and none
/// stands there twice, unless they are steps of a [#sequence]. Blanks may stand beside a comma or a sign of equality,
/// and nowhere else.
///
///     Clause read = Clause.headed("schedule", "step,every=2").only("every", "factor");
///     new Step(read.whole("every", 1, 1), read.number("factor", 0.5));
///
/// **Errors**: each method that reads throws a [Refusal] of the option for what it has no use for.
public final class Clause {
  private final String option;

  /// What a part has to be, for messages.
  private final String form;

  private final Optional<String> head;
  private final List<Part> parts;

  /// What stands between two commas.
  ///
  /// @param name empty for a term alone
  /// @param term empty if nothing follows the sign of equality
  public record Part(String name, String term) {
    /// Whether it has no name.
    public boolean isBare() {
      return name.isEmpty();
    }

    /// The term as a number, if it is one.
    public OptionalDouble number() {
      return Decimal.parse(term);
    }

    /// As it is written.
    public String text() {
      return isBare() ? term : name + "=" + term;
    }

    /// Of which there may be one only.
    private String key() {
      return isBare() ? term : name;
    }
  }

  private Clause(String option, String form, Optional<String> head, List<Part> parts) {
    this.option = option;
    this.form = form;
    this.head = head;
    this.parts = parts;
  }

  /// Reads a head with numbers by name: `sgd,momentum=0.9`.
  ///
  /// @param option which option it is, for messages
  public static Clause headed(String option, String text) {
    return headed(option, "", text);
  }

  /// The same for an option that says in a way of its own what it expects.
  ///
  /// @param form what the whole text has to be, for messages
  public static Clause headed(String option, String form, String text) {
    List<String> pieces = pieces(option, text);
    String head = pieces.removeFirst();
    String expected = form.isEmpty() ? "NAME=NUMBER after " + head : form;
    if (head.isEmpty() && !pieces.isEmpty()) {
      throw new Refusal(option, "a name before the first comma", "none in \"" + text + "\"");
    }
    List<Part> parts = pieces.isEmpty() ? List.of() : parts(option, expected, text, pieces);
    for (Part part : parts) {
      if (part.isBare() || part.number().isEmpty()) {
        throw new Refusal(option, expected, part.text());
      }
    }
    return new Clause(option, expected, Optional.of(head), parts);
  }

  /// Reads parts alone: `tied,factored`, `P=3`.
  ///
  /// @param form what a part has to be, for messages
  public static Clause list(String option, String form, String text) {
    return new Clause(
        option, form, Optional.empty(), parts(option, form, text, pieces(option, text)));
  }

  /// The same for an option that may be given several times: all parts in their order; none if it is not given.
  public static Clause list(String option, String form, List<String> texts) {
    // Each for itself first: two that each end with a comma are not one with an empty part.
    texts.forEach(text -> list(option, form, text));
    return texts.isEmpty()
        ? new Clause(option, form, Optional.empty(), List.of())
        : list(option, form, String.join(",", texts));
  }

  /// Reads parts whose order counts, and which may stand there several times: `lstm:64,gru:32,gru:32`.
  ///
  /// @param form what a part has to be, for messages
  public static Clause sequence(String option, String form, String text) {
    return new Clause(
        option, form, Optional.empty(), parts(option, form, text, pieces(option, text), false));
  }

  /// A clause to be written, without parts and without a head.
  public static Clause empty() {
    return new Clause("", "", Optional.empty(), List.of());
  }

  /// A clause to be written, with a head alone.
  public static Clause of(String head) {
    return new Clause("", "", Optional.of(head), List.of());
  }

  private static List<String> pieces(String option, String text) {
    if (!Expect.given(option, text).equals(text.strip())) {
      throw new Refusal(option, "no blank at either end", "\"" + text + "\"");
    }
    List<String> pieces = new ArrayList<>();
    for (String piece : text.split(",", -1)) {
      pieces.add(piece.strip());
    }
    return pieces;
  }

  private static List<Part> parts(String option, String form, String text, List<String> pieces) {
    return parts(option, form, text, pieces, true);
  }

  private static List<Part> parts(
      String option, String form, String text, List<String> pieces, boolean areDifferent) {
    List<Part> parts = new ArrayList<>();
    Set<String> keys = new HashSet<>();
    if (text.isEmpty()) {
      throw new Refusal(option, form, text);
    }
    for (String piece : pieces) {
      if (piece.isEmpty()) {
        throw new Refusal(option, form + " between commas", "none in \"" + text + "\"");
      }
      int sign = piece.indexOf('=');
      Part part =
          sign < 0
              ? new Part("", piece)
              : new Part(piece.substring(0, sign).strip(), piece.substring(sign + 1).strip());
      if (sign >= 0 && part.isBare()) {
        throw new Refusal(option, form, piece);
      }
      if (!keys.add(part.key()) && areDifferent) {
        throw new Refusal(option, "each once", "another " + part.text());
      }
      parts.add(part);
    }
    return List.copyOf(parts);
  }

  /// What it begins with.
  public String head() {
    return head.orElseThrow();
  }

  /// What follows the head.
  public List<Part> parts() {
    return parts;
  }

  /// Itself, if it has no parts but of these names.
  public Clause only(String... names) {
    for (Part part : parts) {
      if (!List.of(names).contains(part.key())) {
        String expected = names.length == 0 ? "no numbers" : "one of " + List.of(names);
        throw refusal(expected, part.key());
      }
    }
    return this;
  }

  /// The number of that name, or `usual` if there is none.
  public double number(String name, double usual) {
    OptionalDouble number = number(name);
    return number.isPresent() ? number.getAsDouble() : usual;
  }

  /// The whole number of `least` or more of that name, or `usual` if there is none.
  public int whole(String name, int least, int usual) {
    OptionalDouble number = number(name);
    if (number.isEmpty()) {
      return usual;
    }
    OptionalInt whole = Decimal.whole(number.getAsDouble());
    if (whole.isEmpty() || whole.getAsInt() < least) {
      throw refusal("a whole number of %d or more for %s".formatted(least, name), term(name));
    }
    return whole.getAsInt();
  }

  /// As it is written.
  private String term(String name) {
    return parts.stream().filter(part -> part.name().equals(name)).findFirst().orElseThrow().term();
  }

  private OptionalDouble number(String name) {
    for (Part part : parts) {
      if (part.name().equals(name)) {
        if (part.number().isEmpty()) {
          throw new Refusal(option, form + " with a number", part.text());
        }
        return part.number();
      }
    }
    return OptionalDouble.empty();
  }

  /// All parts as whole numbers of `least` or more, without names.
  public int[] wholes(int least) {
    int[] wholes = new int[parts.size()];
    for (int i = 0; i < wholes.length; i++) {
      Part part = parts.get(i);
      OptionalInt whole = Decimal.whole(part.number().orElse(Double.NaN));
      if (!part.isBare() || whole.isEmpty() || whole.getAsInt() < least) {
        throw refusal(part);
      }
      wholes[i] = whole.getAsInt();
    }
    return wholes;
  }

  /// What to throw for a part that cannot be used.
  public Refusal refusal(Part part) {
    return new Refusal(option, form, part.text());
  }

  private Refusal refusal(String expected, Object got) {
    return head.isEmpty()
        ? new Refusal(option, expected, got)
        : Refusal.within(option, head.get(), expected, got);
  }

  /// The same with a part more.
  public Clause with(String name, Object term) {
    return with(new Part(name, term.toString()));
  }

  /// The same with a part more, unless its number is what it is if nothing is said of it.
  public Clause withUnusual(String name, double number, double usual) {
    return number == usual ? this : with(name, number);
  }

  /// The same with a word more.
  public Clause with(String word) {
    return with(new Part("", word));
  }

  private Clause with(Part part) {
    List<Part> more = new ArrayList<>(parts);
    more.add(part);
    return new Clause(option, form, head, List.copyOf(more));
  }

  /// As it is read.
  public String text() {
    List<String> pieces = new ArrayList<>();
    head.ifPresent(pieces::add);
    parts.forEach(part -> pieces.add(part.text()));
    return String.join(",", pieces);
  }
}
