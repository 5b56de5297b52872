/// Products of matrices, tile by tile.
///
/// A tile is described in one line: `tile(8, 2)` in the lists of [Product] is the tile of eight rows by two vectors,
/// and [TileWriter] writes its code when it is first needed. Other numbers than floats are one line, too: an [Element].
package dev.unfold.kernels.vector.product;
