package dev.unfold.cli.report;

/// Whether somebody watches.
final class Terminal {
  /// Set by the launcher, since a JVM can't tell.
  private static final String WATCHED = "unfold.terminal";

  private Terminal() {}

  /// Whether the error stream is a terminal.
  static boolean isWatched() {
    return Boolean.getBoolean(WATCHED);
  }
}
