package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the README shows works as it stands there.
final class ReadmeTest {
  private static final Path README = Path.of("..", "README.md");

  /// What the example needs, and nothing else: where things are is part of what it shows.
  private static final List<String> IMPORTS =
      List.of(
          "dev.unfold.cell.library",
          "dev.unfold.data.text",
          "dev.unfold.formats.model",
          "dev.unfold.infer",
          "dev.unfold.kernels",
          "dev.unfold.kernels.storage",
          "dev.unfold.kernels.work",
          "dev.unfold.model",
          "dev.unfold.train",
          "dev.unfold.train.update",
          "java.nio.file");

  @TempDir private Path folder;

  @Test
  void example_ofTheLibrary_runs() throws Exception {
    String example = PageProgram.blocks(README, "java").getFirst();
    assertTrue(example.lines().filter(line -> !line.isBlank()).count() <= 16, example);
    Texts.write(folder.resolve("input.txt"), 1000);
    PageProgram program = new PageProgram("Example", folder);
    program.compile(source(example));

    String out = program.run();

    assertEquals(100, out.codePointCount(0, out.length()), out);
    assertTrue(Files.size(folder.resolve("model.safetensors")) > 10_000);
  }

  private static String source(String example) {
    StringBuilder source = new StringBuilder();
    IMPORTS.forEach(name -> source.append("import ").append(name).append(".*;\n"));
    source.append("class Example {\n  static void main() throws Exception {\n");
    return source.append(example).append("  }\n}\n").toString();
  }
}
