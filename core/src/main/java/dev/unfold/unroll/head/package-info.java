/// Readout and losses over the rows of a batch.
package dev.unfold.unroll.head;
