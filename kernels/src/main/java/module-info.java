/// The kernel interface and its scalar specification, and how all modules refuse an argument.
module dev.unfold.kernels {
  exports dev.unfold.argument;
  exports dev.unfold.kernels;
  exports dev.unfold.kernels.storage;
  exports dev.unfold.kernels.work;

  uses dev.unfold.kernels.KernelsProvider;

  provides dev.unfold.kernels.KernelsProvider with
      dev.unfold.kernels.scalar.ScalarProvider;
}
