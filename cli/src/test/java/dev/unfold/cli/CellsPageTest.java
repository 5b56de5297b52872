package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the page about cells shows works as it stands there.
final class CellsPageTest {
  private static final Path PAGE = Path.of("..", "docs", "cells.md");
  private static final Path TEXT = Path.of("..", "LICENSE").toAbsolutePath();
  private static final String NATS = "nats per character: ";
  private static final List<String> VECTORS =
      List.of("--add-modules", "jdk.incubator.vector", "--enable-native-access=ALL-UNNAMED");

  @TempDir private Path folder;

  @Test
  void program_ofAnOwnCell_printsWhatThePageSays() throws Exception {
    PageProgram program = new PageProgram("Habituation", folder);
    program.compile(String.join("\n", PageProgram.blocks(PAGE, "java")));
    List<String> expected = PageProgram.blocks(PAGE, "text").getFirst().lines().toList();

    List<String> out = program.run(VECTORS, TEXT.toString()).lines().toList();

    assertEquals(expected.size(), out.size(), () -> String.join("\n", out));
    for (int i = 0; i < out.size(); i++) {
      String line = expected.get(i);
      if (line.startsWith(NATS)) {
        // Sums over lanes round differently with other vectors, and training carries that on.
        assertEquals(nats(line), nats(out.get(i)), 0.1);
      } else if (line.startsWith("sample: ")) {
        assertEquals("sample: ".length() + 40, out.get(i).length(), out.get(i));
      } else {
        assertEquals(line, out.get(i));
      }
    }
  }

  private static double nats(String line) {
    assertTrue(line.startsWith(NATS), line);
    return Double.parseDouble(line.substring(NATS.length()));
  }

  @Test
  void table_ofThePage_hasEveryCell() throws IOException {
    String page = Files.readString(PAGE);
    for (String name : Cells.names()) {
      assertTrue(page.contains("`" + name + "`"), name);
    }
  }
}
