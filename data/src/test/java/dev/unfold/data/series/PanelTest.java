package dev.unfold.data.series;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.data.profile.Frequency;
import dev.unfold.data.profile.FrequencyUnit;
import dev.unfold.data.source.DataException;
import dev.unfold.data.table.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

final class PanelTest {
  private static final double NONE = Double.NaN;

  @TempDir private Path folder;

  private Table table(String name, String... lines) {
    try {
      return Table.read(Files.writeString(folder.resolve(name), String.join("\n", lines) + "\n"));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static SeriesColumns columns(
      List<String> by, List<String> known, List<String> statics, Duplicates duplicates) {
    return new SeriesColumns(
        List.of(),
        by,
        List.of("y"),
        known,
        List.of(),
        statics,
        Optional.empty(),
        false,
        duplicates);
  }

  private Panel panel(SeriesColumns columns, String... lines) {
    try (Table table = table("t.csv", lines)) {
      return Panel.read(table, columns);
    }
  }

  private static double[] all(Numbers numbers) {
    return numbers.copy(0, numbers.length());
  }

  private static double[] first(Panel panel) {
    return all(panel.series().getFirst().numbers()[0]);
  }

  private String refusal(SeriesColumns columns, String... lines) {
    return assertThrows(DataException.class, () -> panel(columns, lines)).getMessage();
  }

  @Test
  void panel_inMemory_isRefusedIfItHasMoreNumbersThanThat() {
    SeriesColumns columns = SeriesColumns.of("y");
    String[] lines = {"t,y", "2024-01-01,1", "2024-01-02,2", "2024-03-01,3"};
    Optional<Frequency> daily = Optional.of(new Frequency(FrequencyUnit.DAY, 1));
    try (Table table = table("t.csv", lines)) {
      List<Table> tables = List.of(table);
      // 61 steps: their values, and the lines that these are from.
      assertEquals(
          61, Panel.readInMemory(tables, columns, daily, 8 * 61 * 2).series().getFirst().steps());
      assertTrue(
          assertThrows(
                  DataException.class,
                  () -> Panel.readInMemory(tables, columns, daily, 8 * 61 * 2 - 1))
              .getMessage()
              .endsWith(
                  "t.csv: expected series of at most 121 numbers in all, got 61 steps of 2"
                      + " numbers"));
    }
  }

  @Test
  void steps_thatNoRowHas_areThereAndEmpty() {
    Panel panel =
        panel(
            SeriesColumns.of("y"),
            "date,y",
            "2024-01-01,1",
            "2024-01-02,2",
            "2024-01-05,",
            "2024-01-06,6",
            "2024-01-03,3");
    assertEquals(FrequencyUnit.DAY, panel.frequency().unit());
    assertArrayEquals(new double[] {1, 2, 3, NONE, NONE, 6}, first(panel));
    assertEquals("2024-01-04", panel.series().getFirst().timeline().text(3));
    assertEquals(6, panel.series().getFirst().observed(1));
  }

  @Test
  void rows_ofSeveralSeries_areTakenApart() {
    Panel panel =
        panel(
            columns(List.of("a", "b"), List.of("k"), List.of("s"), Duplicates.REFUSE),
            "date,a,b,y,k,s",
            "2024-01-01,p,q,1,x,7",
            "2024-01-01,p,r,10,z,8",
            "2024-01-02,p,q,2,,7",
            "2024-01-02,p,r,20,x,8",
            "2024-01-03,p,r,,x,8");
    assertEquals(List.of("y", "s"), panel.numbers());
    assertEquals(List.of(List.of("x", "z")), panel.dictionary());
    Series first = panel.series().getFirst();
    assertEquals(List.of("p", "q"), first.keys());
    assertArrayEquals(new double[] {0, Series.NO_TEXT}, all(first.texts()[0]));
    assertEquals(2, panel.series().get(1).observed(1));
    assertEquals(3, panel.series().get(1).steps());
  }

  @ParameterizedTest
  @CsvSource({"MEAN,4", "SUM,8", "LAST,6"})
  void repeatedRows_areMergedAsAsked(Duplicates how, double expected) {
    SeriesColumns columns = columns(List.of(), List.of(), List.of(), how);
    assertArrayEquals(
        new double[] {1, expected, 3},
        first(
            panel(
                columns,
                "date,y",
                "2024-01-01,1",
                "2024-01-02,2",
                "2024-01-02,6",
                "2024-01-03,3")));
  }

  @Test
  void repeatedRows_areRefusedByLine() {
    String message =
        refusal(SeriesColumns.of("y"), "date,y", "2024-01-01,1", "2024-01-02,2", "2024-01-02,6");
    assertTrue(message.contains("line 4"), message);
    assertTrue(message.contains("2024-01-02") && message.contains("after line 3"), message);
  }

  @Test
  void meanOfRepeatedRows_leavesOutWhatIsMissing() {
    SeriesColumns columns = columns(List.of(), List.of(), List.of(), Duplicates.MEAN);
    assertArrayEquals(
        new double[] {1, 2, 3},
        first(
            panel(
                columns, "date,y", "2024-01-01,1", "2024-01-02,2", "2024-01-02,", "2024-01-03,3")));
  }

  @Test
  void time_betweenTwoSteps_isRefusedByLine() {
    String message =
        refusal(
            SeriesColumns.of("y"),
            "t,y",
            "2024-01-01 00:00,1",
            "2024-01-01 01:00,1",
            "2024-01-01 02:00,1",
            "2024-01-01 03:00,1",
            "2024-01-01 04:00,1",
            "2024-01-01 05:00,1",
            "2024-01-01 06:00,1",
            "2024-01-01 07:00,1",
            "2024-01-01 08:00,1",
            "2024-01-01 09:00,1",
            "2024-01-01 10:00,1",
            "2024-01-01 11:00,1",
            "2024-01-01 12:30,1");
    assertTrue(message.contains("line 14") && message.contains("every hour"), message);
  }

  @Test
  void oneDateFarAway_isRefusedBeforeASeriesIsMadeOfIt() {
    StringBuilder lines = new StringBuilder("t,y\n");
    for (int i = 0; i < 30; i++) {
      lines.append("2024-01-01 00:00:%02d,1%n".formatted(i));
    }
    lines.append("9024-01-01 00:00:00,1");
    String message = refusal(SeriesColumns.of("y"), lines.toString().split("\n"));
    assertTrue(message.contains("line 32") && message.contains("9024"), message);
  }

  @Test
  void staticColumn_thatChanges_isRefusedByLine() {
    String message =
        refusal(
            columns(List.of(), List.of(), List.of("s"), Duplicates.REFUSE),
            "date,y,s",
            "2024-01-01,1,5",
            "2024-01-02,2,6");
    assertTrue(
        message.endsWith("line 3: expected 5 in the static column s, as in line 2, got 6"),
        message);
    String ofTexts =
        refusal(
            columns(List.of(), List.of(), List.of("s"), Duplicates.REFUSE),
            "date,y,s",
            "2024-01-01,1,red",
            "2024-01-02,2,red",
            "2024-01-03,2,");
    assertTrue(
        ofTexts.endsWith("line 4: expected red in the static column s, as in line 2, got nothing"),
        ofTexts);
  }

  @Test
  void targetOfTexts_isRefused() {
    String message = refusal(SeriesColumns.of("y"), "date,y", "2024-01-01,1", "2024-01-02,many");
    assertTrue(message.contains("got y, which is text"), message);
  }

  @Test
  void knownFuture_ofAnotherTable_isAddedBehindTheTargets() {
    SeriesColumns columns = columns(List.of(), List.of("k"), List.of(), Duplicates.REFUSE);
    try (Table history = table("h.csv", "date,y,k", "2024-01-01,1,0", "2024-01-02,2,1");
        Table future = table("f.csv", "date,k", "2024-01-02,9", "2024-01-03,5")) {
      Panel panel = Panel.read(List.of(history, future), columns, Optional.empty());
      Series series = panel.series().getFirst();
      assertArrayEquals(new double[] {1, 2, NONE}, all(series.numbers()[0]));
      assertArrayEquals(new double[] {0, 9, 5}, all(series.numbers()[1]));
      assertEquals(2, series.observed(1));
    }
  }

  @Test
  void meanOfRepeatedRows_isOfThoseOfOneTable() {
    SeriesColumns columns = columns(List.of(), List.of("k"), List.of(), Duplicates.MEAN);
    try (Table history = table("h.csv", "date,y,k", "2024-01-01,1,4", "2024-01-02,2,6");
        Table future = table("f.csv", "date,k", "2024-01-02,6", "2024-01-03,5")) {
      Series series =
          Panel.read(List.of(history, future), columns, Optional.empty()).series().getFirst();
      assertArrayEquals(new double[] {4, 6, 5}, all(series.numbers()[1]));
    }
  }

  @Test
  void staticColumns_areThereAtAllSteps() {
    Panel panel =
        panel(
            columns(List.of(), List.of(), List.of("s", "k"), Duplicates.REFUSE),
            "date,y,s,k",
            "2024-01-01,1,7,x",
            "2024-01-02,2,7,x",
            "2024-01-04,4,7,x");
    Series series = panel.series().getFirst();
    assertArrayEquals(new double[] {7, 7, 7, 7}, all(series.numbers()[1]));
    assertArrayEquals(new double[] {0, 0, 0, 0}, all(series.texts()[0]));
  }

  @Test
  void monthsOnOneDay_stayOnItThoughTheFirstIsALastDay() {
    Panel panel =
        panel(SeriesColumns.of("y"), "date,y", "2015-02-28,1", "2015-03-28,2", "2015-04-28,3");
    assertEquals("2015-05-28", panel.series().getFirst().timeline().text(3));
  }

  @Test
  void fewRowsOfManySeries_makeNoManyEmptySteps() {
    StringBuilder lines = new StringBuilder("t,id,y\n");
    for (int s = 0; s < 40; s++) {
      for (int row = 0; row < 3; row++) {
        // A day of seconds each: none alone is too sparse.
        lines.append(
            "2024-01-%02d %02d:00:%02d,s%d,1%n".formatted(1 + row / 2, row % 2 * 12, s, s));
      }
    }
    for (int row = 0; row < 200; row++) {
      lines.append("2024-01-01 00:%02d:%02d,x,1%n".formatted(row / 60, row % 60));
    }
    SeriesColumns columns = columns(List.of("id"), List.of(), List.of(), Duplicates.REFUSE);
    String message = refusal(columns, lines.toString().split("\n"));
    assertTrue(message.contains("fewer than"), message);
  }

  @Test
  void hourThatExistsTwice_isTwoSteps() {
    SeriesColumns berlin =
        new SeriesColumns(
            List.of(),
            List.of(),
            List.of("y"),
            List.of(),
            List.of(),
            List.of(),
            Optional.of(ZoneId.of("Europe/Berlin")),
            false,
            Duplicates.REFUSE);
    Panel panel =
        panel(
            berlin,
            "t,y",
            "2024-10-27 00:00,0",
            "2024-10-27 01:00,1",
            "2024-10-27 02:00,2",
            "2024-10-27 02:00,3",
            "2024-10-27 03:00,4");
    assertArrayEquals(new double[] {0, 1, 2, 3, 4}, first(panel));
    Timeline timeline = panel.series().getFirst().timeline();
    assertEquals("2024-10-27 02:00", timeline.text(3));
    assertEquals("2024-10-27 03:00", timeline.text(4));
  }

  @Test
  void lastDaysOfMonths_areMonths() {
    Panel panel =
        panel(SeriesColumns.of("y"), "date,y", "2024-01-31,1", "2024-02-29,2", "2024-04-30,4");
    assertArrayEquals(new double[] {1, 2, NONE, 4}, first(panel));
    assertEquals("2024-03-31", panel.series().getFirst().timeline().text(2));
  }

  @Test
  void orderAlone_takesEachRowAsAStep() {
    SeriesColumns ordered =
        new SeriesColumns(
            List.of(),
            List.of(),
            List.of("y"),
            List.of(),
            List.of(),
            List.of(),
            Optional.empty(),
            true,
            Duplicates.REFUSE);
    assertArrayEquals(
        new double[] {1, 2, 3},
        first(panel(ordered, "date,y", "2024-01-01,1", "2024-07-02,2", "2020-01-01,3")));
  }

  /// Series that are too large for the heap have the same numbers.
  @ParameterizedTest
  @EnumSource(
      value = Duplicates.class,
      names = {"MEAN", "LAST"})
  void series_inAFile_areThoseInTheHeap(Duplicates how) {
    SeriesColumns columns = columns(List.of("id"), List.of("k"), List.of("s"), how);
    StringBuilder lines = new StringBuilder("t,id,y,k,s\n");
    for (int row = 0; row < 5000; row++) {
      int hour = row - (row % 7 == 0 ? 3 : 0);
      lines.append(
          "%s,%s,%d,%s,%s%n"
              .formatted(
                  LocalDateTime.of(2024, 1, 1, 0, 0).plusHours(hour / 3),
                  "abc".charAt(row % 3),
                  row * 31 % 1000,
                  row % 11 == 0 ? "" : "w" + row % 5,
                  row % 3));
    }
    try (Table table = table("large.csv", lines.toString().split("\n"))) {
      Panel inHeap = Panel.read(List.of(table), columns, Optional.empty(), Long.MAX_VALUE);
      Panel inFile = Panel.read(List.of(table), columns, Optional.empty(), 0);
      assertEquals(inHeap.dictionary(), inFile.dictionary());
      assertTrue(inHeap.series().getFirst().numbers()[0] instanceof HeapNumbers);
      assertTrue(inFile.series().getFirst().numbers()[0] instanceof PagedNumbers);
      for (int i = 0; i < 3; i++) {
        Series heap = inHeap.series().get(i);
        Series file = inFile.series().get(i);
        assertEquals(heap.timeline(), file.timeline());
        assertTrue(heap.steps() > 1600);
        for (int c = 0; c < 2; c++) {
          assertArrayEquals(all(heap.numbers()[c]), all(file.numbers()[c]));
        }
        assertArrayEquals(all(heap.texts()[0]), all(file.texts()[0]));
      }
    }
  }
}
