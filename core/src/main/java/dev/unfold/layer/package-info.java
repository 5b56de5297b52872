/// A layer unrolled over time: its gradients by full back-propagation through time, and its error signals.
package dev.unfold.layer;
