package dev.unfold.data.table;

import static org.junit.jupiter.api.Assertions.assertEquals;

import de.siegmar.fastcsv.writer.CsvWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Random tables come back as they were written.
final class RandomTableTest {
  private static final long SEED = 2026;

  @TempDir private Path folder;

  @Test
  void tables_writtenAndRead_areEqual() {
    System.out.println("RandomTableTest: seed " + SEED);
    SplittableRandom seeds = new SplittableRandom(SEED);
    for (int i = 0; i < 150; i++) {
      long seed = seeds.nextLong();
      check(new SplittableRandom(seed), "table " + i + " of seed " + seed);
    }
  }

  private void check(SplittableRandom random, String which) {
    char delimiter = new char[] {',', ';', '\t', '|'}[random.nextInt(4)];
    boolean comma = delimiter != ',' && random.nextBoolean();
    int width = random.nextInt(2, 8);
    int height = random.nextInt(1, 60);
    int[] kinds = random.ints(width, 0, 4).toArray();
    List<List<Object>> rows = new ArrayList<>();
    for (int r = 0; r < height; r++) {
      List<Object> row = new ArrayList<>();
      for (int kind : kinds) {
        // The first row is whole, so that no column is empty.
        row.add(r > 0 && random.nextInt(8) == 0 ? null : value(random, kind));
      }
      rows.add(row);
    }
    // A text column says that it is one.
    for (int c = 0; c < width; c++) {
      if (kinds[c] == 3) {
        rows.getFirst().set(c, "x\u00e9");
      }
    }
    String content = write(rows, delimiter, comma, width);
    TableOptions options =
        TableOptions.defaults().withDelimiter(delimiter).withDecimal(comma ? ',' : '.');
    try (Table table = new Tables(folder).read(content, options)) {
      assertEquals(height, table.rowCount(), which);
      table.rows(row -> {
        for (int c = 0; c < width; c++) {
          Object expected = rows.get((int) row.number()).get(c);
          assertEquals(expected, read(row, c, kinds[c]), which + ", row " + row.number());
        }
      });
    }
  }

  private static Object value(SplittableRandom random, int kind) {
    return switch (kind) {
      case 0 -> (double) random.nextInt(-1000, 1000);
      case 1 -> random.nextInt(4) == 0 ? random.nextDouble() * 1e-12 : random.nextDouble(-1e6, 1e6);
      case 2 ->
          LocalDateTime.ofEpochSecond(
              random.nextLong(-4_000_000_000L, 4_000_000_000L), 0, ZoneOffset.UTC);
      default -> text(random);
    };
  }

  /// No blanks at the ends, which are left out, and none of the texts for missing.
  private static String text(SplittableRandom random) {
    String letters = "ab,;|\t\"\n \u00e9\uD83D\uDE00'#";
    StringBuilder text = new StringBuilder("x");
    for (int i = random.nextInt(8); i > 0; i--) {
      int at =
          letters.offsetByCodePoints(
              0, random.nextInt(letters.codePointCount(0, letters.length())));
      text.appendCodePoint(letters.codePointAt(at));
    }
    return text.append('y').toString();
  }

  private static String write(List<List<Object>> rows, char delimiter, boolean comma, int width) {
    StringWriter out = new StringWriter();
    CsvWriter writer = CsvWriter.builder().fieldSeparator(delimiter).bufferSize(0).build(out);
    List<String> names = new ArrayList<>();
    for (int c = 0; c < width; c++) {
      names.add("c" + c);
    }
    writer.writeRecord(names);
    for (List<Object> row : rows) {
      writer.writeRecord(row.stream().map(value -> written(value, comma)).toList());
    }
    return out.toString();
  }

  private static String written(Object value, boolean comma) {
    return switch (value) {
      case null -> "";
      case Double number when number == Math.rint(number) -> Long.toString(number.longValue());
      case Double number -> comma ? number.toString().replace('.', ',') : number.toString();
      default -> value.toString();
    };
  }

  private static Object read(Row row, int column, int kind) {
    if (row.isMissing(column)) {
      return null;
    }
    return switch (kind) {
      case 0, 1 -> row.number(column);
      case 2 -> LocalDateTime.ofEpochSecond(row.time(column) / 1_000_000, 0, ZoneOffset.UTC);
      default -> row.text(column);
    };
  }
}
