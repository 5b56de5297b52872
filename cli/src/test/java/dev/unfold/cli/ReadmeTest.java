package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.tools.JavaCompiler;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the README shows works as it stands there.
final class ReadmeTest {
  private static final Path README = Path.of("..", "README.md");

  /// What the example needs, and nothing else: where things are is part of what it shows.
  private static final List<String> IMPORTS =
      List.of(
          "dev.unfold.cell",
          "dev.unfold.data",
          "dev.unfold.formats",
          "dev.unfold.kernels",
          "dev.unfold.net",
          "dev.unfold.train",
          "java.nio.file");

  @TempDir private Path folder;

  @Test
  void example_ofTheLibrary_runs() throws Exception {
    String example = example();
    assertTrue(example.lines().filter(line -> !line.isBlank()).count() <= 16, example);
    Texts.write(folder.resolve("input.txt"), 1000);
    compile(example);

    String out = run();

    assertEquals(100, out.codePointCount(0, out.length()), out);
    assertTrue(Files.size(folder.resolve("model.safetensors")) > 10_000);
  }

  private static String example() throws IOException {
    String readme = Files.readString(README);
    int start = readme.indexOf("```java\n") + "```java\n".length();
    return readme.substring(start, readme.indexOf("```", start));
  }

  private void compile(String example) throws IOException {
    StringBuilder source = new StringBuilder();
    IMPORTS.forEach(name -> source.append("import ").append(name).append(".*;\n"));
    source.append("class Example {\n  static void main() throws Exception {\n");
    source.append(example).append("  }\n}\n");
    Path file = Files.writeString(folder.resolve("Example.java"), source);
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    StringWriter messages = new StringWriter();
    List<String> options =
        List.of("-Xlint:all", "-Werror", "-proc:none", "-d", folder.toString(), "-cp", classPath());
    boolean compiled;
    try (var files = compiler.getStandardFileManager(null, null, null)) {
      compiled =
          compiler
              .getTask(messages, files, null, options, null, files.getJavaFileObjects(file))
              .call();
    }
    assertTrue(compiled, messages::toString);
  }

  private String run() throws IOException, InterruptedException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java");
    Path out = folder.resolve("out");
    Process process =
        new ProcessBuilder(
                java.toString(),
                "-cp",
                folder + ":" + classPath(),
                "-Dstdout.encoding=UTF-8",
                "Example")
            .directory(folder.toFile())
            .redirectOutput(out.toFile())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .start();
    assertTrue(process.waitFor(120, TimeUnit.SECONDS));
    assertEquals(0, process.exitValue());
    return Files.readString(out, StandardCharsets.UTF_8);
  }

  private static String classPath() {
    return System.getProperty("java.class.path");
  }
}
