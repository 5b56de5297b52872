package dev.unfold.data.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.data.sets.SetSequences;
import dev.unfold.data.source.DataException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// Arguments that cannot be used are refused where they enter, by name.
final class ArgumentTest {
  private static final Vocabulary LETTERS = Vocabulary.of(Unit.CHAR, List.of("a", "b", "\uFFFD"));
  private static final List<Path> NONE = List.of();

  @Test
  void null_asAnyArgument_isNamed() {
    Map<Executable, String> calls =
        Map.ofEntries(
            Map.entry(() -> Corpus.read(null, NONE), "unit"),
            Map.entry(() -> Corpus.read(Unit.CHAR, null), "files"),
            Map.entry(() -> Corpus.read(Unit.CHAR, Arrays.asList((Path) null)), "files[0]"),
            Map.entry(() -> Corpus.read(Unit.CHAR, null, NONE), "training"),
            Map.entry(() -> Corpus.read(Unit.CHAR, NONE, null), "validation"),
            Map.entry(() -> Corpus.of(null, "name", "text"), "unit"),
            Map.entry(() -> Corpus.of(Unit.WORD, null, "text"), "name"),
            Map.entry(() -> Corpus.of(Unit.WORD, "name", null), "text"),
            Map.entry(() -> Text.read(null, NONE), "vocabulary"),
            Map.entry(() -> Text.read(LETTERS, null), "files"),
            Map.entry(() -> Text.of(null, "name", "a"), "vocabulary"),
            Map.entry(() -> Text.of(LETTERS, null, "a"), "name"),
            Map.entry(() -> Text.of(LETTERS, "name", null), "text"),
            Map.entry(() -> new Text("name", null, Replaced.NONE, List.of()), "tokens"),
            Map.entry(() -> Vocabulary.of(null, List.of("a")), "unit"),
            Map.entry(() -> Vocabulary.of(Unit.CHAR, null), "tokens"),
            Map.entry(() -> Vocabulary.of(Unit.CHAR, Arrays.asList("a", null)), "tokens[1]"),
            Map.entry(() -> LETTERS.id(null), "token"),
            Map.entry(() -> LETTERS.encode(null), "text"),
            Map.entry(() -> LETTERS.decode((int[]) null), "tokens"),
            Map.entry(() -> new Decoder(null), "vocabulary"),
            Map.entry(() -> LagInformation.of(null, 2, 1), "tokens"),
            Map.entry(() -> SetSequences.read(null), "files"),
            Map.entry(() -> SetSequences.read(Arrays.asList((Path) null)), "files"),
            Map.entry(() -> new SetSequences("name", null, 1, List.of()), "sequences"));
    calls.forEach((call, name) -> {
      NullPointerException e = assertThrows(NullPointerException.class, call, name);
      assertTrue(String.valueOf(e.getMessage()).startsWith(name + ": expected "), e.getMessage());
    });
  }

  @Test
  void argument_outOfRange_isNamed() {
    refused(
        "training: expected at least one file, got none", () -> Corpus.read(Unit.CHAR, NONE, NONE));
    refused("files: expected at least one, got none", () -> Text.read(LETTERS, NONE));
    refused("files: expected at least one, got none", () -> SetSequences.read(NONE));
    Text text = Text.of(LETTERS, "name", "abab");
    refused("steps: expected T of 1 or more, got 0", () -> text.requireWindow(0));
    refused("lags: expected 1 or more, got 0", () -> LagInformation.of(new int[4], 2, 0));
    refused("tokens: expected more than 4 lags, got 4", () -> LagInformation.of(new int[4], 2, 4));
    refused(
        "tokens[1]: expected 0 to 1, got 2", () -> LagInformation.of(new int[] {0, 2, 1}, 2, 1));
    refused("tokens[0]: expected 0 to 1, got -1", () -> LagInformation.of(new int[] {-1, 2}, 2, 1));
    SetSequences sets = new SetSequences("name", List.of(), 0, List.of());
    refused("width: expected 1 or more, got 0", () -> sets.require(0));
  }

  @Test
  void message_aboutAnyName_isOneLine() {
    DataException e =
        assertThrows(
            DataException.class, () -> Corpus.read(Unit.CHAR, List.of(Path.of("a\nb\u202ec"))));
    assertEquals("a?b?c: expected a file, found none", e.getMessage());
  }

  private static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }
}
