/// Cells, back-propagation through time, networks and training.
module dev.unfold.core {
  requires transitive dev.unfold.kernels;
}
