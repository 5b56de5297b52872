package dev.unfold.spark;

import java.io.IOException;
import java.io.Serializable;
import java.net.InetSocketAddress;
import java.net.Socket;

/// How the first worker reaches the driver, to tell what it prints and to hear that it is to stop.
///
/// @param host where the driver is
/// @param port where it listens
/// @param token by which it knows the first worker
record Line(String host, int port, byte[] token) implements Serializable {
  /// What the driver says to the first worker first; after it come exit codes, if any.
  static final int WELCOME = 1;

  private static final int PATIENCE = 5000;

  /// A connection, with somebody at the other end.
  ///
  /// **Errors**: [IOException] if there is no way, as through a firewall.
  Socket connect() throws IOException {
    Socket socket = new Socket();
    try {
      socket.connect(new InetSocketAddress(host, port), PATIENCE);
      socket.setSoTimeout(PATIENCE);
      socket.getOutputStream().write(token);
      if (socket.getInputStream().read() != WELCOME) {
        throw new IOException("nobody lets a worker in");
      }
      socket.setSoTimeout(0);
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }
}
