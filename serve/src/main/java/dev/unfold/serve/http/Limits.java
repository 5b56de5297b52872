package dev.unfold.serve.http;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.time.Duration;

/// What a request may take.
///
/// @param body bytes of a body, at most
/// @param time for a head and for a body to come, and for an answer to be read, at most
/// @param requests that are answered at the same time, at most
public record Limits(long body, Duration time, int requests) {
  /// Checks the numbers.
  public Limits {
    Expect.given("request-timeout", time);
    if (body < 1 || body > Integer.MAX_VALUE - 8) {
      throw new Refusal("max-body", "1 byte to 2 GiB", body);
    }
    if (!time.isPositive()) {
      throw new Refusal("request-timeout", "a time above 0", time);
    }
    if (requests < 1) {
      throw new Refusal("max-requests", "1 or more", requests);
    }
  }

  /// 8 MB, 30 seconds, 1,000 requests.
  public static Limits defaults() {
    return new Limits(8_000_000, Duration.ofSeconds(30), 1000);
  }
}
