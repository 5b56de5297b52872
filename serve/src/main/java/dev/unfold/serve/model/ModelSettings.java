package dev.unfold.serve.model;

import dev.unfold.argument.Expect;
import dev.unfold.kernels.Kernels;
import dev.unfold.run.session.SessionOptions;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;

/// How models are served.
///
/// @param kernels what computes
/// @param sessions what each model holds of them
/// @param clock tells the time
/// @param store where sessions are kept, a folder for each model; they end with the process without
/// @param learn how models learn while they are served; not at all without
public record ModelSettings(
    Kernels kernels,
    SessionOptions sessions,
    InstantSource clock,
    Optional<Path> store,
    Optional<LearnSettings> learn) {
  /// Checks that there is all.
  public ModelSettings {
    Expect.given("kernels", kernels);
    Expect.given("sessions", sessions);
    Expect.given("clock", clock);
    Expect.given("store", store);
    Expect.given("learn", learn);
  }

  /// In memory alone.
  public ModelSettings(Kernels kernels, SessionOptions sessions, InstantSource clock) {
    this(kernels, sessions, clock, Optional.empty(), Optional.empty());
  }
}
