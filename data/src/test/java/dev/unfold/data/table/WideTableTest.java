package dev.unfold.data.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.argument.Refusal;
import dev.unfold.data.source.DataException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tables with a series a row.
final class WideTableTest {
  private static final TableOptions WIDE = TableOptions.defaults().withShape(TableShape.WIDE);

  @TempDir private Path folder;

  @Test
  void series_inARow_areRowsOfTheirSteps() {
    Table table =
        new Tables(folder)
            .read(
                "\"V1\",\"V2\",\"V3\",\"V4\",\"V5\"\n\"a\",\"1\",,\"3.5\",\n\"b\",4,5,6,7\n", WIDE);

    assertEquals(
        List.of(ColumnType.TEXT, ColumnType.WHOLE, ColumnType.NUMBER), Tables.types(table));
    assertEquals(
        List.of("id", "step", "value"), table.columns().stream().map(Column::name).toList());
    assertEquals(
        List.of(
            List.of("a", "1", "1"),
            Arrays.asList("a", "2", null),
            List.of("a", "3", "3.5"),
            List.of("b", "1", "4"),
            List.of("b", "2", "5"),
            List.of("b", "3", "6"),
            List.of("b", "4", "7")),
        Tables.texts(table));
    assertEquals(7, table.rowCount());
    assertEquals("a series a row, values with , between them", table.form());
  }

  @Test
  void rows_thatAreNotFilledUp_haveAnyLength() {
    Table table = new Tables(folder).read("id;values\na;1,5;2\nb;3,25\nc;4;5;6;7\n", WIDE);

    assertArrayEquals(new double[] {1.5, 2, 3.25, 4, 5, 6, 7}, Tables.numbers(table, "value"));
  }

  @Test
  void firstLine_thatIsASeries_isOneWithNames() {
    Table table = new Tables(folder).read("a,1,2\nb,3,4\n", WIDE.withNames(List.of("s", "t", "v")));

    assertEquals(List.of("s", "t", "v"), table.columns().stream().map(Column::name).toList());
    assertArrayEquals(new double[] {1, 2, 3, 4}, Tables.numbers(table, "v"));
  }

  @Test
  void seriesOfOneFile_inTheNext_goOn() {
    Tables tables = new Tables(folder);
    List<TableFile> files =
        List.of(
            TableFile.of(tables.write("train.csv", "id,1,2,3\na,1,2,\nb,3,4,5\n")),
            TableFile.of(tables.write("test.csv", "id,1\nb,6\na,7\nc,8\n")));
    Table table = Table.read(files, WIDE);

    // Each pass counts from the beginning.
    for (int pass = 0; pass < 2; pass++) {
      assertArrayEquals(new double[] {1, 2, 1, 2, 3, 4, 3, 1}, Tables.numbers(table, "step"));
    }
  }

  @Test
  void series_thatCannotBe_areRefused() {
    Tables tables = new Tables(folder);
    assertEquals(
        "line 3: expected another name than that of line 2, got a",
        tables.refusal("id,1\na,1\na,2\n", WIDE));
    assertEquals(
        "line 3: expected the name of a series as its first value, got none",
        tables.refusal("id,1\na,1\n,2\n", WIDE));
    assertEquals(
        "line 2: expected values of the series a behind its name, got none",
        tables.refusal("id,1\na,\n", WIDE));
    assertEquals(
        "expected rows below the names of columns, got none", tables.refusal("id,1\n", WIDE));
    assertEquals(
        "expected values with a delimiter between them, as tables with a series a row have, got"
            + " JSON lines",
        tables.refusal("{\"a\":1}\n", WIDE));
    Path file = tables.write("t.csv", "a,1\n");
    Refusal e =
        assertThrows(
            Refusal.class,
            () -> Table.read(List.of(TableFile.of(file)), WIDE.withNames(List.of("a", "b"))));
    assertEquals(
        "names: expected three, for the series, the step and the value, got 2", e.getMessage());
  }

  @Test
  void file_thatChanges_isRefused() {
    Tables tables = new Tables(folder);
    Table table = tables.read("id,1,2\na,1,2\n", WIDE);
    tables.write("t.csv", "id,1,2\na,1\n");
    assertThrows(DataException.class, () -> table.rows(_ -> {}));
  }
}
