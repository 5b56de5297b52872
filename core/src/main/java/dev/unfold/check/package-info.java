/// Gradients against central differences.
package dev.unfold.check;
