/// The kernel interface and its scalar specification.
module dev.unfold.kernels {
  exports dev.unfold.kernels;
  exports dev.unfold.kernels.storage;
  exports dev.unfold.kernels.work;

  uses dev.unfold.kernels.KernelsProvider;

  provides dev.unfold.kernels.KernelsProvider with
      dev.unfold.kernels.scalar.ScalarProvider;
}
