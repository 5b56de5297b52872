/// Kernels that go over rows: softmax, sums, gathering and scattering.
package dev.unfold.kernels.vector.rows;
