/// Sequences as a network reads them and learns from them, side by side in a batch; how far back the error is followed
/// over their steps, and what it is there.
package dev.unfold.sequence;
