package dev.unfold.bench.peer.onednn;

import dev.unfold.bench.problem.CellKind;
import dev.unfold.bench.problem.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// What the primitives are made for: plain layouts for what comes from and goes to others, any layout for
/// the weights, so that oneDNN takes its best implementation.
record Descriptors(
    CellKind cell,
    MemorySegment sequence,
    MemorySegment state,
    MemorySegment weights,
    MemorySegment anyWeights,
    MemorySegment bias) {

  static Descriptors of(Dnnl dnnl, Shape shape, int biases) {
    long width = shape.width();
    long gates = shape.cell().gates();
    return new Descriptors(
        shape.cell(),
        dnnl.descriptor(Dnnl.ABC, shape.steps(), shape.batch(), width),
        dnnl.descriptor(Dnnl.ABCD, 1, 1, shape.batch(), width),
        dnnl.descriptor(Dnnl.ABCDE, 1, 1, width, gates, width),
        dnnl.descriptor(Dnnl.ANY, 1, 1, width, gates, width),
        dnnl.descriptor(Dnnl.ABCD, 1, 1, biases, width));
  }

  /// What goes into a forward pass; an LSTM has no peepholes and no projection here.
  List<Object> in() {
    List<Object> all = new ArrayList<>(List.of(sequence, state));
    if (cell == CellKind.LSTM) {
      all.add(state);
    }
    all.addAll(List.of(anyWeights, anyWeights));
    if (cell == CellKind.LSTM) {
      all.addAll(List.of(MemorySegment.NULL, MemorySegment.NULL));
    }
    all.add(bias);
    return all;
  }

  /// What comes out.
  List<Object> out() {
    return cell == CellKind.LSTM ? List.of(sequence, state, state) : List.of(sequence, state);
  }

  /// Both.
  List<Object> forward() {
    List<Object> all = in();
    all.addAll(out());
    return all;
  }
}
