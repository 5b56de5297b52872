package dev.unfold.data.table;

import static dev.unfold.data.table.ParquetFixture.BOOLEAN;
import static dev.unfold.data.table.ParquetFixture.BYTE_ARRAY;
import static dev.unfold.data.table.ParquetFixture.DOUBLE;
import static dev.unfold.data.table.ParquetFixture.FIXED;
import static dev.unfold.data.table.ParquetFixture.FLOAT;
import static dev.unfold.data.table.ParquetFixture.INT32;
import static dev.unfold.data.table.ParquetFixture.INT64;
import static dev.unfold.data.table.ParquetFixture.INT96;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.argument.Refusal;
import dev.unfold.data.source.DataException;
import dev.unfold.data.table.ParquetFixture.Codec;
import dev.unfold.data.table.ParquetFixture.Form;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Parquet files, written by a writer of the tests' own.
final class ParquetTest {
  private static final Thrift STRING = union(1, new Thrift());
  private static final Thrift DATE = union(6, new Thrift());

  @TempDir private Path folder;

  private static Thrift union(int member, Thrift value) {
    return new Thrift().struct(member, value);
  }

  /// @param unit 1: milliseconds, 2: microseconds, 3: nanoseconds
  private static Thrift timestamp(boolean isInstant, int unit) {
    return union(8, new Thrift().bool(1, isInstant).struct(2, union(unit, new Thrift())));
  }

  private static Thrift decimal(int scale) {
    return union(5, new Thrift().i32(1, scale).i32(2, 9));
  }

  private Path write(ParquetFixture fixture) throws IOException {
    return fixture.write(folder.resolve("t.parquet"));
  }

  private static long micros(String time) {
    return LocalDateTime.parse(time).toEpochSecond(ZoneOffset.UTC) * 1_000_000;
  }

  @ParameterizedTest
  @EnumSource(Codec.class)
  void types_ofColumns_areThoseOfTheSchema(Codec codec) throws IOException {
    Path file =
        write(
            new ParquetFixture(codec)
                .column("int", INT32, null, 3, null, -7)
                .column("long", INT64, null, 1L << 60, 5L, null)
                .column("double", DOUBLE, null, 2.0, 3.0, Double.NaN)
                .column("float", FLOAT, null, 0.5f, null, 1.5f)
                .column("flag", BOOLEAN, null, true, null, false)
                .column("text", BYTE_ARRAY, STRING, Form.DICTIONARY, "a", null, "a")
                .column("digits", BYTE_ARRAY, STRING, "1", "2", "3")
                .column("raw", BYTE_ARRAY, null, "x", "\u00e9", "z")
                .column("nothing", INT32, null, Form.AT_HAND, null, null, null));

    try (Table table = Table.read(file)) {
      assertEquals(
          List.of(
              ColumnType.WHOLE,
              ColumnType.WHOLE,
              ColumnType.NUMBER,
              ColumnType.NUMBER,
              ColumnType.BOOLEAN,
              ColumnType.TEXT,
              ColumnType.TEXT,
              ColumnType.TEXT,
              ColumnType.EMPTY),
          Tables.types(table));
      assertEquals("Parquet", table.form());
      assertEquals(3, table.rowCount());
      assertArrayEquals(new double[] {3, Double.NaN, -7}, Tables.numbers(table, "int"));
      assertArrayEquals(new double[] {2, 3, Double.NaN}, Tables.numbers(table, "double"));
      assertEquals(
          List.of(
              Arrays.asList("3", "1152921504606846976", "2.0", "0.5", "true", "a", "1", "x", null),
              Arrays.asList(null, "5", "3.0", null, null, null, "2", "\u00e9", null),
              Arrays.asList("-7", null, null, "1.5", "false", "a", "3", "z", null)),
          Tables.texts(table));
      assertEquals(1, table.column("text").missing());
    }
  }

  @Test
  void times_ofEachKind_areReadWithTheirZones() throws IOException {
    long day = 19_500;
    long millis = day * 86_400_000 + 3_600_250;
    Path file =
        write(
            new ParquetFixture(Codec.NONE)
                .column("date", INT32, DATE, (int) day)
                .column("instant", INT64, timestamp(true, 1), millis)
                .column("local", INT64, timestamp(false, 2), millis * 1000)
                .column("nanos", INT64, timestamp(false, 3), millis * 1_000_000 + 999)
                .column(
                    "old",
                    INT96,
                    null,
                    (Object) ParquetFixture.int96(3_600_250_000_000L, 2_440_588 + (int) day))
                .column("day", BYTE_ARRAY, STRING, "2023-05-23"));

    try (Table table = Table.read(file)) {
      long expected = micros("2023-05-23T01:00:00") + 250_000;
      for (String name : List.of("instant", "local", "nanos", "old")) {
        assertEquals(ColumnType.TIME, table.column(name).type(), name);
        assertArrayEquals(new long[] {expected}, Tables.times(table, name), name);
        assertEquals(name.equals("instant"), table.column(name).isZoned(), name);
      }
      assertArrayEquals(new long[] {micros("2023-05-23T00:00:00")}, Tables.times(table, "date"));
      assertEquals(ColumnType.TIME, table.column("day").type());
      assertEquals(
          List.of(
              List.of(
                  "2023-05-23",
                  "2023-05-23 01:00:00.250Z",
                  "2023-05-23 01:00:00.250",
                  "2023-05-23 01:00:00.250",
                  "2023-05-23 01:00:00.250",
                  "2023-05-23")),
          Tables.texts(table));
    }
  }

  @Test
  void decimals_areNumbers() throws IOException {
    Path file =
        write(
            new ParquetFixture(Codec.NONE)
                .column("price", INT32, decimal(2), 1234, -5)
                .column("whole", INT64, decimal(0), 12L, 13L)
                .column("fixed", FIXED, decimal(1), new byte[] {0, 0, 1}, new byte[] {-1, -1, -1})
                .column("small", INT32, union(10, new Thrift().i8(1, 8).bool(2, false)), 255, 1));

    try (Table table = Table.read(file)) {
      assertArrayEquals(new double[] {12.34, -0.05}, Tables.numbers(table, "price"));
      assertArrayEquals(new double[] {12, 13}, Tables.numbers(table, "whole"));
      assertArrayEquals(new double[] {0.1, -0.1}, Tables.numbers(table, "fixed"));
      assertArrayEquals(new double[] {255, 1}, Tables.numbers(table, "small"));
      assertEquals(ColumnType.WHOLE, table.column("whole").type());
    }
  }

  @Test
  void numbers_thatMeanNothing_areMissing() throws IOException {
    Path file =
        write(
            new ParquetFixture(Codec.NONE)
                .column("v", DOUBLE, null, -1.0, 2.0)
                .column("w", INT32, null, 3, -1)
                .column("s", BYTE_ARRAY, STRING, "none", "NA"));
    TableOptions options = TableOptions.defaults().withMissing(Set.of("-1", "none"));

    try (Table table = Table.read(List.of(TableFile.of(file)), options)) {
      assertArrayEquals(new double[] {Double.NaN, 2}, Tables.numbers(table, "v"));
      assertArrayEquals(new double[] {3, Double.NaN}, Tables.numbers(table, "w"));
      assertEquals(2, table.column("s").missing());
    }
  }

  @Test
  void years_ofWholeNumbers_areTimes() throws IOException {
    Path file = write(new ParquetFixture(Codec.NONE).column("year", INT32, null, 1999, 2003));

    try (Table table = Table.read(file)) {
      assertEquals(NumberClock.YEARS, table.column("year").clock());
      assertEquals(micros("2003-01-01T00:00:00"), Tables.times(table, "year")[1]);
    }
  }

  @Test
  void files_withTheSameColumns_areOneTable() throws IOException {
    Path a = new ParquetFixture(Codec.NONE).column("v", INT32, null, 1).write(folder.resolve("a"));
    Path b =
        new ParquetFixture(Codec.SNAPPY).column("v", INT32, null, 2).write(folder.resolve("b"));
    Path c = new ParquetFixture(Codec.NONE).column("w", INT32, null, 2).write(folder.resolve("c"));
    Path d = Files.writeString(folder.resolve("d"), "v\n1\n");

    try (Table table = read(a, b)) {
      assertArrayEquals(new double[] {1, 2}, Tables.numbers(table, "v"));
    }
    assertTrue(
        message(a, c).endsWith("expected the columns of the first file, v as column 1, got w"));
    assertTrue(message(a, d).startsWith(d + ": expected a Parquet file"), () -> message(a, d));
  }

  private static Table read(Path... files) {
    return Table.read(Arrays.stream(files).map(TableFile::of).toList(), TableOptions.defaults());
  }

  private static String message(Path... files) {
    String message = assertThrows(DataException.class, () -> read(files).close()).getMessage();
    assertEquals(1, message.lines().count(), message);
    return message;
  }

  @Test
  void columns_thatAreNoneOfATable_areRefusedByName() throws IOException {
    ParquetFixture nested = new ParquetFixture(Codec.NONE).column("v", INT32, null, 1);
    String said = message(write(nested.structure("address")));
    assertTrue(said.contains("column address: expected a value a row, got lists or columns"), said);
    said = message(write(new ParquetFixture(Codec.NONE).column("key", FIXED, null, new byte[3])));
    assertTrue(
        said.contains("column key: expected numbers, texts, times, or yes and no, got FIXED"),
        said);
    said =
        message(
            write(new ParquetFixture(Codec.NONE).column("raw", BYTE_ARRAY, null, new byte[] {-1})));
    assertTrue(said.contains("line 1, column raw: expected text in UTF-8, got other bytes"), said);
    said =
        message(
            write(
                new ParquetFixture(Codec.NONE)
                    .column("v", DOUBLE, null, 1.0, Double.POSITIVE_INFINITY)));
    assertTrue(said.contains("line 2, column v: expected a finite number, got Infinity"), said);
  }

  @Test
  void options_ofTexts_areRefused() throws IOException {
    List<TableFile> files =
        List.of(TableFile.of(write(new ParquetFixture(Codec.NONE).column("v", INT32, null, 1))));
    TableOptions defaults = TableOptions.defaults();
    assertThrows(
        DataException.class, () -> Table.read(files, defaults.withNames(List.of("w"))).close());
    assertThrows(
        DataException.class, () -> Table.read(files, defaults.withShape(TableShape.WIDE)).close());
  }

  private static void readAll(Path file) {
    try (Table table = Table.read(file)) {
      table.rows(row -> assertFalse(row.place().file().isEmpty()));
    }
  }

  /// As many as there are rows, but for 64 bits more.
  @Test
  void file_whosePagesHaveTooManyValuesForALong_isRefused() throws IOException {
    Path file =
        new ParquetFixture(Codec.NONE)
            .column("v", DOUBLE, null, 1.0, 2.0, 3.0)
            .pages(2, Long.MAX_VALUE, Long.MAX_VALUE)
            .write(folder.resolve("pages"));
    DataException refused =
        assertTimeoutPreemptively(
            Duration.ofSeconds(20), () -> assertThrows(DataException.class, () -> readAll(file)));
    assertTrue(
        refused
            .getMessage()
            .endsWith(
                "expected a Parquet file that is whole, got wrong number of values of a page"),
        refused.getMessage());
  }

  /// Whatever the bytes are, what comes is a table or a refusal.
  @Test
  void file_thatIsSpoilt_isRefusedInOneLine() throws IOException {
    long seed = 82;
    System.out.println("ParquetTest: seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    int refused = 0;
    for (Codec codec : Codec.values()) {
      byte[] whole =
          new ParquetFixture(codec)
              .column("v", DOUBLE, null, 1.0, null, 3.0)
              .column("t", BYTE_ARRAY, STRING, Form.DICTIONARY, "a", "b", null)
              .bytes();
      for (int i = 0; i < 300; i++) {
        byte[] spoilt =
            i % 3 == 0 ? Arrays.copyOf(whole, random.nextInt(4, whole.length)) : whole.clone();
        for (int k = random.nextInt(1, 4); k > 0 && i % 3 > 0; k--) {
          spoilt[random.nextInt(4, spoilt.length)] = (byte) random.nextInt();
        }
        Path file = Files.write(folder.resolve("spoilt"), spoilt);
        String which = codec + " " + i;
        try {
          assertTimeoutPreemptively(Duration.ofSeconds(20), () -> readAll(file), which);
        } catch (DataException | Refusal e) {
          assertEquals(1, e.getMessage().lines().count());
          assertTrue(e.getMessage().contains("expected"), e.getMessage());
          refused++;
        }
      }
    }
    assertTrue(refused > 300, "refused: " + refused);
  }
}
