package dev.unfold.data.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.argument.Refusal;
import dev.unfold.data.source.DataException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that would take all memory, or are no text.
final class HostileTableTest {
  @TempDir private Path folder;

  private String refusal(String content) {
    return new Tables(folder).refusal(content);
  }

  @Test
  void field_ofMillionsOfCharacters_isRefused() {
    assertTrue(
        refusal("a,b\n1,2\n3," + "x".repeat(6_000_000) + "\n")
            .startsWith(
                "line 3: expected values of at most 4,194,304 characters, got a longer one"));
    assertTrue(
        refusal("{\"a\":1}\n{\"a\":\"" + "x".repeat(6_000_000) + "\"}\n")
            .startsWith("line 2: expected values of at most 4,194,304 characters"));
  }

  @Test
  void quote_thatIsNeverClosed_isRefusedWithItsLine() {
    assertTrue(
        refusal("a,b\n1,2\n\"3,4\n5,6\n")
            .startsWith("line 3: expected a quote \" that ends a value"));
    assertTrue(
        refusal("a,b\n1,2\n\"3,4\n" + "5,6\n".repeat(2_000_000))
            .startsWith(
                "line 3: expected values of at most 4,194,304 characters, got a longer one; a"
                    + " quote"));
  }

  @Test
  void characters_behindAClosingQuote_areRefused() {
    assertTrue(
        refusal("a,b\n1,2\n\"3\"x,4\n")
            .startsWith("line 3: expected a quote \" that ends a value"));
  }

  @Test
  void nul_inAText_isRefusedWithItsLine() {
    assertTrue(
        refusal("a,b\n1,2\n3,\0\n").startsWith("line 3: expected text, got a NUL character"));
  }

  @Test
  void columns_beyondTheMost_areRefused() {
    assertTrue(
        refusal("a" + ",a".repeat(99_999) + "\n")
            .startsWith("line 1: expected at most 65,536 values in a row, got more"));
    StringBuilder members = new StringBuilder("{\"a\":1");
    for (int i = 0; i < 100_000; i++) {
      members.append(",\"").append(i).append("\":1");
    }
    assertTrue(
        refusal(members + "}\n").startsWith("line 1: expected at most 65,536 columns, got more"));
  }

  @Test
  void row_ofManyLongValues_isRefused() {
    String wide = ("x".repeat(1_000_000) + ",").repeat(20);
    assertTrue(
        refusal("a" + ",a".repeat(20) + "\n" + wide + "\n")
            .startsWith("line 1: expected another name"));
    StringBuilder names = new StringBuilder("a");
    for (int i = 0; i < 20; i++) {
      names.append(",b").append(i);
    }
    assertTrue(
        refusal(names + "\n" + wide + "\n")
            .startsWith(
                "line 2: expected a row of at most 16,777,216 characters, got a longer one"));
  }

  @Test
  void objects_inObjects_areRefused() {
    assertTrue(
        refusal("{\"a\":1}\n{\"a\":{\"b\":1}}\n").startsWith("line 2, column a: expected a text"));
    assertTrue(refusal("{\"a\":".repeat(10_000)).startsWith("line 1"));
  }

  /// Whatever the bytes are, what comes is a table or a refusal.
  @Test
  void bytes_atRandom_areATableOrARefusal() {
    long seed = 17;
    System.out.println("HostileTableTest: seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    byte[] alphabet = "ab,;\t|\"\n\r{}:[]0123456789.-/ Te\\\u00e9".getBytes(StandardCharsets.UTF_8);
    int tables = 0;
    for (int i = 0; i < 3000; i++) {
      byte[] content = new byte[random.nextInt(1, 60)];
      for (int k = 0; k < content.length; k++) {
        content[k] = alphabet[random.nextInt(alphabet.length)];
      }
      Path file = new Tables(folder).write("r", content);
      try (Table table = Table.read(file)) {
        table.rows(row -> assertEquals(table.columns().size(), row.width()));
        tables++;
      } catch (DataException | Refusal e) {
        assertEquals(1, e.getMessage().lines().count());
        assertTrue(e.getMessage().contains("expected"), e.getMessage());
      }
    }
    assertTrue(tables > 100, "tables: " + tables);
  }

  /// Refused by size: the whole test runs with less memory than the line has characters.
  @Test
  @Tag("slow")
  void line_ofTwoGigabytes_isRefused() throws IOException {
    Path file = folder.resolve("huge.csv");
    byte[] piece = "x".repeat(1 << 20).getBytes(StandardCharsets.US_ASCII);
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int i = 0; i < 2100; i++) {
        out.write(piece);
      }
    }
    DataException e = assertThrows(DataException.class, () -> Table.read(file).close());
    assertTrue(
        e.getMessage().contains("line 1: expected values of at most 4,194,304"), e.getMessage());
  }
}
