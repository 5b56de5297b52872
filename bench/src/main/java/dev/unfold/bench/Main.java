package dev.unfold.bench;

import java.util.List;

/// The command line with `bench peers`.
public final class Main {
  private Main() {}

  /// Runs the command line and exits with its exit code.
  public static void main(String[] args) {
    dev.unfold.cli.Main.main(List.of(new PeersCommand()), args);
  }
}
