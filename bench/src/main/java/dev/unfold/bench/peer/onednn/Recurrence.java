package dev.unfold.bench.peer.onednn;

import dev.unfold.bench.problem.CellKind;
import dev.unfold.bench.problem.Gates;
import dev.unfold.bench.problem.Shape;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// How oneDNN's three recurrent primitives differ: names, arguments, order of gates, biases.
///
/// oneDNN has the gates of an LSTM in the order i, f, g, o as we do, those of a GRU in the order z, r, n
/// where ours are r, z, n. It has one bias for what we have two for, which is their sum; only the GRU with
/// the reset gate after the product (its "linear before reset") has a fourth one, that of the recurrent product
/// of n.
record Recurrence(Shape shape) {
  private static final int OVERWRITE_WEIGHT_GRADIENTS = 1;
  private static final int[] GRU_ORDER = {1, 0, 2};

  private CellKind cell() {
    return shape.cell();
  }

  Gates gates() {
    return new Gates(
        shape.width(),
        switch (cell()) {
          case ELMAN -> new int[] {0};
          case GRU -> GRU_ORDER;
          case LSTM -> new int[] {0, 1, 2, 3};
        });
  }

  int biases() {
    return cell() == CellKind.GRU ? 4 : cell().gates();
  }

  /// Our biases as oneDNN's.
  float[] bias(float[] ih, float[] hh) {
    int width = shape.width();
    float[] bias = new float[biases() * width];
    for (int gate = 0; gate < cell().gates(); gate++) {
      boolean split = cell() == CellKind.GRU && gate == 2;
      for (int j = 0; j < width; j++) {
        int ours = gates().order()[gate] * width + j;
        bias[gate * width + j] = split ? ih[ours] : ih[ours] + hh[ours];
        if (split) {
          bias[3 * width + j] = hh[ours];
        }
      }
    }
    return bias;
  }

  /// oneDNN's bias gradient as that of our `bias_ih`.
  float[] biasIh(float[] bias) {
    float[] three = java.util.Arrays.copyOf(bias, cell().gates() * shape.width());
    return gates().fromRows(three, 1);
  }

  /// oneDNN's bias gradient as that of our `bias_hh`.
  float[] biasHh(float[] bias) {
    float[] hh = biasIh(bias);
    if (cell() == CellKind.GRU) {
      System.arraycopy(bias, 3 * shape.width(), hh, 2 * shape.width(), shape.width());
    }
    return hh;
  }

  /// The forward primitive's descriptor.
  MemorySegment forward(Dnnl dnnl, Descriptors d) {
    return create(dnnl, "forward", Dnnl.FORWARD_TRAINING, d.forward(), List.of());
  }

  /// The backward primitive's descriptor.
  MemorySegment backward(Dnnl dnnl, Descriptors d, MemorySegment forward) {
    List<Object> descriptors = new ArrayList<>(d.forward());
    // Gradients of everything have the shapes of what they are gradients of.
    List<Object> in = d.in();
    descriptors.addAll(in);
    descriptors.addAll(d.out());
    return create(dnnl, "backward", Dnnl.BACKWARD, descriptors, List.of(forward));
  }

  private MemorySegment create(
      Dnnl dnnl, String direction, int kind, List<Object> descriptors, List<Object> hint) {
    List<Object> arguments = new ArrayList<>(List.of(dnnl.engine(), kind));
    if (cell() == CellKind.ELMAN) {
      arguments.add(Dnnl.TANH);
    }
    arguments.add(Dnnl.LEFT_TO_RIGHT);
    arguments.addAll(descriptors);
    arguments.add(hint.isEmpty() ? 0 : OVERWRITE_WEIGHT_GRADIENTS);
    if (cell() == CellKind.ELMAN) {
      // Slope and scale of other activations.
      arguments.add(0f);
      arguments.add(0f);
    }
    arguments.addAll(hint);
    arguments.add(MemorySegment.NULL);
    String name =
        switch (cell()) {
          case ELMAN -> "vanilla_rnn";
          case GRU -> "lbr_gru";
          case LSTM -> "lstm";
        };
    return dnnl.create(
        "dnnl_" + name + "_" + direction + "_primitive_desc_create", arguments.toArray());
  }
}
