package dev.unfold.run.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.data.source.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Lists of tokens are read in each form, and what is none says where.
final class ForeignTokensTest {
  @TempDir private Path folder;

  private List<String> tokens(String name, String text) throws IOException {
    return ForeignTokens.read(Files.writeString(folder.resolve(name), text));
  }

  private void assertRefused(String message, String name, String text) {
    DataException refusal = assertThrows(DataException.class, () -> tokens(name, text));
    String file = folder.resolve(name).toString();
    assertTrue(refusal.getMessage().startsWith(file + ": " + message), () -> refusal.getMessage());
  }

  @Test
  void tokens_ofEachForm_areRead() throws IOException {
    List<String> expected = List.of("[", "b", "\n");
    for (String name : List.of("v.json", "v.txt")) {
      for (String mark : List.of("", "\uFEFF")) {
        assertEquals(expected, tokens(name, mark + "[\"[\", \"b\", \"\\n\"]"));
        assertEquals(expected, tokens(name, mark + "\n{\n  \"b\": 1, \"\\n\": 2, \"[\": 0}"));
      }
    }
    assertEquals(List.of("[", "b", " "), tokens("v.txt", "[\nb\n \n"));
    assertEquals(List.of("a", "b"), tokens("v.txt", "\uFEFFa\r\nb"));
    assertEquals(List.of("\uFEFF"), tokens("v.txt", "\uFEFF\uFEFF\n"));
  }

  @Test
  void lines_thatBeginWithABracket_areTokens() throws IOException {
    assertEquals(List.of("{", "\"", "b"), tokens("v.txt", "{\n\"\nb\n"));
    assertEquals(List.of("[", "]"), tokens("v.txt", "[\n]\n"));
    assertEquals(List.of("[PAD]", "[UNK]"), tokens("v.txt", "[PAD]\n[UNK]\n"));
  }

  @Test
  void json_thatIsBroken_isRefusedWithItsLine() {
    String pretty = "[\n\"a\",\n\"b\",\n\"c\",,\n]";
    assertRefused("line 4: expected JSON, got what is none: Unexpected char", "v.txt", pretty);
    assertRefused("line 4: expected JSON, got what is none: Unexpected char", "v.json", pretty);
    assertRefused("line 2: expected JSON", "v.json", "\na\n\nb");
    assertRefused("line 1: expected JSON", "v.txt", "[\"a\"] \"b\"");
    assertRefused("line 2: expected JSON, got what is none: Dupl", "v.txt", "{\"a\":0,\n\"a\":1}");
  }

  @Test
  void json_ofAnotherKind_isRefusedWithWhatItIs() {
    assertRefused("expected a JSON array of tokens", "v.json", "\"abc\"");
    assertRefused(
        "expected the number of each token, got an object for \"model\"",
        "v.txt",
        "{\"model\": {\"vocab\": {\"a\": 0}}}");
    assertRefused(
        "expected the numbers 0 to 1, each for one token, got 2 for \"b\"",
        "v.json",
        "{\"a\": 0, \"b\": 2}");
    assertRefused(
        "expected the numbers 0 to 1, each for one token, got 0.0 for \"a\"",
        "v.json",
        "{\"a\": 0.0, \"b\": 1}");
    assertRefused(
        "tokens[1]: expected a text of a character or more, got null", "v.json", "[\"a\", null]");
    assertRefused("tokens[1]: expected a text", "v.json", "[\"a\", \"\"]");
  }

  @Test
  void file_withoutTokens_isRefused() {
    assertRefused("expected tokens, one on each line or as JSON, found none", "v.txt", "");
    assertRefused("expected tokens", "v.json", "{}");
    assertRefused("line 2: tokens[1]: expected a token", "v.txt", "a\n\nc\n");
    Path none = folder.resolve("none");
    DataException refusal = assertThrows(DataException.class, () -> ForeignTokens.read(none));
    assertEquals(none + ": expected a file, found none", refusal.getMessage());
    assertThrows(DataException.class, () -> ForeignTokens.read(folder));
  }
}
