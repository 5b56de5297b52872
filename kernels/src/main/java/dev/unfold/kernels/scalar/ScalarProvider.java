package dev.unfold.kernels.scalar;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.KernelsProvider;
import dev.unfold.kernels.Precision;
import java.util.Optional;

/// Offers the scalar backend, which runs everywhere.
public final class ScalarProvider implements KernelsProvider {
  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public int priority() {
    return 0;
  }

  @Override
  public Optional<String> refusal(Precision precision) {
    return Optional.empty();
  }

  @Override
  public Kernels create(Precision precision) {
    return new ScalarKernels(precision);
  }
}
