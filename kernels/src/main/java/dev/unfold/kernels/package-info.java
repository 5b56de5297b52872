/// The loops that all time is spent in: what a backend computes ([dev.unfold.kernels.Kernels]), how it is chosen, and
/// the checks that every backend stands behind.
package dev.unfold.kernels;
