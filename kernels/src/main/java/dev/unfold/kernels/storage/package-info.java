/// The memory that kernels work on, how its numbers are kept, and windows onto it.
package dev.unfold.kernels.storage;
