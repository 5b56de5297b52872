package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What the page about second derivatives shows works as it stands there.
final class SecondOrderPageTest {
  @TempDir private Path folder;

  @Test
  void program_ofThePage_doesWhatThePageSays() throws Exception {
    PageProgram program = new PageProgram("SecondOrder", folder);
    Path page = Path.of("..", "docs", "second-order.md");
    program.compile(String.join("\n", PageProgram.blocks(page, "java")));

    String out = program.run();

    double squares = number(out, "g g: (.*)");
    double bound = Math.abs(number(out, "largest eigenvalue: (.*)")) * squares;
    assertTrue(Math.abs(number(out, "g H g: (.*)")) < bound, out);
    assertTrue(number(out, "g G g: (.*)") > 0, out);
    assertTrue(out.contains("norms: ["), out);
    number(out, "noise scale: (.*)");
    assertTrue(Math.abs(number(out, "sequence 0: (.*)")) < 1, out);
    double rounds = number(out, "rounds: (.*)");
    assertTrue(rounds > 2 && rounds < 12, out);
  }

  private static double number(String out, String line) {
    Matcher found = Pattern.compile("(?m)" + line + "$").matcher(out);
    assertTrue(found.find(), () -> line + "\n" + out);
    return Double.parseDouble(found.group(1));
  }
}
