/// Cells, back-propagation through time, networks and training.
///
/// The packages build on each other in the order of this list; `plan`, what is derived from a cell, stays
/// inside.
module dev.unfold.core {
  requires transitive dev.unfold.kernels;

  exports dev.unfold.cell;
  exports dev.unfold.bptt;
  exports dev.unfold.net;
  exports dev.unfold.train;
  exports dev.unfold.task;
}
