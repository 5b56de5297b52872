/// Kernels on the Vector API.
module dev.unfold.kernels.vector {
  requires transitive dev.unfold.kernels;
  requires jdk.incubator.vector;
}
