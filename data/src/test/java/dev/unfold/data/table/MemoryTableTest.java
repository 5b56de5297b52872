package dev.unfold.data.table;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.label.LinesFormat;
import dev.unfold.data.source.DataException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tables that were never files.
final class MemoryTableTest {
  private static final String CSV = "\uFEFFt,x,\"a, b\"\n2024-01-01,1.5,u\n2024-01-02,NA,v\n";

  @TempDir private Path folder;

  private static TableFile body(String content) {
    return TableFile.of("body", content.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void table_ofBytes_isThatOfAFile() {
    try (Table memory = Table.read(List.of(body(CSV)), TableOptions.defaults());
        Table file = new Tables(folder).read(CSV)) {
      assertEquals(file.columns(), memory.columns());
      assertEquals(Tables.texts(file), Tables.texts(memory));
      assertEquals(
          file.sources().getFirst().sha256(), memory.sources().getFirst().sha256(), "its evidence");
      assertEquals("body", memory.sources().getFirst().name());
    }
  }

  @Test
  void rows_ofBytes_areReadAsTheyCome() {
    StringBuilder texts = new StringBuilder();
    try (RowStream rows = RowStream.of(body("a,b\n1,2\n3,4\n"), TableOptions.defaults())) {
      rows.rows(List.of("a"), _ -> {}, row -> texts.append(row.text(1)), () -> {});
    }
    assertEquals("24", texts.toString());
  }

  @Test
  void labelledLines_ofBytes_areRead() {
    LabelledData data =
        new LinesFormat("")
            .read(
                List.of(body("yes all is well\nno it is not\n")),
                TableOptions.defaults(),
                LabelFormat.Labels.REQUIRED);
    assertEquals(List.of("no"), data.sequences().get(1).labels());
  }

  @Test
  void table_ofBytesOfParquet_isRefused() {
    assertEquals(
        "body: expected values as text, got Parquet",
        assertThrows(
                DataException.class,
                () -> Table.read(List.of(body("PAR1....PAR1")), TableOptions.defaults()).close())
            .getMessage());
  }
}
