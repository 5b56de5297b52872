package dev.unfold.cli;

import dev.unfold.kernels.Team;
import picocli.CommandLine.Option;

/// The option that says how many threads compute.
public final class ThreadsOption {
  private static final int MOST = 1024;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Threads to compute with (default: one for each processor).")
  private Integer threads;

  Team team() {
    return Team.of(count());
  }

  /// How many.
  public int count() {
    int count = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
    if (count < 1 || count > MOST) {
      throw new IllegalArgumentException("threads: expected 1 to " + MOST + ", got " + count);
    }
    return count;
  }
}
