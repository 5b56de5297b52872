/// Gradients through time: full, truncated, memory-budgeted; error signals.
package dev.unfold.bptt;
