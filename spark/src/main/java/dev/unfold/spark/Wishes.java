package dev.unfold.spark;

import dev.unfold.run.StopRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/// That `unfold train ... --on` is to stop, passed on to the driver that it started: an exit code, as a line of its
/// standard input. When that ends afterwards, as by a second Ctrl-C, so does the driver, at once.
///
/// It is no signal, because a terminal sends Ctrl-C to both, and a second one ends them.
final class Wishes {
  private Wishes() {}

  /// Tells `driver` an exit code.
  static void tell(OutputStream driver, int code) {
    try {
      driver.write((code + "\n").getBytes(StandardCharsets.US_ASCII));
      driver.flush();
    } catch (IOException e) {
      System.getLogger(Wishes.class.getName())
          .log(System.Logger.Level.DEBUG, "the driver ends already", e);
    }
  }

  /// Hears what is told here.
  static void hear(InputStream in, StopRequest stop) {
    daemon(() -> {
      int code = 0;
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        code = Integer.parseInt(line.strip());
        stop.ask(code);
      }
      if (code != 0) {
        Runtime.getRuntime().halt(code);
      }
    });
  }

  /// Ends this process if it is there still when `grace` is over.
  static void endAfter(Duration grace, int code, PrintWriter err) {
    daemon(() -> {
      Thread.sleep(grace);
      err.println("unfold: the workers have not stopped within %d s".formatted(grace.toSeconds()));
      Runtime.getRuntime().halt(code);
    });
  }

  /// Ends `process` if it is there still when `grace` is over.
  static void endAfter(Duration grace, Process process) {
    daemon(() -> {
      if (!process.waitFor(grace)) {
        process.destroyForcibly();
      }
    });
  }

  private interface Work {
    void run() throws Exception;
  }

  private static void daemon(Work work) {
    Thread.ofPlatform()
        .daemon()
        .start(() -> {
          try {
            work.run();
          } catch (Exception e) {
            System.getLogger(Wishes.class.getName())
                .log(System.Logger.Level.DEBUG, "no wish is heard any more", e);
          }
        });
  }
}
