package dev.unfold.data.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.data.series.Duplicates;
import dev.unfold.data.series.Panel;
import dev.unfold.data.series.SeriesColumns;
import dev.unfold.data.source.DataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Series of `.tsf` files as tables.
final class TsfTest {
  private static final String HEAD =
      """
      # Some series
      @relation some
      @attribute series_name string
      @attribute start_timestamp date
      @frequency monthly
      @horizon 3
      @missing true
      @equallength false
      @data
      """;

  @TempDir private Path folder;

  private Table read(String content) {
    return new Tables(folder).read(content);
  }

  @Test
  void series_areRowsWithTheTimesOfTheirValues() {
    Table table =
        read(HEAD + "T1:1979-11-01 00-00-00:1149.5,?,3\n\nT 2:1980-01-01 00-00-00:-4e1\n");

    assertEquals(
        List.of("series_name", "start_timestamp", "time", "value"),
        table.columns().stream().map(Column::name).toList());
    assertEquals(
        List.of(ColumnType.TEXT, ColumnType.TIME, ColumnType.TIME, ColumnType.NUMBER),
        Tables.types(table));
    List<String> rows = new ArrayList<>();
    table.rows(row ->
        rows.add(
            "%d %s %s %s %s"
                .formatted(
                    row.place().line(),
                    row.text(0),
                    row.text(1),
                    row.text(2),
                    row.isMissing(3) ? "none" : row.number(3))));
    assertEquals(
        List.of(
            "10 T1 1979-11-01 1979-11-01 1149.5",
            "10 T1 1979-11-01 1979-12-01 none",
            "10 T1 1979-11-01 1980-01-01 3.0",
            "12 T 2 1980-01-01 1980-01-01 -40.0"),
        rows);
    assertEquals(
        Optional.of(new SeriesLayout(List.of("series_name"), "time", "value")), table.layout());
    assertEquals("series of a .tsf file, monthly, horizon 3", table.form());
  }

  @Test
  void frequency_ofAFile_isThatOfItsSeries() {
    for (List<String> each :
        List.of(
            List.of("4_seconds", "every 4 seconds"),
            List.of("minutely", "every minute"),
            List.of("10_minutes", "every 10 minutes"),
            List.of("half_hourly", "every 30 minutes"),
            List.of("hourly", "every hour"),
            List.of("daily", "every day"),
            List.of("weekly", "every week"),
            List.of("monthly", "every month"),
            List.of("quarterly", "every quarter"),
            List.of("yearly", "every year"))) {
      Table table =
          read(HEAD.replace("monthly", each.get(0)) + "a:2001-01-31 06-30-00:1,2,3,4,5,6,7,8,9\n");
      SeriesLayout layout = table.layout().orElseThrow();
      SeriesColumns columns =
          new SeriesColumns(
              List.of(layout.time()),
              layout.by(),
              List.of(layout.value()),
              List.of(),
              List.of(),
              List.of(),
              Optional.empty(),
              false,
              Duplicates.REFUSE);
      Panel panel = Panel.read(table, columns);
      assertEquals(each.get(1), panel.frequency().text());
      assertEquals(9, panel.series().getFirst().steps());
    }
  }

  @Test
  void series_withoutStartOrFrequency_haveSteps() {
    String head = "@attribute id numeric\n@data\n";
    Table table = read(head + "7:1,2\r\n8:3");
    assertArrayEquals(new double[] {1, 2, 1}, Tables.numbers(table, "step"));
    assertArrayEquals(new double[] {7, 7, 8}, Tables.numbers(table, "id"));
    assertEquals(Optional.of(new SeriesLayout(List.of("id"), "step", "value")), table.layout());
    Table dated =
        read("@attribute id string\n@attribute from date\n@DATA\na:1999-12-31 00-00-00:1,2\n");
    assertEquals(
        List.of(ColumnType.TEXT, ColumnType.TIME, ColumnType.WHOLE, ColumnType.WHOLE),
        Tables.types(dated));
  }

  @Test
  void values_thatAreSaidToBeMissing_are() {
    Table table =
        new Tables(folder)
            .read(
                "@attribute id string\n@data\na:1,-1,2,NaN,\n",
                TableOptions.defaults().withMissing(Set.of("-1")));
    assertEquals(5, table.rowCount());
    assertEquals(3, table.column("value").missing());
  }

  @Test
  void severalFiles_ofTheSameAttributes_areOneTable() {
    Tables tables = new Tables(folder);
    Path a = tables.write("a.tsf", HEAD + "a:2001-01-01 00-00-00:1,2\n");
    Path b = tables.write("b.tsf", HEAD + "a:2001-03-01 00-00-00:3\n");
    Path c = tables.write("c.tsf", "@attribute other string\n@data\na:3\n");
    try (Table table =
        Table.read(List.of(TableFile.of(a), TableFile.of(b)), TableOptions.defaults())) {
      assertArrayEquals(new double[] {1, 2, 3}, Tables.numbers(table, "value"));
    }
    DataException e =
        assertThrows(
            DataException.class,
            () ->
                Table.read(List.of(TableFile.of(a), TableFile.of(c)), TableOptions.defaults())
                    .close());
    assertEquals(
        c
            + ": line 2: expected the columns of the first file, series_name, start_timestamp,"
            + " time, value, got other, step, value",
        e.getMessage());
  }

  private void refused(String expected, String content) {
    assertEquals(expected, new Tables(folder).refusal(content, TableOptions.defaults()));
  }

  @Test
  void files_thatCannotBe_areRefusedWithTheirLine() {
    refused("expected a line @data, got none", "@relation x\n@attribute a string\n");
    refused(
        "line 2: expected @attribute lines before @data, got none", "@relation x\n@data\na:1\n");
    refused(
        "line 2: expected @attribute NAME and string, numeric or date, at most 65,536 times, got"
            + " @attribute a text",
        "@relation x\n@attribute a text\n@data\n");
    refused(
        "line 2: expected a frequency such as hourly, half_hourly, monthly or 10_minutes, got"
            + " 0_minutes",
        "@relation x\n@frequency 0_minutes\n");
    refused("line 2: expected @horizon once, got another", "@horizon 1\n@horizon 2\n");
    refused("line 2: expected lines with @ before @data, got a:1", "@relation x\na:1\n");
    refused(
        "line 3: expected another name for each column, got value for columns 1 and 3",
        "@relation x\n@attribute value string\n@data\na:1\n");
    refused(
        "line 10: expected 2 attributes with : behind each, then values, got a line that ends in"
            + " number 2",
        HEAD + "a:1\n");
    refused("line 10: expected values behind the attributes, got none", HEAD + "a:2001-01-01:\n");
    refused(
        "line 10, column start_timestamp: expected a time such as 1979-01-31 00-00-00, got"
            + " 2001-02-30 00-00-00",
        HEAD + "a:2001-02-30 00-00-00:1\n");
    refused(
        "line 11, column value 3: expected a finite number, or ? for none, got x:1",
        HEAD + "a:2001-01-01:1\nb:2001-01-01 00-00-00:1,2,x:1\n");
    refused(
        "line 10, column value 1: expected a finite number, or ? for none, got 1e999",
        HEAD + "a:2001-01-01:1e999\n");
    refused(
        "line 10: expected times up to the year 9999, got later ones from value 3 on",
        HEAD + "a:9999-11-01 00-00-00:1,2,3\n");
    refused(
        "line 10: expected at most 65,536 characters in one piece, got more",
        HEAD + "a".repeat(70_000) + ":2001-01-01:1\n");
    refused("expected rows below the names of columns, got none", HEAD);
    refused(
        "expected no names beside those of a .tsf file, got some",
        HEAD + "a:2001-01-01:1\n",
        TableOptions.defaults().withNames(List.of("a")));
    refused(
        "expected values with a delimiter between them, as tables with a series a row have, got a"
            + " .tsf file",
        HEAD + "a:2001-01-01:1\n",
        TableOptions.defaults().withShape(TableShape.WIDE));
  }

  private void refused(String expected, String content, TableOptions options) {
    assertEquals(expected, new Tables(folder).refusal(content, options));
  }

  @Test
  void streams_ofFilesThatAreNoLines_areTheirTables() {
    Tables tables = new Tables(folder);
    Path tsf = tables.write("a.tsf", HEAD + "a:2001-01-01 00-00-00:1,2,?\n");
    Path wide = tables.write("wide.csv", "id,1,2\na,1,2,\nb,3\n");
    TableOptions options = TableOptions.defaults();
    assertEquals(List.of("1", "2", "none"), values(TableFile.of(tsf), options));
    assertEquals(
        List.of("1", "2", "3"), values(TableFile.of(wide), options.withShape(TableShape.WIDE)));
    DataException e =
        assertThrows(DataException.class, () -> values(TableFile.of(tsf), options, "series_name"));
    assertEquals(
        tsf + ": column: expected a column of numbers, got series_name, which is text",
        e.getMessage());
  }

  private static List<String> values(TableFile file, TableOptions options, String... numbers) {
    List<String> values = new ArrayList<>();
    try (RowStream rows = RowStream.of(file, options)) {
      rows.rows(
          numbers.length == 0 ? List.of("value") : List.of(numbers),
          columns -> assertEquals("value", columns.getLast().name()),
          row -> {
            int column = rows.column("column", "value").index();
            values.add(row.isMissing(column) ? "none" : row.text(column));
          },
          () -> {});
    }
    return values;
  }

  @Test
  void longSeries_areReadInPieces() {
    int steps = 200_000;
    Table table = read(HEAD.replace("monthly", "4_seconds") + "a:2001-01-01:" + "1,".repeat(steps));
    assertEquals(steps + 1, table.rowCount());
    String comments = "#\n".repeat(30_000);
    assertEquals(1, read(comments + HEAD + "a:2001-01-01:1").rowCount());
  }
}
