/// Random masks over the rows of a batch.
package dev.unfold.unroll.mask;
