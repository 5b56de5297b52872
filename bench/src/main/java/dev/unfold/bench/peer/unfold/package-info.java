/// Unfold itself.
package dev.unfold.bench.peer.unfold;
