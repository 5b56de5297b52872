package dev.unfold.bench.peer.onednn;

/// The numbers of `DNNL_ARG` in `dnnl_types.h`.
final class Argument {
  static final int FROM = 1;
  static final int TO = 17;
  static final int SRC_LAYER = 1;
  static final int SRC_ITER = 2;
  static final int SRC_ITER_C = 3;
  static final int DST_LAYER = 17;
  static final int DST_ITER = 18;
  static final int DST_ITER_C = 19;
  static final int WEIGHTS_LAYER = 33;
  static final int WEIGHTS_ITER = 34;
  static final int BIAS = 41;
  static final int WORKSPACE = 64;

  /// The gradient of an argument has this number more.
  static final int DIFF = 128;

  private Argument() {}
}
