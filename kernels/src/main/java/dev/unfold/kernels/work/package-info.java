/// Threads that do one task together.
package dev.unfold.kernels.work;
