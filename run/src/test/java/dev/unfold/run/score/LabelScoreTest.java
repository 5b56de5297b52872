package dev.unfold.run.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.run.score.SpanScore.Convention;
import dev.unfold.run.score.SpanScore.Span;
import java.util.List;
import org.junit.jupiter.api.Test;

final class LabelScoreTest {
  @Test
  void shares_ofCounts_areThoseOfTheirFormulas() {
    LabelScore score = new LabelScore(List.of("a", "b", "c", "d"));
    int[][] pairs = {{0, 0}, {0, 0}, {0, 1}, {1, 1}, {1, 0}, {1, 0}, {2, 0}};
    for (int[] pair : pairs) {
      score.add(pair[0], pair[1]);
    }

    assertEquals(3.0 / 7, score.accuracy());
    assertEquals(2.0 / 5, score.precision(0));
    assertEquals(2.0 / 3, score.recall(0));
    assertEquals(2 * (0.4 * 2 / 3) / (0.4 + 2.0 / 3), score.f1(0), 1e-15);
    assertEquals(0, score.f1(2));
    assertTrue(Double.isNaN(score.precision(2)));
    assertTrue(Double.isNaN(score.recall(3)));
    assertEquals((score.f1(0) + score.f1(1) + 0) / 3, score.macroF1(), 1e-15);
    assertEquals(1, score.count(2, 0));
    assertEquals(2, score.count(0, 0));
    assertEquals(
        List.of(
            new LabelScore.Mistake(1, 0, 2),
            new LabelScore.Mistake(0, 1, 1),
            new LabelScore.Mistake(2, 0, 1)),
        score.mistakes());
  }

  @Test
  void spans_inBothConventions_differWhereInsideBegins() {
    List<String> tags = List.of("I-A", "I-A", "O", "B-A", "I-B", "B-B", "B-B", "I-B");

    assertEquals(
        List.of(
            new Span("A", 0, 1),
            new Span("A", 3, 3),
            new Span("B", 4, 4),
            new Span("B", 5, 5),
            new Span("B", 6, 7)),
        SpanScore.spans(tags, Convention.CONLLEVAL));
    assertEquals(
        List.of(new Span("A", 3, 3), new Span("B", 5, 5), new Span("B", 6, 7)),
        SpanScore.spans(tags, Convention.STRICT));
    assertThrows(
        IllegalArgumentException.class, () -> SpanScore.spans(List.of("E-A"), Convention.STRICT));
  }

  /// By hand: the kinds A and B, of which one is found too short.
  @Test
  void f1_ofSpans_isByKindAndInAll() {
    SpanScore score = new SpanScore(Convention.STRICT);
    score.add(List.of("B-A", "I-A", "O", "B-B"), List.of("B-A", "O", "O", "B-B"));
    score.add(List.of("O"), List.of("B-B"));

    assertEquals(new SpanScore.Counts(1, 1, 0), score.kinds().get("A"));
    assertEquals(new SpanScore.Counts(1, 2, 1), score.kinds().get("B"));
    assertEquals(new SpanScore.Counts(2, 3, 1), score.all());
    assertEquals(0.4, score.all().f1(), 1e-15);
    assertEquals(1.0 / 3, score.all().precision());
    assertEquals(0.5, score.all().recall());
    assertThrows(IllegalArgumentException.class, () -> score.add(List.of("O"), List.of()));
  }
}
