package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the page about series shows works as it stands there.
final class SeriesPageTest {
  private static final Path PAGE = Path.of("..", "docs", "series.md");

  @TempDir private Path folder;

  @Test
  void example_ofTheLibrary_runs() throws Exception {
    StringBuilder rows = new StringBuilder("date,sales\n");
    for (int day = 0; day < 84; day++) {
      rows.append(
          "%s,%s%n"
              .formatted(
                  LocalDate.of(2024, 1, 1).plusDays(day), 10 + day % 7 + day * 7919 % 10 / 10.0));
    }
    Files.writeString(folder.resolve("sales.csv"), rows);
    PageProgram program = new PageProgram("Example", folder);
    program.compile(
        """
        import dev.unfold.data.series.*;
        import dev.unfold.data.table.*;
        import dev.unfold.kernels.*;
        import dev.unfold.run.series.*;
        import java.nio.file.*;
        class Example {
          static void main() throws Exception {
        """
            + PageProgram.blocks(PAGE, "java").getFirst()
            + "  }\n}\n");

    List<String> lines = program.run().strip().lines().toList();
    assertEquals(7, lines.size(), lines::toString);
    for (int day = 0; day < 7; day++) {
      String[] parts = lines.get(day).split(" ", -1);
      assertEquals(LocalDate.of(2024, 3, 25).plusDays(day).toString(), parts[0]);
      assertTrue(Math.abs(Double.parseDouble(parts[1]) - (10 + day)) < 2, lines::toString);
    }
    assertTrue(Files.exists(folder.resolve("sales.safetensors")));
  }
}
