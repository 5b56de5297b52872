package dev.unfold.kernels.vector;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.KernelsProvider;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.vector.lanes.Lanes;
import java.util.Optional;

/// Offers the vector backend where the Vector API is there and compiled to vector instructions.
///
/// Nothing here refers to the Vector API itself: classes that do are reached only after the check that it is there.
public final class VectorProvider implements KernelsProvider {
  private static final String MODULE = "jdk.incubator.vector";
  private static final int LEAST_BITS = 128;

  /// For [java.util.ServiceLoader].
  public VectorProvider() {}

  @Override
  public String name() {
    return "vector";
  }

  @Override
  public int priority() {
    return 100;
  }

  @Override
  public Optional<String> refusal(Precision precision) {
    if (precision != Precision.FLOAT) {
      return Optional.of("it computes in float; only the scalar backend computes in double");
    }
    if (ModuleLayer.boot().findModule(MODULE).isEmpty()) {
      return Optional.of("module " + MODULE + " is absent; add --add-modules " + MODULE);
    }
    return Compilation.refusal().or(VectorProvider::refusalOfWidth);
  }

  private static Optional<String> refusalOfWidth() {
    int bits = Lanes.SPECIES.vectorBitSize();
    return bits >= LEAST_BITS
        ? Optional.empty()
        : Optional.of(
            "vectors have "
                + bits
                + " bits here and it needs "
                + LEAST_BITS
                + "; leave out -XX:MaxVectorSize, or use the scalar backend");
  }

  @Override
  public Kernels create(Precision precision) {
    return new VectorKernels();
  }
}
