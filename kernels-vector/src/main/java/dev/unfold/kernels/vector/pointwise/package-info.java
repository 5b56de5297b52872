/// Pointwise programs as loops of vectors.
package dev.unfold.kernels.vector.pointwise;
