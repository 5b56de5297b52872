/// Kernels on the Vector API.
module dev.unfold.kernels.vector {
  requires transitive dev.unfold.kernels;
  requires jdk.incubator.vector;
  requires static jdk.management;

  provides dev.unfold.kernels.KernelsProvider with
      dev.unfold.kernels.vector.VectorProvider;
}
