package dev.unfold.cli.report;

import dev.unfold.run.Interrupts;
import java.io.PrintStream;
import me.tongfei.progressbar.ProgressBarConsumer;

/// The line of the terminal that a progress bar is drawn in, by a thread of its own.
///
/// The library's own consumer asks JLine about the terminal, which then handles Ctrl-C in its own way;
/// see [Interrupts]. This one knows nothing of the terminal: a line that is too long is cut by it.
final class BarLine implements ProgressBarConsumer {
  private static final String CLEAR = "\r\033[2K";
  private static final String CUT = "\033[?7l";
  private static final String WRAP = "\033[?7h";
  private static final int LENGTH = 120;

  private final PrintStream out;
  private String shown = "";

  BarLine(PrintStream out) {
    this.out = out;
  }

  @Override
  public int getMaxRenderedLength() {
    return LENGTH;
  }

  @Override
  public synchronized void accept(String bar) {
    shown = bar;
    draw();
  }

  private void draw() {
    out.print(CLEAR + CUT + shown + WRAP);
    out.flush();
  }

  @Override
  public synchronized void close() {
    clear();
    shown = "";
  }

  @Override
  public synchronized void clear() {
    out.print(CLEAR);
    out.flush();
  }

  /// Runs what prints other lines, and draws the bar again below them.
  synchronized void replaceBy(Runnable printer) {
    clear();
    printer.run();
    if (!shown.isEmpty()) {
      draw();
    }
  }
}
