package dev.unfold.cli.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/// The bar stays below what is printed, and goes when it is closed.
final class BarLineTest {
  private static final String CLEAR = "\r\033[2K";
  private static final String BAR = CLEAR + "\033[?7l" + "a bar" + "\033[?7h";

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
  private final BarLine line = new BarLine(out);

  @Test
  void bar_afterAnotherLine_isDrawnAgainAtOnce() {
    line.accept("a bar");
    line.replaceBy(() -> out.print("a line\n"));

    assertEquals(BAR + CLEAR + "a line\n" + BAR, bytes.toString(StandardCharsets.UTF_8));
  }

  @Test
  void bar_closed_isGone() {
    line.accept("a bar");
    line.close();
    line.replaceBy(() -> out.print("a line\n"));

    assertEquals(BAR + CLEAR + CLEAR + "a line\n", bytes.toString(StandardCharsets.UTF_8));
  }
}
