/// The loops that nearly all time of training is spent in: what a backend computes ([dev.unfold.kernels.Kernels]),
/// the memory that it works on, the choice among backends, the threads that share the work
/// ([dev.unfold.kernels.Team]), and the scalar backend, which is the executable specification.
package dev.unfold.kernels;
