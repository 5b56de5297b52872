package dev.unfold.kernels.vector.product;

/// What a [Tile] computes, in bytecode that [TileWriter] has made.
interface TileBody {
  /// Computes one tile in full: c = onto + a b.
  ///
  /// @param aFrom where row 0 of a starts in its array
  /// @param bFrom the address of the first sliver of b
  /// @param ontoAt the address of the tile of `onto`
  /// @param cAt the address of the tile of c
  void run(Operands<?> operands, int aFrom, long bFrom, long ontoAt, long cAt);
}
