/// Cells, back-propagation through time, networks and training.
///
/// The packages build on each other; `docs/architecture.md` has their order. What is derived from a cell (`plan`) and
/// the parts of an unrolled network stay inside.
module dev.unfold.core {
  requires transitive dev.unfold.kernels;

  exports dev.unfold.cell;
  exports dev.unfold.cell.library;
  exports dev.unfold.check;
  exports dev.unfold.flow;
  exports dev.unfold.gradient;
  exports dev.unfold.head;
  exports dev.unfold.infer;
  exports dev.unfold.layer;
  exports dev.unfold.model;
  exports dev.unfold.model.init;
  exports dev.unfold.online;
  exports dev.unfold.sequence;
  exports dev.unfold.tangent;
  exports dev.unfold.train;
  exports dev.unfold.train.data;
  exports dev.unfold.train.dynamic;
  exports dev.unfold.train.update;
  exports dev.unfold.unroll;
}
