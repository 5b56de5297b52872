/// Sources of sequences: text and its tokens, batches.
package dev.unfold.data;
