/// PyTorch in its ordinary build, with MKL, through DJL.
package dev.unfold.bench.peer.djl;
