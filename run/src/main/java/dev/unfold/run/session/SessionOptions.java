package dev.unfold.run.session;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.time.Duration;

/// What a store of sessions holds at most, and how long.
///
/// @param open sessions at most; one more is refused
/// @param resident states in memory at most; with a folder, those that were not used for the longest time are left to
///     its files; as many as `open` without one
/// @param idle how long a session that nobody uses stays in memory; without a folder it ends then
/// @param kept how long a session that nobody uses stays in the folder; it ends then
/// @param marks states of a session that are kept to go back to, the oldest is forgotten for one more
/// @param batch steps of different sessions that are run side by side, 64 at most
public record SessionOptions(
    int open, int resident, Duration idle, Duration kept, int marks, int batch) {
  private static final int MOST_BATCH = 64;

  /// Checks the numbers.
  public SessionOptions {
    Expect.given("idle", idle);
    Expect.given("kept", kept);
    expectPositive("sessions", open);
    expectPositive("resident", resident);
    expectPositive("marks", marks);
    if (batch < 1 || batch > MOST_BATCH) {
      throw new Refusal("batch", "1 to " + MOST_BATCH, batch);
    }
    if (!idle.isPositive() || !kept.isPositive()) {
      throw new Refusal("idle, kept", "times above 0", idle + ", " + kept);
    }
  }

  /// 100,000 sessions, all in memory, 30 minutes there, 30 days in files, 8 marks, 32 side by side.
  public static SessionOptions defaults() {
    return new SessionOptions(
        100_000, 100_000, Duration.ofMinutes(30), Duration.ofDays(30), 8, 32);
  }

  private static void expectPositive(String name, int value) {
    if (value < 1) {
      throw new Refusal(name, "1 or more", value);
    }
  }
}
