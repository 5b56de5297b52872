package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Constructor;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the page about the library shows works as it stands there.
final class LibraryPageTest {
  private static final Path PAGE = Path.of("..", "docs", "library.md");

  @TempDir private Path folder;

  @Test
  void program_ofThePage_doesWhatThePageSays() throws Exception {
    List<String> blocks = PageProgram.blocks(PAGE, "java");
    PageProgram program = new PageProgram("Library", folder);
    program.compile(String.join("\n", blocks.subList(0, blocks.size() - 1)));
    Path model = Texts.model(folder);
    Path text = Texts.write(folder.resolve("other.txt"), 100);

    String out = program.run(model.toString(), text.toString());

    assertTrue(number(out, "best: (.*) nats") < 0.5, out);
    assertTrue(number(out, "right: (.*) of 60") > 50, out);
    assertTrue(number(out, "step 19: (.*)") > 0.5, out);
    assertTrue(out.contains("same bits: true"), out);
    assertTrue(out.contains("user-7 at 2"), out);
    assertTrue(out.contains("user-8 at 4"), out);
    assertTrue(number(out, "accuracy: (.*)") > 0.7, out);
    assertTrue(number(out, "model: MASE (.*?), .* over 8 windows") < 2, out);
    number(out, "naive: MASE (.*?), .* over 8 windows");
    number(out, "\\[south\\] 2026-07-20: (.*)");
    assertEquals(1, out.lines().filter("output is close: true"::equals).count(), out);
    assertTrue(number(out, "perplexity (.*)") < 100, out);
    assertEquals(1, number(out, "seed (.*)"), out);
    assertTrue(Files.exists(folder.resolve("waves.onnx")));
  }

  @Test
  void test_ofThePage_passes() throws Exception {
    new PageProgram("LeakyTest", folder).compile(PageProgram.blocks(PAGE, "java").getLast());
    URL[] classes = {folder.toUri().toURL()};
    try (URLClassLoader loader = new URLClassLoader(classes, getClass().getClassLoader())) {
      Class<?> test = loader.loadClass("LeakyTest");
      Constructor<?> constructor = test.getDeclaredConstructor();
      constructor.setAccessible(true);
      for (Method method : test.getDeclaredMethods()) {
        if (method.isAnnotationPresent(Test.class)) {
          method.setAccessible(true);
          method.invoke(constructor.newInstance());
        }
      }
    }
  }

  private static double number(String out, String line) {
    Matcher found = Pattern.compile("(?m)" + line + "$").matcher(out);
    assertTrue(found.find(), () -> line + "\n" + out);
    return Double.parseDouble(found.group(1));
  }
}
