package dev.unfold.data.table;

import static dev.unfold.data.table.ColumnType.BOOLEAN;
import static dev.unfold.data.table.ColumnType.EMPTY;
import static dev.unfold.data.table.ColumnType.NUMBER;
import static dev.unfold.data.table.ColumnType.TEXT;
import static dev.unfold.data.table.ColumnType.TIME;
import static dev.unfold.data.table.ColumnType.WHOLE;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What tables are read as.
final class TableTest {
  @TempDir private Path folder;

  private Table read(String content) {
    return new Tables(folder).read(content);
  }

  private Table read(String content, TableOptions options) {
    return new Tables(folder).read(content, options);
  }

  private static long micros(String time) {
    return LocalDateTime.parse(time).toEpochSecond(ZoneOffset.UTC) * 1_000_000;
  }

  @Test
  void types_ofColumns_followFromAllValues() {
    Table table =
        read(
            """
            a,b,c,d,e,f
            1,1.5,x,2024-01-01,true,
            2,2e3,y,2024-01-02,False,NA
            """);

    assertEquals(List.of(WHOLE, NUMBER, TEXT, TIME, BOOLEAN, EMPTY), Tables.types(table));
    assertEquals(2, table.rowCount());
    assertArrayEquals(new double[] {1.5, 2000}, Tables.numbers(table, "b"));
  }

  @Test
  void column_ofNumbersWhoseLastValueIsText_isTextAndSaysWhere() {
    StringBuilder content = new StringBuilder("t,v\n");
    for (int i = 0; i < 5000; i++) {
      content.append(i).append(",1.5\n");
    }
    content.append("5000,broken\n");

    Column column = read(content.toString()).column("v");

    assertEquals(TEXT, column.type());
    Column.Odd odd = column.odd().orElseThrow();
    assertEquals(5002, odd.place().line());
    assertEquals("broken", odd.value());
    assertEquals(5000, odd.count());
    assertEquals(1, odd.others());
    assertEquals(NUMBER, odd.type());
  }

  @Test
  void delimiter_ofEachKind_isFound() {
    for (String delimiter : List.of(",", ";", "\t", "|")) {
      String content = "a,b\n1,x y\n2,z\n".replace(",", delimiter);
      assertEquals(
          List.of(List.of("1", "x y"), List.of("2", "z")), Tables.texts(read(content)), delimiter);
    }
  }

  @Test
  void delimiter_besideDecimalCommas_isTheSemicolon() {
    Table table = read("a;b;c\n1,5;2,25;x\n-0,5;3;y\n");

    assertEquals(List.of(NUMBER, NUMBER, TEXT), Tables.types(table));
    assertArrayEquals(new double[] {1.5, -0.5}, Tables.numbers(table, "a"));
    assertArrayEquals(new double[] {2.25, 3}, Tables.numbers(table, "b"));
  }

  @Test
  void decimalComma_ofAnotherColumn_decidesWhereAColumnCannot() {
    Table table = read("a;b\n1,234;1,5\n2,345;2,5\n");

    assertArrayEquals(new double[] {1.234, 2.345}, Tables.numbers(table, "a"));
  }

  @Test
  void decimal_thatIsSaid_decidesWhereNothingDoes() {
    Table table = read("a;b\n1,234;x\n2,345;y\n", TableOptions.defaults().withDecimal(','));

    assertArrayEquals(new double[] {1.234, 2.345}, Tables.numbers(table, "a"));
  }

  @Test
  void quotes_withDelimitersLineBreaksAndQuotes_areOneValue() {
    Table table = read("a,b\n\"x, \"\"y\"\"\nz\",1\nw,2\n");

    assertEquals(List.of(List.of("x, \"y\"\nz", "1"), List.of("w", "2")), Tables.texts(table));
    table.rows(row -> assertEquals(row.number() == 0 ? 2 : 4, row.place().line()));
  }

  @Test
  void lines_withCarriageReturnsBlankLinesAndNoEnd_areRows() {
    assertEquals(
        List.of(List.of("1", "2"), List.of("3", "4")), Tables.texts(read("a,b\r\n1,2\r\n\r\n3,4")));
  }

  @Test
  void byteOrderMark_inFrontOfNames_isLeftOut() {
    assertEquals("a", read("\uFEFFa,b\n1,2\n").columns().getFirst().name());
    Path file =
        new Tables(folder)
            .write("u.csv", "\uFEFFa,b\n1,\u00e9\n".getBytes(StandardCharsets.UTF_16LE));
    Table table =
        Table.read(
            List.of(TableFile.of(file)),
            TableOptions.defaults().withEncoding(StandardCharsets.UTF_16));
    assertEquals(List.of(List.of("1", "\u00e9")), Tables.texts(table));
  }

  @Test
  void missing_inAllItsForms_isNoValue() {
    Table table =
        read(
            "a,b\n1,\n,NA\nNaN,?\nnan,x\n2,-1\n",
            TableOptions.defaults().withMissing(Set.of("-1")));

    assertEquals(
        List.of(
            Arrays.asList("1", null),
            Arrays.asList(null, null),
            Arrays.asList(null, null),
            Arrays.asList(null, "x"),
            Arrays.asList("2", null)),
        Tables.texts(table));
    assertEquals(3, table.column("a").missing());
    assertEquals(4, table.column("b").missing());
    assertEquals(0.6, table.column("a").missingShare());
  }

  @Test
  void blanks_aroundNumbers_areLeftOut() {
    assertArrayEquals(
        new double[] {96.7, -1}, Tables.numbers(read("a;b\n  96.7;1\n -1.0 ;2\n"), "a"));
  }

  @Test
  void times_ofManyForms_areRead() {
    String day = "2024-03-05T00:00:00";
    String[][] cases = {
      {"2024-03-05", day},
      {"2024/3/5", day},
      {"2024.03.05", day},
      {"2024-03-05 07:08", "2024-03-05T07:08:00"},
      {"2024-03-05T07:08:09", "2024-03-05T07:08:09"},
      {"2024-03-05 07:08:09.250", "2024-03-05T07:08:09.250"},
      {"2024-03", "2024-03-01T00:00:00"},
      {"2024-Q2", "2024-04-01T00:00:00"},
      {"2024Q2", "2024-04-01T00:00:00"},
      {"2024-W10", "2024-03-04T00:00:00"},
      {"2021-W01", "2021-01-04T00:00:00"},
      {"31/03/2024", "2024-03-31T00:00:00"},
      {"03/31/2024", "2024-03-31T00:00:00"},
      {"5.3.2024 7:08", "2024-03-05T07:08:00"},
      {"3/31/2024 12:05 AM", "2024-03-31T00:05:00"},
      {"3/31/2024 1:05 pm", "2024-03-31T13:05:00"},
    };
    for (String[] each : cases) {
      TableOptions options = TableOptions.defaults().withDelimiter(';');
      Table table =
          read(
              "t\n" + each[0] + "\n",
              each[0].startsWith("5.") ? options.withDates(DateOrder.DAY_FIRST) : options);
      assertEquals(TIME, table.column("t").type(), each[0]);
      long expected =
          ChronoUnit.MICROS.between(
              LocalDateTime.of(1970, 1, 1, 0, 0), LocalDateTime.parse(each[1]));
      assertEquals(expected, Tables.times(table, "t")[0], each[0]);
    }
  }

  @Test
  void times_thatAreNone_areText() {
    for (String each :
        List.of(
            "2024-13-01",
            "2023-02-29",
            "2024-01-01 24:00",
            "2024-01-01 10:61",
            "32/01/2024",
            "10:30",
            "2024-01-01x")) {
      assertEquals(TEXT, read("t\n" + each + "\n").column("t").type(), each);
    }
  }

  @Test
  void order_ofDates_followsFromTheWholeColumn() {
    String many = "t,v\n" + "03/04/2024,1\n".repeat(500);

    assertEquals(micros("2024-04-03T00:00"), Tables.times(read(many + "13/01/2024,1\n"), "t")[0]);
    assertEquals(micros("2024-03-04T00:00"), Tables.times(read(many + "01/13/2024,1\n"), "t")[0]);
    assertEquals(
        micros("2024-03-04T00:00"),
        Tables.times(read(many, TableOptions.defaults().withDates(DateOrder.MONTH_FIRST)), "t")[0]);
  }

  @Test
  void zone_ofTimes_isTheirOffset() {
    Table table =
        read("t,v\n2024-03-05T07:00:00+01:00,1\n2024-03-05 07:00Z,1\n2024-03-05 07:00 -0530,1\n");

    assertTrue(table.column("t").isZoned());
    long[] offsets = new long[3];
    table.rows(row -> offsets[(int) row.number()] = row.offset(0));
    assertArrayEquals(new long[] {3600, 0, -19_800}, offsets);
    assertFalse(read("t,v\n2024-03-05 07:00,1\n").column("t").isZoned());
  }

  @Test
  void wholeNumbers_asTimes_areWhatAllOfThemCanBe() {
    assertEquals(NumberClock.YEARS, read("t\n1949\n1950\n").column("t").clock());
    assertEquals(NumberClock.DAYS, read("t\n20240101\n20241231\n").column("t").clock());
    assertEquals(NumberClock.ORDER, read("t\n20240101\n20241331\n").column("t").clock());
    assertEquals(NumberClock.SECONDS, read("t\n1700000000\n").column("t").clock());
    assertEquals(NumberClock.MILLISECONDS, read("t\n1700000000000\n").column("t").clock());
    assertEquals(NumberClock.ORDER, read("t\n1\n2\n").column("t").clock());
    assertArrayEquals(
        new long[] {micros("2024-01-01T00:00"), micros("2024-12-31T00:00")},
        Tables.times(read("t\n20240101\n20241231\n"), "t"));
  }

  @Test
  void jsonLines_withMembersInAnyOrder_areOneTable() {
    Table table =
        read(
            """
            {"t":"2024-01-01","v":1.5,"ok":true}
            {"v":2,"t":"2024-01-02","late":"7"}

            {"v":null,"t":"2024-01-03","late":"8","ok":false}
            """);

    assertEquals(
        List.of("t", "v", "ok", "late"), table.columns().stream().map(Column::name).toList());
    // A text stays one, whatever it looks like.
    assertEquals(List.of(TIME, NUMBER, BOOLEAN, TEXT), Tables.types(table));
    assertArrayEquals(new double[] {1.5, 2, Double.NaN}, Tables.numbers(table, "v"));
    assertEquals(1, table.column("late").missing());
    assertEquals(1, table.column("ok").missing());
    assertEquals("JSON lines", table.form());
  }

  @Test
  void files_withTheSameNames_areOneTable() {
    Tables tables = new Tables(folder);
    List<TableFile> files =
        List.of(
            TableFile.of(tables.write("a.csv", "a,b\n1,2\n")),
            TableFile.of(tables.write("b.csv", "a,b\nx,3\n4,5\n")));

    try (Table table = Table.read(files, TableOptions.defaults())) {
      assertEquals(3, table.rowCount());
      assertEquals(List.of(TEXT, WHOLE), Tables.types(table));
      assertEquals(
          List.of(List.of("1", "2"), List.of("x", "3"), List.of("4", "5")), Tables.texts(table));
    }
  }

  @Test
  void names_thatAreSaid_makeTheFirstLineARow() {
    Table table = read("1,2\n3,4\n", TableOptions.defaults().withNames(List.of("a", "b")));

    assertEquals(List.of(List.of("1", "2"), List.of("3", "4")), Tables.texts(table));
    assertEquals("b", table.columns().get(1).name());
  }

  @Test
  void quotes_inATabSeparatedFile_areCharactersIfRowsAreEvenOnlyThen() {
    Table table = read("form\ttag\n\"\tPUNCT\nhi\tINTJ\n\"\tPUNCT\n\nx\tY\n");

    assertEquals(
        List.of(
            List.of("\"", "PUNCT"),
            List.of("hi", "INTJ"),
            List.of("\"", "PUNCT"),
            List.of("x", "Y")),
        Tables.texts(table));
    assertEquals(List.of(List.of("a\tb", "1")), Tables.texts(read("form\ttag\n\"a\tb\"\t1\n")));
  }

  @Test
  void encoding_thatIsSaid_isRead() {
    Path file =
        new Tables(folder)
            .write("l.csv", "a,b\ngr\u00fcn,1\n".getBytes(StandardCharsets.ISO_8859_1));
    Table table =
        Table.read(
            List.of(TableFile.of(file)),
            TableOptions.defaults().withEncoding(StandardCharsets.ISO_8859_1));

    assertEquals(List.of(List.of("gr\u00fcn", "1")), Tables.texts(table));
  }

  @Test
  void characters_atTheEdgesOfPieces_areRead() {
    // Four bytes each, so that the pieces of a file end within one.
    String value = "\uD83D\uDE00".repeat(50_001);
    Table table = read("a,b\nx" + value + ",1\n");

    assertEquals("x" + value, Tables.texts(table).getFirst().getFirst());
  }

  @Test
  void copy_ofAStream_isDeletedWithTheTable() {
    TableFile copy =
        TableFile.copyOf(
            "input", new ByteArrayInputStream("a,b\n1,2\n".getBytes(StandardCharsets.UTF_8)));
    Path path = copy.path();

    try (Table table = Table.read(List.of(copy), TableOptions.defaults())) {
      assertTrue(Files.exists(path));
      assertEquals(1, table.rowCount());
    }
    assertFalse(Files.exists(path));
  }
}
