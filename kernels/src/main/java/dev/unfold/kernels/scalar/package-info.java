/// The scalar backend: plain loops that say what each kernel means.
package dev.unfold.kernels.scalar;
