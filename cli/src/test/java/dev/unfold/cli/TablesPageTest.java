package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the page about tables shows works as it stands there.
final class TablesPageTest {
  private static final Path PAGE = Path.of("..", "docs", "tables.md");

  @TempDir private Path folder;

  @Test
  void example_ofTheLibrary_runs() throws Exception {
    Files.writeString(
        folder.resolve("sales.csv"), "date,sales\n2025-03-01,1.5\n2025-03-02,NA\n2025-03-03,4\n");
    PageProgram program = new PageProgram("Example", folder);
    program.compile(
        """
        import dev.unfold.data.profile.*;
        import dev.unfold.data.table.*;
        import java.nio.file.*;
        import java.util.concurrent.atomic.*;
        class Example {
          static void main() throws Exception {
        """
            + PageProgram.blocks(PAGE, "java").getFirst()
            + "  }\n}\n");

    assertEquals("5.5, every day", program.run().strip());
  }
}
