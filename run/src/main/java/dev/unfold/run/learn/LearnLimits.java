package dev.unfold.run.learn;

import dev.unfold.argument.Refusal;

/// What learning may take while a model is served.
///
/// @param sessions that are followed at most; the one that was not heard of for the longest time is forgotten
/// @param waiting rows of a session that wait for what was right, at most; the oldest is given up for one more
/// @param queue steps that wait to be learned, at most; what does not fit is dropped
/// @param share of the time of one processor that learning takes, above 0 to 1
public record LearnLimits(int sessions, int waiting, int queue, double share) {
  /// Checks the ranges.
  public LearnLimits {
    expect("sessions", sessions);
    expect("waiting", waiting);
    expect("queue", queue);
    if (!(share > 0 && share <= 1)) {
      throw new Refusal("share", "a number above 0, up to 1", share);
    }
  }

  private static void expect(String name, int value) {
    if (value < 1) {
      throw new Refusal(name, "1 or more", value);
    }
  }

  /// 1,000 sessions, 256 rows that wait, 20,000 steps in the queue, a fifth of a processor.
  public static LearnLimits defaults() {
    return new LearnLimits(1000, 256, 20_000, 0.2);
  }
}
