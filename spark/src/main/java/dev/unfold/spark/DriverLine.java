package dev.unfold.spark;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.concurrent.Phaser;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.spark.SparkConf;

/// The driver's end of a [Line]: prints what the first worker prints, as it comes, and tells it to stop. Each attempt
/// of the stage comes anew. Whoever does not begin with the token is sent away.
///
/// **Threads**: any may ask; the rest is of one.
final class DriverLine implements AutoCloseable {
  private static final int TOKEN = 32;
  private static final int PATIENCE = 5000;

  private final ServerSocket door;
  private final Line line;
  private final PrintWriter out;

  /// Those who are heard, and this one.
  private final Phaser heard = new Phaser(1);

  private final Object lock = new Object();

  /// The last that came; null before.
  private Socket current;

  private int code;

  /// Listens where Spark's driver does.
  DriverLine(SparkConf conf, PrintWriter out) {
    this.out = out;
    byte[] token = new byte[TOKEN];
    new SecureRandom().nextBytes(token);
    String host = conf.get("spark.driver.host");
    try {
      door =
          new ServerSocket(0, 0, InetAddress.getByName(conf.get("spark.driver.bindAddress", host)));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "%s: no port can be opened: %s".formatted(host, e.getMessage()), e);
    }
    line = new Line(host, door.getLocalPort(), token);
    Thread.ofVirtual().name("unfold-line").start(this::admit);
  }

  /// What the first worker is to know.
  Line line() {
    return line;
  }

  /// Asks the workers to stop, those of this attempt and of all to come.
  ///
  /// @param exitCode 128 and the number of the signal
  void ask(int exitCode) {
    synchronized (lock) {
      code = exitCode;
      if (current != null) {
        pass(current);
      }
    }
  }

  private void admit() {
    while (!door.isClosed()) {
      try {
        Socket socket = door.accept();
        heard.register();
        Thread.ofVirtual().start(() -> hear(socket));
      } catch (IOException e) {
        debug("nobody is let in any more", e);
      }
    }
  }

  private void hear(Socket socket) {
    try (socket) {
      socket.setSoTimeout(PATIENCE);
      if (!MessageDigest.isEqual(line.token(), socket.getInputStream().readNBytes(TOKEN))) {
        return;
      }
      socket.setSoTimeout(0);
      synchronized (lock) {
        current = socket;
        socket.getOutputStream().write(Line.WELCOME);
        if (code != 0) {
          pass(socket);
        }
      }
      BufferedReader lines =
          new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
      for (String text = lines.readLine(); text != null; text = lines.readLine()) {
        synchronized (out) {
          out.println(text);
          out.flush();
        }
      }
    } catch (IOException e) {
      debug("the first worker has gone", e);
    } finally {
      heard.arriveAndDeregister();
    }
  }

  /// Tells the code, as a byte.
  private void pass(Socket socket) {
    try {
      socket.getOutputStream().write(code);
    } catch (IOException e) {
      debug("the first worker cannot be told", e);
    }
  }

  private static void debug(String what, Exception e) {
    System.getLogger(DriverLine.class.getName()).log(System.Logger.Level.DEBUG, what, e);
  }

  /// Waits for what is on its way, but not for long.
  @Override
  public void close() {
    try {
      door.close();
      heard.awaitAdvanceInterruptibly(heard.arrive(), PATIENCE, TimeUnit.MILLISECONDS);
    } catch (IOException | TimeoutException e) {
      debug("lines may be missing", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
