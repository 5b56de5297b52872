/// Which rows of a batch are there, and in which order they are computed.
package dev.unfold.unroll.rows;
