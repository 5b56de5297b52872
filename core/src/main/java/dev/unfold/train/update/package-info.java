/// What changes the parameters: optimizers, schedules, clipping, averages.
package dev.unfold.train.update;
