package dev.unfold.proof;

import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.RemoteKernels;

/// The backends that tests compute on: those of the library, or, with the system property `unfold.memory=remote`, the
/// same ones on memory that is not the host's.
public final class TestBackends {
  /// Whether memory is not the host's.
  public static final boolean REMOTE = "remote".equals(System.getProperty("unfold.memory"));

  private TestBackends() {}

  /// The plain loops.
  public static Kernels scalar(Precision precision) {
    return given(Backends.named("scalar", precision));
  }

  /// The best backend here.
  public static Kernels best(Precision precision) {
    return given(Backends.best(precision));
  }

  private static Kernels given(Kernels backend) {
    return REMOTE ? RemoteKernels.of(backend) : backend;
  }
}
