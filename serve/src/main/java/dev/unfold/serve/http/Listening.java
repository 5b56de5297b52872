package dev.unfold.serve.http;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/// Where and how a server listens.
///
/// @param host whose address it listens at; `127.0.0.1` for this machine alone
/// @param port 0 for any that is free
/// @param limits of each request
/// @param keys that requests need
/// @param tls with what it says who it is; in the clear without
public record Listening(
    String host, int port, Limits limits, Optional<ApiKeys> keys, Optional<SSLContext> tls) {
  private static final int LAST_PORT = 65_535;

  /// Checks the numbers.
  public Listening {
    Expect.given("host", host);
    Expect.given("limits", limits);
    Expect.given("keys", keys);
    Expect.given("tls", tls);
    if (port < 0 || port > LAST_PORT) {
      throw new Refusal("port", "0 to " + LAST_PORT, port);
    }
  }

  /// Whether only this machine reaches it.
  ///
  /// **Errors**: [Refusal] if there is no such address.
  public boolean isLocal() {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      throw new Refusal("host", "an address of this machine", host, e);
    }
  }
}
