package dev.unfold.online;

import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.Precision;

/// Lets numbers next to nothing be zero. What is kept of J fades where an input stays silent, and numbers below the
/// normal range take a processor a hundred times as long as others.
///
///     (x + c) - c
///
/// is x where x is so large that c is less than a rounding error to it, and 0 where x is less than a rounding error to
/// c.
final class Tiny {
  /// At every so many steps is enough: see [#bound].
  static final int EVERY = 8;

  private Tiny() {}

  /// c: what is less than 2^-24 of it, in double 2^-53, becomes zero. What does not, may fade by that range again
  /// before it is so small that it is slow: by a factor of nine at each of eight steps.
  private static double bound(Precision precision) {
    return switch (precision) {
      case FLOAT -> 0x1p-76;
      case DOUBLE -> 0x1p-900;
    };
  }

  /// A slot that holds what `x` does, or 0 if that is next to nothing.
  static Slot flushed(Pointwise.Builder builder, Precision precision, Slot x) {
    Slot bound = builder.constant(bound(precision));
    return builder.compute(Op.SUBTRACT, builder.compute(Op.ADD, x, bound), bound);
  }

  /// The same for all numbers of an operand.
  static Pointwise program(Precision precision) {
    Pointwise.Builder builder = Pointwise.builder();
    Slot own = builder.operand();
    Slot flushed = flushed(builder, precision, own);
    return builder.emit(Op.COPY, own, flushed, flushed).build();
  }
}
