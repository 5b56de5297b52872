package dev.unfold.kernels.vector;

import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;

/// Chooses a backend more than once and prints its name, for tests of a JVM with other flags.
final class ChooseBackend {
  private ChooseBackend() {}

  public static void main(String[] arguments) {
    for (int i = 0; i < 3; i++) {
      System.out.println("backend: " + Backends.best(Precision.FLOAT).name());
    }
    try {
      Backends.named("vector", Precision.FLOAT);
    } catch (IllegalArgumentException e) {
      System.out.println("named: " + e.getMessage());
    }
  }
}
