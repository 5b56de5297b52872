package dev.unfold.measure;

import dev.unfold.argument.Expect;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.work.Team;
import java.util.concurrent.atomic.AtomicLong;

/// The machine's peak: independent multiply-adds from registers, on all threads.
///
/// **Threads**: one at a time.
public final class Peak {
  private static final double SECONDS = 0.005;

  /// Few, because the JIT compiler counts calls and rounds.
  private static final long WARM_UP_ROUNDS = 20;

  private static final double NANOS = 1e9;

  /// Operations a second that no machine reaches before they are compiled, and every one after.
  private static final double COMPILED = 5e8;

  private static final double LONGEST_WARM_UP = 20;

  private final Kernels kernels;
  private final Team team;
  private long rounds = WARM_UP_ROUNDS;

  /// The peak of `kernels` on the threads of `team`.
  public Peak(Kernels kernels, Team team) {
    this.kernels = Expect.given("kernels", kernels);
    this.team = Expect.given("team", team);
  }

  /// Runs for `seconds`, and longer if it is not compiled by then.
  public void warmUp(double seconds) {
    long start = System.nanoTime();
    double fastest = 0;
    double elapsed = 0;
    while (elapsed < seconds || (fastest < COMPILED && elapsed < LONGEST_WARM_UP)) {
      long begin = System.nanoTime();
      double operations = kernels.multiplyAdds(WARM_UP_ROUNDS);
      long end = System.nanoTime();
      fastest = Math.max(fastest, operations / (end - begin) * NANOS);
      elapsed = (end - start) / NANOS;
    }
  }

  /// Seconds for one floating-point operation, counted over some milliseconds, so that starting the threads does not
  /// count.
  public double secondsPerOperation() {
    while (true) {
      AtomicLong counted = new AtomicLong();
      long begin = System.nanoTime();
      team.run((part, parts) -> counted.addAndGet(kernels.multiplyAdds(rounds)));
      double seconds = (System.nanoTime() - begin) / NANOS;
      if (seconds >= SECONDS) {
        return seconds / counted.get();
      }
      rounds *= 2;
    }
  }
}
