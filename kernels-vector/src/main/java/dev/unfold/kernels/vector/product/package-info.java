/// Products of matrices, tile by tile.
package dev.unfold.kernels.vector.product;
