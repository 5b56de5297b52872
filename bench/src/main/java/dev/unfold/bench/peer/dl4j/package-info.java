/// Deeplearning4j.
package dev.unfold.bench.peer.dl4j;
