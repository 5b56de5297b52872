/// Products of matrices, tile by tile.
///
/// A tile is described in one line: `tile(8, 2)` in the lists of [Product] is the tile of eight rows by two vectors,
/// and [TileWriter] writes its code when it is first needed. A tile of other numbers than floats is one line, too: an
/// [Element]. What lies around tiles, [Slivers] and [Tiling], is laid out for floats.
package dev.unfold.kernels.vector.product;
