/// Optimizers, schedules, clipping, the training loop, checkpoints and events.
package dev.unfold.train;
