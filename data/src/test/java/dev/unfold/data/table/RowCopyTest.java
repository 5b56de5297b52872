package dev.unfold.data.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.data.source.DataException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class RowCopyTest {
  private static RowCopy some() {
    return RowCopy.of(
        "rows",
        sink -> {
          sink.columns(List.of("n", "x", "text", "flag", "local", "instant"));
          sink.whole(7);
          sink.number(0.1);
          sink.text("0042");
          sink.yesOrNo(true);
          sink.local(LocalDateTime.of(2026, 1, 2, 3, 4));
          sink.instant(Instant.parse("2026-01-02T03:04:05Z"));
          sink.end();
          sink.missing();
          sink.number(Double.NaN);
          sink.text("日本");
          sink.missing();
          sink.missing();
          sink.missing();
          sink.end();
        });
  }

  @Test
  void table_ofACopy_hasTheRowsAndTheirTypes() {
    try (Table table = Table.of(some(), TableOptions.defaults())) {
      assertEquals(2, table.rowCount());
      assertEquals(
          List.of(
              ColumnType.WHOLE,
              ColumnType.NUMBER,
              ColumnType.TEXT,
              ColumnType.BOOLEAN,
              ColumnType.TIME,
              ColumnType.TIME),
          table.columns().stream().map(Column::type).toList());
      List<String> texts = new ArrayList<>();
      table.rows(row -> {
        texts.add(row.isMissing(0) ? "-" : row.text(0));
        texts.add(row.isMissing(1) ? "-" : Double.toString(row.number(1)));
        texts.add(row.text(2));
      });
      assertEquals(List.of("7", "0.1", "0042", "-", "-", "日本"), texts);
      assertEquals("rows", table.sources().getFirst().name());
    }
  }

  @Test
  void copy_ofTheSameRows_isTheSameBytes() {
    RowCopy one = some();
    RowCopy other = some();
    assertEquals(1, one.pieces().size());
    assertArrayEquals(one.pieces().getFirst(), other.pieces().getFirst());
    assertEquals(one.pieces().getFirst().length, one.bytes());
  }

  @Test
  void copy_ofManyRows_isInPiecesThatAreReadAsOne() {
    int rows = 2_000_000;
    RowCopy copy =
        RowCopy.of(
            "rows",
            sink -> {
              sink.columns(List.of("n"));
              for (int i = 0; i < rows; i++) {
                sink.whole(i);
                sink.end();
              }
            });
    assertTrue(copy.pieces().size() > 1, "one piece");
    assertEquals(10L * rows, copy.bytes());
    long[] sum = new long[1];
    try (Table table = Table.of(copy, TableOptions.defaults())) {
      table.rows(row -> sum[0] += (long) row.number(0));
    }
    assertEquals((long) rows * (rows - 1) / 2, sum[0]);
  }

  @Test
  void copy_ofNoRows_isRefusedAsATable() {
    RowCopy none = RowCopy.of("rows", sink -> sink.columns(List.of("n")));
    Exception e = assertThrows(DataException.class, () -> Table.of(none, TableOptions.defaults()));
    assertEquals("rows: expected rows below the names of columns, got none", e.getMessage());
  }
}
