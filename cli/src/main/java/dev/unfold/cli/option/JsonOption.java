package dev.unfold.cli.option;

import picocli.CommandLine.Option;

/// The option that says that a program reads the output.
public final class JsonOption {
  @Option(names = "--json", description = "Print JSON for programs, an object a line.")
  private boolean json;

  /// Whether the output is to be JSON.
  public boolean isAsked() {
    return json;
  }
}
