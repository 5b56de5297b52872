/// Kernels on the Vector API, checked against the scalar specification.
package dev.unfold.kernels.vector;
