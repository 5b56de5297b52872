package dev.unfold.data.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.unfold.argument.Refusal;
import dev.unfold.data.source.DataException;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.ServiceLoader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is no table says so in one line, with file, line and column.
final class TableRefusalTest {
  private static final TableOptions DEFAULTS = TableOptions.defaults();

  @TempDir private Path folder;

  private String refusal(String content) {
    return new Tables(folder).refusal(content);
  }

  private String refusal(String content, TableOptions options) {
    return new Tables(folder).refusal(content, options);
  }

  @Test
  void row_withMoreOrFewerValues_isRefusedWithItsLine() {
    assertEquals(
        "line 3: expected 3 values, as there are columns, got 2, the first 4",
        refusal("a,b,c\n1,2,3\n4,5\n"));
    assertEquals(
        "line 4: expected 2 values, as there are columns, got 3, the first z",
        refusal("a,b\n\"x\ny\",2\nz,1,2\n"));
  }

  @Test
  void thousands_ofEachKind_areRefused() {
    for (String value :
        List.of("\"1,234.5\"", "\"1,234,567\"", "1.234.567", "1 234", "1'234", "\"1.234,5\"")) {
      assertEquals(
          "line 3, column v: expected a number without separators of thousands, got "
              + value.replace("\"", ""),
          refusal("t,v\n1,5\n2," + value + "\n", DEFAULTS.withDelimiter(',')));
    }
    // Beside numbers with a point, a comma is no decimal one.
    assertTrue(refusal("t;v\n1;5.5\n2;1,234\n").contains("separators of thousands, got 1,234"));
    assertTrue(refusal("t;v;w\n1;1,234;1.5\n").contains("separators of thousands, got 1,234"));
  }

  @Test
  void numbers_thatCanBeReadInTwoWays_areRefusedWithBoth() {
    assertEquals(
        "line 2, column v: expected a number that can be read in one way (--decimal , or --decimal"
            + " . says which), got 1,234, which is 1.234 or 1234",
        refusal("t;v\n1;1,234\n2;5,678\n"));
    assertEquals(
        "line 2, column v: expected one decimal sign in the column, and line 3 has 1,5, got 1.5",
        refusal("t;v\n1;1.5\n2;1,5\n"));
  }

  @Test
  void infinity_amongNumbers_isRefused() {
    for (String value : List.of("inf", "-Infinity", "1e999")) {
      assertEquals(
          "line 3, column v: expected a finite number, got " + value,
          refusal("t,v\n1,5\n2," + value + "\n"));
    }
  }

  @Test
  void dates_thatCanBeReadInTwoWays_areRefusedWithBoth() {
    assertEquals(
        "line 2, column t: expected dates of which one can be read in one way only (--dates"
            + " day-first or month-first says which), got 03/04/2024, which is 2024-04-03 or"
            + " 2024-03-04",
        refusal("t,v\n03/04/2024,1\n05/06/2024,2\n"));
    assertEquals(
        "line 3, column t: expected dates in one order, and line 2 has 13/04/2024, got 04/13/2024",
        refusal("t,v\n13/04/2024,1\n04/13/2024,2\n"));
    assertEquals(
        "line 2, column t: expected dates with the order month-first, got 13/04/2024",
        refusal("t,v\n13/04/2024,1\n", DEFAULTS.withDates(DateOrder.MONTH_FIRST)));
  }

  @Test
  void years_ofTwoDigits_areRefused() {
    assertEquals(
        "line 2, column t: expected a year of four digits, got 31/12/24",
        refusal("t,v\n31/12/24,1\n"));
  }

  @Test
  void times_withAndWithoutZone_areRefused() {
    assertEquals(
        "line 3, column t: expected times that all have a zone or all have none, got 2024-01-01"
            + " 01:00",
        refusal("t,v\n2024-01-01 00:00Z,1\n2024-01-01 01:00,1\n"));
  }

  @Test
  void names_missingOrTwice_areRefused() {
    assertEquals(
        "line 1: expected a name for each column (--names names them if there is no line of names),"
            + " got none for column 2",
        refusal("a,,c\n1,2,3\n"));
    assertEquals(
        "line 1: expected another name for each column, got a for columns 1 and 3",
        refusal("a,b,a\n1,2,3\n"));
  }

  @Test
  void bytes_ofAnotherEncoding_areRefusedWithTheirLine() {
    byte[] content = "a,b\n1,2\n3,gr\u00fcn\n".getBytes(StandardCharsets.ISO_8859_1);
    Path file = new Tables(folder).write("l.csv", content);
    DataException e = assertThrows(DataException.class, () -> Table.read(file).close());
    assertEquals(
        file
            + ": line 3: expected UTF-8, got byte 0xFC; --encoding names another, such as"
            + " ISO-8859-1 or windows-1252",
        e.getMessage());

    Path wide =
        new Tables(folder).write("w.csv", "\uFEFFa,b\n1,2\n".getBytes(StandardCharsets.UTF_16LE));
    e = assertThrows(DataException.class, () -> Table.read(wide).close());
    assertEquals(
        wide
            + ": line 1: expected UTF-8, got byte 0xFF, as UTF-16 begins; --encoding UTF-16 reads"
            + " it",
        e.getMessage());
  }

  @Test
  void files_withOtherNames_areRefused() {
    Tables tables = new Tables(folder);
    Path a = tables.write("a.csv", "a,b\n1,2\n");
    Path b = tables.write("b.csv", "a,c\n1,2\n");
    DataException e =
        assertThrows(
            DataException.class,
            () -> Table.read(List.of(TableFile.of(a), TableFile.of(b)), DEFAULTS).close());
    assertEquals(
        b + ": line 1: expected the columns of the first file, b as column 2, got c",
        e.getMessage());
  }

  @Test
  void file_thatIsNone_isRefused() {
    Path none = folder.resolve("none.csv");
    assertEquals(
        none + ": expected a file, found none",
        assertThrows(DataException.class, () -> Table.read(none).close()).getMessage());
    assertEquals(
        folder + ": expected a file, got a folder",
        assertThrows(DataException.class, () -> Table.read(folder).close()).getMessage());
    assertEquals("expected a table, got an empty file", refusal(" \n"));
    assertEquals("expected rows below the names of columns, got none", refusal("a,b\n"));
  }

  @Test
  void jsonLines_thatAreNone_areRefusedWithTheirLine() {
    assertEquals("line 1: expected an object a line, got a list", refusal("[{\"a\":1}]\n"));
    assertEquals(
        "line 2, column b: expected a text, a number, true, false or null, got a list",
        refusal("{\"a\":1}\n{\"a\":1,\"b\":[1]}\n"));
    assertTrue(
        refusal("{\"a\":1}\n{\"a\":}\n").startsWith("line 2: expected JSON, got what is none"));
    assertTrue(
        refusal("{\"a\":1}\n{\"a\":1,\"a\":2}\n")
            .startsWith("line 2: expected JSON, got what is none"));
    assertEquals(
        "expected no names beside those of JSON lines, got some",
        refusal("{\"a\":1}\n", DEFAULTS.withNames(List.of("x"))));
  }

  @Test
  void delimiters_thatFitBoth_areRefused() {
    Path file = new Tables(folder).write("t.csv", "a;b,c\n1;2,3\n");
    Refusal e = assertThrows(Refusal.class, () -> Table.read(file).close());
    assertEquals(
        "delimiter: expected it to be said, since two fit the first lines, got \";\" and \",\"",
        e.getMessage());
  }

  @Test
  void column_thatIsNotThere_isRefusedWithThoseThatAre() {
    try (Table table = new Tables(folder).read("a,b\n1,2\n")) {
      assertEquals(
          "time: expected one of the columns a, b, got c",
          assertThrows(DataException.class, () -> table.column("time", "c")).getMessage());
    }
  }

  @Test
  void copy_ofAStream_isDeletedIfItIsNoTable() {
    TableFile copy =
        TableFile.copyOf("input", new ByteArrayInputStream(new byte[] {'a', '\n', (byte) 0xFF}));
    DataException e =
        assertThrows(DataException.class, () -> Table.read(List.of(copy), DEFAULTS).close());

    assertTrue(
        e.getMessage().startsWith("input: line 2: expected UTF-8, got byte 0xFF"), e.getMessage());
    assertFalse(Files.exists(copy.path()));
  }

  @Test
  void query_whereNoModuleRunsQueries_isRefusedByTheNameOfTheModule() {
    assumeTrue(ServiceLoader.load(QueryRunner.class).findFirst().isEmpty());
    DataException e =
        assertThrows(
            DataException.class, () -> Table.query(Query.of("select 1"), DEFAULTS).close());

    assertEquals(
        "sql: expected the module unfold-sql on the module path, which runs queries, got none",
        e.getMessage());
  }
}
