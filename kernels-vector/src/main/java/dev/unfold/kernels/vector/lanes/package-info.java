/// What all vector kernels share: the width of a vector, and the functions of one.
package dev.unfold.kernels.vector.lanes;
