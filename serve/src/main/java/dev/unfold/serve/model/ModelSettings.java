package dev.unfold.serve.model;

import dev.unfold.argument.Expect;
import dev.unfold.kernels.Kernels;
import dev.unfold.run.session.SessionOptions;
import java.time.InstantSource;

/// How models are served.
///
/// @param kernels what computes
/// @param sessions what each model holds of them
/// @param clock tells the time
public record ModelSettings(Kernels kernels, SessionOptions sessions, InstantSource clock) {
  /// Checks that there is all.
  public ModelSettings {
    Expect.given("kernels", kernels);
    Expect.given("sessions", sessions);
    Expect.given("clock", clock);
  }
}
