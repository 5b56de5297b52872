package dev.unfold.kernels.vector.product;

/// What the tiles of a product have in common.
///
/// The numbers of a are in an array, so that the addresses of all rows are one register and a constant each.
///
/// @param <A> the array
class Operands<A> {
  /// The block of the left-hand side, in the order that the tiles want.
  final A a;

  /// Bytes from a sliver of b to the next.
  long sliverBytes;

  /// Bytes from the scales of a sliver of b to what a tile reads first of it.
  long scaledBytes;

  /// How many k to sum.
  int depth;

  /// Bytes from a row of `onto` to the next; 0 if all rows are one.
  long ontoRowBytes;

  /// Bytes from a row of c to the next.
  long cRowBytes;

  Operands(A a) {
    this.a = a;
  }
}
