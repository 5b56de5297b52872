package dev.unfold.run.score;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// How many spans were found, of those that tags say: `B-X` begins a span of kind X, `I-X` goes on with it, and `O` is
/// outside of any. A span is right if its kind, its first and its last step are.
///
///     precision = right / found        recall = right / there        F1 = 2 right / (found + there)
///
/// F1 is NaN where none was there and none was found.
public final class SpanScore {
  /// What `I-X` is where no span of kind X is open.
  public enum Convention {
    /// The beginning of a span, as the program conlleval has it.
    CONLLEVAL,
    /// No part of any span, as the scheme IOB2 has it.
    STRICT
  }

  /// A span, with the last step that is its own.
  ///
  /// @param kind X
  public record Span(String kind, int first, int last) {}

  /// Spans that were there, that were found, and that were found as they are.
  public record Counts(long there, long found, long right) {
    /// The harmonic mean of precision and recall.
    public double f1() {
      return 2.0 * right / (found + there);
    }

    /// The share of what was found that is right.
    public double precision() {
      return (double) right / found;
    }

    /// The share of what was there that was found.
    public double recall() {
      return (double) right / there;
    }

    Counts plus(Counts other) {
      return new Counts(there + other.there, found + other.found, right + other.right);
    }
  }

  private final Convention convention;
  private final Map<String, Counts> kinds = new TreeMap<>();

  /// A score without spans.
  public SpanScore(Convention convention) {
    this.convention = Expect.given("convention", convention);
  }

  /// What `I-X` is.
  public Convention convention() {
    return convention;
  }

  /// Counts those of one sequence.
  public void add(List<String> right, List<String> said) {
    if (right.size() != said.size()) {
      throw new Refusal("said", "T=%d tags".formatted(right.size()), said.size());
    }
    Set<Span> there = new HashSet<>(spans(right, convention));
    Set<Span> found = new HashSet<>(spans(said, convention));
    there.forEach(span -> count(span, new Counts(1, 0, found.contains(span) ? 1 : 0)));
    found.forEach(span -> count(span, new Counts(0, 1, 0)));
  }

  private void count(Span span, Counts counts) {
    kinds.merge(span.kind(), counts, Counts::plus);
  }

  /// The spans of a sequence of tags.
  ///
  /// **Errors**: [IllegalArgumentException] that names a tag of another form.
  public static List<Span> spans(List<String> tags, Convention convention) {
    List<Span> spans = new ArrayList<>();
    String open = "";
    int first = 0;
    for (int t = 0; t <= tags.size(); t++) {
      String tag = t == tags.size() ? "O" : tags.get(t);
      boolean isInside = tag.startsWith("I-");
      if (!isInside && !tag.startsWith("B-") && !tag.equals("O")) {
        throw new Refusal("tags", "O, B-KIND or I-KIND", tag);
      }
      String kind = tag.equals("O") ? "" : tag.substring(2);
      boolean goesOn = isInside && !kind.isEmpty() && kind.equals(open);
      if (goesOn) {
        continue;
      }
      if (!open.isEmpty()) {
        spans.add(new Span(open, first, t - 1));
      }
      boolean isBegun = !isInside || convention == Convention.CONLLEVAL;
      open = isBegun ? kind : "";
      first = t;
    }
    return spans;
  }

  /// Those of each kind, in the order of their names.
  public Map<String, Counts> kinds() {
    return new TreeMap<>(kinds);
  }

  /// Those of all kinds.
  public Counts all() {
    return kinds.values().stream().reduce(new Counts(0, 0, 0), Counts::plus);
  }
}
