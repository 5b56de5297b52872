package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the page about sequences with labels shows works as it stands there.
final class SequencesPageTest {
  private static final Path PAGE = Path.of("..", "docs", "sequences.md");

  @TempDir private Path folder;

  @Test
  void example_ofTheLibrary_runs() throws Exception {
    String sentence = "time\tNOUN\nflies\tVERB\n.\tPUNCT\n\n";
    Files.writeString(folder.resolve("words.tsv"), "FORM\tUPOS\n" + sentence.repeat(30));
    PageProgram program = new PageProgram("Example", folder);
    program.compile(
        """
        import dev.unfold.data.label.*;
        import dev.unfold.run.label.*;
        import java.nio.file.*;
        import java.util.*;
        class Example {
          static void main() throws Exception {
        """
            + PageProgram.blocks(PAGE, "java").getFirst()
            + "  }\n}\n");

    List<String> out = program.run().lines().toList();
    assertEquals(2, out.size(), out.toString());
    assertTrue(out.getLast().matches("\\[\\w+, \\w+]"), out.toString());
  }
}
