/// The kernel interface, its scalar specification, and threads to compute with.
module dev.unfold.kernels {
  exports dev.unfold.kernels;

  uses dev.unfold.kernels.KernelsProvider;
}
