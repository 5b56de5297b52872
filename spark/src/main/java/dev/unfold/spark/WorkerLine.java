package dev.unfold.spark;

import dev.unfold.run.StopRequest;
import java.io.IOException;
import java.io.Writer;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The first worker's end of a [Line]: takes what it prints, and sends it to the driver line by line. What cannot be
/// sent is kept, for the end.
///
/// **Threads**: one writes.
final class WorkerLine extends Writer {
  private static final Logger LOG = LoggerFactory.getLogger(WorkerLine.class);

  private final StringBuilder kept = new StringBuilder();
  private final UnaryOperator<String> shown;

  /// Null if there is none, or none any more.
  private Socket socket;

  /// One without a connection.
  ///
  /// @param shown how a line is told
  WorkerLine(UnaryOperator<String> shown) {
    this.shown = shown;
  }

  /// Connects, if it can.
  ///
  /// @param stop is told that the driver wants all to stop
  void connect(Line line, StopRequest stop) {
    try {
      Socket made = line.connect();
      socket = made;
      Thread.ofVirtual().name("unfold-line").start(() -> hear(made, stop));
    } catch (IOException e) {
      LOG.warn(
          "{}:{}: no way to the driver, which prints all at the end", line.host(), line.port(), e);
    }
  }

  private static void hear(Socket made, StopRequest stop) {
    try {
      int code = made.getInputStream().read();
      if (code > 0) {
        stop.ask(code);
      }
    } catch (IOException e) {
      LOG.debug("nothing more comes from the driver", e);
    }
  }

  @Override
  public void write(char[] text, int from, int length) {
    kept.append(text, from, length);
    int end = kept.lastIndexOf("\n") + 1;
    if (socket == null || end == 0) {
      return;
    }
    try {
      String lines = shown.apply(kept.substring(0, end));
      socket.getOutputStream().write(lines.getBytes(StandardCharsets.UTF_8));
      kept.delete(0, end);
    } catch (IOException e) {
      LOG.warn("no way to the driver any more, which prints the rest at the end", e);
      close();
    }
  }

  @Override
  public void flush() {
    // Lines are sent when they are whole.
  }

  /// What has not been sent.
  String rest() {
    return shown.apply(kept.toString());
  }

  @Override
  public void close() {
    Socket last = socket;
    socket = null;
    try {
      if (last != null) {
        last.close();
      }
    } catch (IOException e) {
      LOG.debug("the connection to the driver could not be closed", e);
    }
  }
}
