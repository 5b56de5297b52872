package dev.unfold.cli.option;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.work.Team;
import picocli.CommandLine.Option;

/// The option that says how many threads compute.
public final class ThreadsOption {
  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads to compute with (default: one for each processor).")
  private Integer threads;

  /// The threads, but no more than there are processors, to which taskset and a quota count: results are the same bits,
  /// and work that is cut into more parts than can run at a time only takes longer.
  public Team team() {
    return Team.of(Math.min(count(), Runtime.getRuntime().availableProcessors()));
  }

  /// How many were asked for.
  private int count() {
    int count = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    if (count < 1 || count > Team.MOST) {
      throw new Refusal("threads", "1 to " + Team.MOST, count);
    }
    return count;
  }
}
