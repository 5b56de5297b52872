/// Training: optimizers, the loop over windows of a text, evaluation.
package dev.unfold.train;
