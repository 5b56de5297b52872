/// The loops that all time is spent in: what a backend computes ([dev.unfold.kernels.Kernels]), the
/// memory that it works on, and the scalar backend, which is the executable specification.
package dev.unfold.kernels;
