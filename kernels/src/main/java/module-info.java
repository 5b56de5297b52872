/// The kernel interface and its scalar specification.
module dev.unfold.kernels {
  exports dev.unfold.kernels;

  uses dev.unfold.kernels.KernelsProvider;
}
