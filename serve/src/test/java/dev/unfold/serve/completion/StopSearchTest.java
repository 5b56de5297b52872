package dev.unfold.serve.completion;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

/// Text up to the first stop, in whatever pieces it comes.
final class StopSearchTest {
  private static String passed(List<String> stops, String... pieces) {
    StopSearch search = new StopSearch(stops);
    StringBuilder told = new StringBuilder();
    for (String piece : pieces) {
      told.append(search.next(piece));
    }
    return told.append(search.end()).toString();
  }

  @Test
  void stop_inAllPieces_isFound() {
    String text = "one two, two three.";
    List<String> stops = List.of("three", "two t");
    for (int size = 1; size <= text.length(); size++) {
      String[] pieces = text.split("(?<=\\G.{" + size + "})");
      assertEquals("one two, ", passed(stops, pieces), "pieces of " + size);
    }
  }

  @Test
  void beginning_ofStop_isHeldBackUntilItIsNone() {
    StopSearch search = new StopSearch(List.of("abac"));

    assertEquals("x", search.next("xab"));
    assertEquals("", search.next("a"));
    assertEquals("ab", search.next("ba"));
    assertEquals("", search.next("c"));
    assertTrue(search.isOver());
    assertEquals("", search.next("more"));
    assertEquals("", search.end());
  }

  @Test
  void text_withoutStop_isToldWhole() {
    assertEquals("a\nb ab", passed(List.of("abc"), "a\n", "b a", "b"));
    assertEquals("text", passed(List.of(), "te", "xt"));
  }
}
