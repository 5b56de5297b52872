/// The training loop with its events, its validation and its state.
package dev.unfold.train;
