package dev.unfold.cli.option;

import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import picocli.CommandLine.Option;

/// The option that says which backend computes.
public final class BackendOption {
  private static final String AUTO = "auto";

  @Option(
      names = "--backend",
      paramLabel = "NAME",
      defaultValue = AUTO,
      description =
          "auto or a name that unfold doctor lists (default: ${DEFAULT-VALUE}, the best that runs"
              + " here).")
  private String backend;

  public Kernels kernels() {
    return backend.equals(AUTO)
        ? Backends.best(Precision.FLOAT)
        : Backends.named(backend, Precision.FLOAT);
  }
}
