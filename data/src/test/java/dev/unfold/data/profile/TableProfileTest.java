package dev.unfold.data.profile;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.argument.Refusal;
import dev.unfold.data.source.DataException;
import dev.unfold.data.table.Table;
import dev.unfold.data.table.TableOptions;
import dev.unfold.data.table.Tables;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class TableProfileTest {
  private static final ProfileOptions DEFAULTS = ProfileOptions.defaults();

  @TempDir private Path folder;

  private TableProfile look(String content, ProfileOptions options) {
    return look(content, options, TableOptions.defaults());
  }

  private TableProfile look(String content, ProfileOptions options, TableOptions form) {
    try (Table table = new Tables(folder).read(content, form)) {
      return TableProfile.of(table, options);
    }
  }

  private static ProfileOptions by(String... columns) {
    return new ProfileOptions(List.of(), List.of(columns), List.of(), Optional.empty());
  }

  private static ProfileOptions in(String zone) {
    return new ProfileOptions(List.of(), List.of(), List.of(), Optional.of(ZoneId.of(zone)));
  }

  /// Finding by finding, with the line in front.
  private static List<String> findings(TableProfile profile) {
    return profile.findings().stream()
        .map(each ->
            each.place().map(place -> place.line() + " ").orElse("")
                + each.subject()
                + ": "
                + each.text())
        .toList();
  }

  private static String rows(List<?> times) {
    StringBuilder rows = new StringBuilder("t,v\n");
    for (int i = 0; i < times.size(); i++) {
      rows.append(times.get(i)).append(',').append(i * i % 7).append('\n');
    }
    return rows.toString();
  }

  private static <T> List<T> steps(T first, int count, Function<T, T> next) {
    return Stream.iterate(first, next::apply).limit(count).toList();
  }

  private TimeProfile time(List<?> times) {
    return look(rows(times), DEFAULTS).time().orElseThrow();
  }

  @Test
  void frequency_ofEachKind_isFoundWithItsSeason() {
    LocalDateTime start = LocalDateTime.of(2024, 1, 1, 0, 0, 5);
    LocalDate day = LocalDate.of(2024, 1, 1);
    Object[][] cases = {
      {steps(start, 30, t -> t.plusSeconds(10)), "every 10 seconds", 360},
      {steps(start, 30, t -> t.plusNanos(250_000_000)), "every 250 ms", 1},
      {steps(start, 30, t -> t.plusMinutes(15)), "every 15 minutes", 96},
      {steps(start, 30, t -> t.plusHours(1)), "every hour", 24},
      {steps(start, 30, t -> t.plusHours(6)), "every 6 hours", 4},
      {steps(day, 30, t -> t.plusDays(1)), "every day", 1},
      {steps(day, 30, TableProfileTest::nextWeekday), "every business day", 5},
      {steps(day, 30, t -> t.plusWeeks(1)), "every week", 1},
      {steps(day, 30, t -> t.plusMonths(1)), "every month", 12},
      {
        steps(LocalDate.of(2024, 1, 31), 30, t -> t.plusDays(1).plusMonths(1).minusDays(1)),
        "every month",
        12
      },
      {steps(day, 30, t -> t.plusMonths(3)), "every quarter", 4},
      {steps(day, 30, t -> t.plusYears(1)), "every year", 1},
    };
    for (Object[] each : cases) {
      TimeProfile time = time((List<?>) each[0]);
      assertEquals(each[1], time.frequency().text());
      assertEquals(each[2], time.frequency().season(), each[1].toString());
      assertEquals(0, time.gaps(), each[1].toString());
      // The other way round it is the same.
      List<?> reversed = new ArrayList<>((List<?>) each[0]).reversed();
      assertEquals(time.frequency(), time(reversed).frequency());
      assertEquals(0, time(reversed).backwards());
    }
  }

  private static LocalDate nextWeekday(LocalDate day) {
    return day.plusDays(day.getDayOfWeek() == DayOfWeek.FRIDAY ? 3 : 1);
  }

  @Test
  void gap_ofEachCalendar_isToldWithItsRow() {
    List<LocalDate> months =
        new ArrayList<>(steps(LocalDate.of(2024, 1, 1), 20, t -> t.plusMonths(1)));
    months.subList(5, 8).clear();
    TableProfile profile = look(rows(months), DEFAULTS);

    assertEquals("every month", profile.time().orElseThrow().frequency().text());
    assertEquals(1, profile.time().orElseThrow().gaps());
    assertEquals(3, profile.time().orElseThrow().missingSteps());
    assertTrue(
        findings(profile).contains("7 t: nothing between 2024-05-01 and 2024-09-01"),
        findings(profile).toString());

    List<LocalDate> days =
        new ArrayList<>(steps(LocalDate.of(2024, 1, 1), 40, TableProfileTest::nextWeekday));
    // A Thursday and the Friday behind it.
    days.subList(13, 15).clear();
    TimeProfile business = time(days);
    assertEquals("every business day", business.frequency().text());
    assertEquals(2, business.missingSteps());
  }

  @Test
  void times_withoutAnOrder_areIrregular() {
    List<LocalDateTime> times = new ArrayList<>();
    LocalDateTime at = LocalDateTime.of(2024, 1, 1, 0, 0);
    for (int i = 0; i < 50; i++) {
      at = at.plusSeconds(17 + 31L * i * i % 977);
      times.add(at);
    }
    assertEquals(Frequency.IRREGULAR, time(times).frequency());
  }

  @Test
  void duplicate_ofASeries_isToldWithItsRow() {
    String rows =
        """
        t,id,v
        2024-01-01,a,1
        2024-01-01,b,1
        2024-01-02,a,2
        2024-01-02,a,3
        2024-01-02,b,2
        """;
    TableProfile profile = look(rows, by("id"));

    assertEquals(2, profile.series());
    assertEquals(1, profile.time().orElseThrow().duplicates());
    assertTrue(
        findings(profile).contains("5 t: 2024-01-02 is there a second time (series a)"),
        findings(profile).toString());
  }

  @Test
  void series_thatNobodyToldApart_areGuessed() {
    TableProfile profile =
        look("t,id,v\n2024-01-01,a,1\n2024-01-01,b,1\n2024-01-02,a,2\n2024-01-02,b,2\n", DEFAULTS);

    assertTrue(
        findings(profile)
            .contains(
                "series: times repeat, as if there were several series; --by id would tell them"
                    + " apart by it"),
        findings(profile).toString());
  }

  @Test
  void rows_outOfOrder_areTold() {
    List<LocalDate> days = new ArrayList<>(steps(LocalDate.of(2024, 1, 1), 30, t -> t.plusDays(1)));
    Collections.swap(days, 20, 21);
    TableProfile profile = look(rows(days), DEFAULTS);

    assertEquals(1, profile.time().orElseThrow().backwards());
    assertTrue(
        findings(profile).contains("23 t: 2024-01-21 lies before the row above it"),
        findings(profile).toString());
  }

  @Test
  void frequency_thatDiffersBetweenSeries_isTold() {
    StringBuilder rows = new StringBuilder("t,id\n");
    for (LocalDate day : steps(LocalDate.of(2024, 1, 1), 20, t -> t.plusDays(1))) {
      rows.append(day).append(",a\n");
    }
    for (LocalDate day : steps(LocalDate.of(2024, 1, 1), 5, t -> t.plusWeeks(1))) {
      rows.append(day).append(",b\n");
    }
    TableProfile profile = look(rows.toString(), by("id"));

    assertEquals("every day", profile.time().orElseThrow().frequency().text());
    assertTrue(
        findings(profile).contains("t: 1 of 2 series with another frequency (b: every week)"),
        findings(profile).toString());
  }

  @Test
  void hour_thatExistsTwice_isTwoHoursInItsZone() {
    LocalDateTime before = LocalDateTime.of(2024, 10, 26, 0, 0);
    List<LocalDateTime> wall = new ArrayList<>(steps(before, 27, t -> t.plusHours(1)));
    wall.addAll(steps(LocalDateTime.of(2024, 10, 27, 2, 0), 20, t -> t.plusHours(1)));

    TableProfile naive = look(rows(wall), DEFAULTS);
    assertEquals(1, naive.time().orElseThrow().duplicates());
    assertTrue(
        findings(naive)
            .contains(
                "t: what repeats may be the hour that exists twice when clocks are put back; --tz"
                    + " ZONE says where"),
        findings(naive).toString());

    TableProfile zoned = look(rows(wall), in("Europe/Berlin"));
    assertEquals(0, zoned.time().orElseThrow().duplicates());
    assertEquals(0, zoned.time().orElseThrow().gaps());
    assertTrue(
        findings(zoned)
            .contains(
                "28 t: 2 rows in an hour that exists twice in Europe/Berlin; the first that"
                    + " comes is taken as the first"),
        findings(zoned).toString());
    // And backwards as well.
    assertEquals(
        0, look(rows(wall.reversed()), in("Europe/Berlin")).time().orElseThrow().duplicates());
  }

  @Test
  void hour_thatIsMissing_isNoGapInItsZone() {
    List<LocalDateTime> wall =
        new ArrayList<>(steps(LocalDateTime.of(2024, 3, 30, 0, 0), 48, t -> t.plusHours(1)));
    wall.remove(LocalDateTime.of(2024, 3, 31, 2, 0));

    assertEquals(1, time(wall).gaps());
    assertEquals(0, look(rows(wall), in("Europe/Berlin")).time().orElseThrow().gaps());

    wall.add(26, LocalDateTime.of(2024, 3, 31, 2, 0));
    assertTrue(
        findings(look(rows(wall), in("Europe/Berlin")))
            .contains(
                "28 t: 1 row with a time that does not exist in Europe/Berlin, where clocks were"
                    + " put forward"));
  }

  @Test
  void days_overAChangeOfClocks_areDays() {
    List<String> times = new ArrayList<>();
    for (LocalDate day : steps(LocalDate.of(2024, 3, 20), 20, t -> t.plusDays(1))) {
      times.add(
          day.isBefore(LocalDate.of(2024, 3, 31)) || day.equals(LocalDate.of(2024, 3, 31))
              ? day + "T00:00+01:00"
              : day + "T00:00+02:00");
    }
    TimeProfile time = look(rows(times), in("Europe/Berlin")).time().orElseThrow();
    assertEquals("every day", time.frequency().text());
    assertEquals("2024-03-20", time.first());
  }

  @Test
  void years_withMonthsBeside_areOneTime() {
    StringBuilder rows = new StringBuilder("Year,Month,v\n");
    for (int i = 0; i < 36; i++) {
      rows.append(2000 + i / 12)
          .append(',')
          .append(1 + i % 12)
          .append(',')
          .append(i % 12)
          .append('\n');
    }
    TimeProfile time = look(rows.toString(), DEFAULTS).time().orElseThrow();

    assertEquals("Year, Month", time.column());
    assertEquals("every month", time.frequency().text());
    assertTrue(
        findings(look(rows + "2003,13,0\n", DEFAULTS))
            .contains("38 Year, Month: 1 row without a time, or with none that is a date"));
  }

  @Test
  void columns_withRangesAndCategories_areTold() {
    TableProfile profile =
        look("t,v,c,k,w\n1,-1,a,7,x\n2,5.5,b,7,x\n3,-1,a,7,1\n4,0,,7,\n", DEFAULTS);

    ColumnProfile.Numbers v = profile.columns().get(1).numbers().orElseThrow();
    assertEquals(-1, v.least());
    assertEquals(5.5, v.most());
    assertEquals(0.875, v.mean());
    assertEquals(1, v.zeros());
    assertEquals(
        List.of(new ColumnProfile.Share("a", 0.5), new ColumnProfile.Share("b", 0.25)),
        profile.columns().get(2).frequent());
    assertEquals(1, profile.columns().get(2).column().missing());
    assertTrue(
        findings(profile)
            .contains(
                "v: -1 stands in 2 rows, first in line 2, and nothing else is below 0; --na=-1 if"
                    + " it means that there is no value"),
        findings(profile).toString());
    assertTrue(findings(profile).contains("k: one value only"), findings(profile).toString());
  }

  @Test
  void text_amongNumbers_isToldWithItsLine() {
    assertTrue(
        findings(look("t,v\n2024-01-01,1\n2024-01-02,2\n2024-01-03,n/a\n", DEFAULTS))
            .contains("4 v: text, though 2 of 3 values are numbers: the first other one is n/a"));
  }

  @Test
  void names_thatLookLikeARow_areTold() {
    assertTrue(
        findings(look("the,DET\na,DET\nthe,DET\n", DEFAULTS))
            .getFirst()
            .startsWith("names: the first line has the, DET"));
    assertFalse(
        findings(look("word,tag\na,DET\nthe,DET\n", DEFAULTS)).getFirst().startsWith("names"));
  }

  @Test
  void columns_withValuesBehindTheTarget_areKnownLater() {
    TableProfile profile =
        look(
            "t,v,price,past\n2024-01-01,1,5,7\n2024-01-02,2,5,8\n2024-01-03,,6,\n2024-01-04,,6,\n",
            new ProfileOptions(List.of(), List.of(), List.of("v"), Optional.empty()));

    assertTrue(
        findings(profile).contains("price: known later than the last value of the target"),
        findings(profile).toString());
  }

  @Test
  void series_constantEmptyAndShort_areTold() {
    StringBuilder rows = new StringBuilder("t,id,v\n");
    for (int i = 0; i < 48; i++) {
      LocalDate day = LocalDate.of(2020, 1, 1).plusMonths(i);
      rows.append(day).append(",a,").append(i % 12).append('\n');
      rows.append(day).append(",b,3\n");
      rows.append(day).append(",c,\n");
    }
    rows.append("2020-01-01,d,1\n2020-02-01,d,2\n");
    TableProfile profile = look(rows.toString(), by("id"));

    assertEquals(12, profile.targets().getFirst().season().orElseThrow().lag());
    assertEquals(1, profile.targets().getFirst().constant());
    assertEquals(1, profile.targets().getFirst().empty());
    assertTrue(
        findings(profile)
            .contains("series: 1 of 4 shorter than two seasons of 12 steps (series d)"),
        findings(profile).toString());
  }

  @Test
  void options_thatNameNothingUsable_areRefused() {
    String content = "t,v,c\n2024-01-01,1.5,x\n";
    assertEquals(
        "time: expected a column of dates, times or whole numbers, got c, which is text",
        assertThrows(
                DataException.class,
                () ->
                    look(
                        content,
                        new ProfileOptions(List.of("c"), List.of(), List.of(), Optional.empty())))
            .getMessage());
    assertEquals(
        "target: expected columns of numbers, got c, which is text",
        assertThrows(
                DataException.class,
                () ->
                    look(
                        content,
                        new ProfileOptions(List.of(), List.of(), List.of("c"), Optional.empty())))
            .getMessage());
    assertEquals(
        "by: expected one of the columns t, v, c, got d",
        assertThrows(DataException.class, () -> look(content, by("d"))).getMessage());
    assertEquals(
        "tz: expected a column of times, got an order of numbers in n",
        assertThrows(
                Refusal.class,
                () ->
                    look(
                        "n,v\n1,2\n",
                        new ProfileOptions(
                            List.of("n"), List.of(), List.of(), Optional.of(ZoneId.of("UTC")))))
            .getMessage());
  }
}
