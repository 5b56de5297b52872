package dev.unfold.spark;

import dev.unfold.argument.Refusal;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;

/// The masters of `spark://HOST:PORT,HOST:PORT`, which a driver reaches from the machine that it runs on. Spark itself
/// would try for a minute, and say little.
final class Masters {
  private static final String SCHEME = "spark://";
  private static final int PATIENCE = 5000;
  private static final int PORT = 7077;

  private Masters() {}

  /// **Errors**: [Refusal] if `place` is of this kind and nobody listens there.
  static void expectOne(String place) {
    if (!place.startsWith(SCHEME)) {
      return;
    }
    List<String> reasons = new ArrayList<>();
    for (String each : place.substring(SCHEME.length()).split(",", -1)) {
      try (Socket socket = new Socket()) {
        socket.connect(address(each), PATIENCE);
        return;
      } catch (IOException e) {
        String message = e.getMessage() == null ? e.toString() : e.getMessage();
        reasons.add(each + " (" + message + ")");
      }
    }
    throw new Refusal("on", "a Spark master that listens", String.join(", ", reasons));
  }

  private static InetSocketAddress address(String text) throws IOException {
    int colon = text.lastIndexOf(':');
    String port = text.substring(colon + 1);
    if (colon <= 0 || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) >= 1 << 16) {
      throw new IOException("expected HOST:PORT, as of %s:%d".formatted("spark-master", PORT));
    }
    InetSocketAddress address =
        new InetSocketAddress(text.substring(0, colon), Integer.parseInt(port));
    if (address.isUnresolved()) {
      throw new IOException("no address is known of that name");
    }
    return address;
  }
}
