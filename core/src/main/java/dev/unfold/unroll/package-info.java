/// A network unrolled over the steps of a batch: forward, loss, and the error followed back.
package dev.unfold.unroll;
