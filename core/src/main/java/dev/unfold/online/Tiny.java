package dev.unfold.online;

import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.Precision;

/// Lets numbers next to nothing be zero. What is kept of J fades where an input stays silent, and numbers below the
/// normal range take a processor a hundred times as long as others.
///
///     x times 1 if (c x)^2 > d, else 0
///
/// with c x and its square in the normal range where it matters.
final class Tiny {
  /// At every so many steps is enough: what is left may fade by a factor of nine at each of them before it is so small
  /// that it is slow.
  static final int EVERY = 8;

  private Tiny() {}

  /// What is not larger becomes zero: 2^26 times the smallest normal number or so.
  private static double least(Precision precision) {
    return switch (precision) {
      case FLOAT -> 0x1p-100;
      case DOUBLE -> 0x1p-980;
    };
  }

  private static double scale(Precision precision) {
    return switch (precision) {
      case FLOAT -> 0x1p60;
      case DOUBLE -> 0x1p900;
    };
  }

  /// For all numbers of an operand.
  static Pointwise program(Precision precision) {
    Pointwise.Builder builder = Pointwise.builder();
    Slot own = builder.operand();
    double scale = scale(precision);
    double bound = least(precision) * scale;
    Slot scaled = builder.compute(Op.MULTIPLY, own, builder.constant(scale));
    Slot square = builder.compute(Op.MULTIPLY, scaled, scaled);
    Slot over = builder.compute(Op.SUBTRACT, square, builder.constant(bound * bound));
    return builder.emit(Op.MULTIPLY, own, own, builder.compute(Op.STEP, over)).build();
  }
}
