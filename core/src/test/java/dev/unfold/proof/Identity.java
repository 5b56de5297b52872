package dev.unfold.proof;

import dev.unfold.cell.Cell;
import dev.unfold.cell.Size;
import dev.unfold.head.Head;
import dev.unfold.kernels.Kernels;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;

/// A network whose output is its input: what its loss is, is that of any numbers.
public final class Identity {
  private Identity() {}

  /// One whose outputs mean what `head` says.
  public static Network network(Kernels kernels, Head head) {
    int width = head.outputs();
    Cell cell =
        Cell.define(
            "identity",
            step -> {
              step.state("h", Size.INPUT);
              step.next("h", step.input());
            });
    Network network =
        Network.zeros(new NetworkSpec(cell, new Encoder.Vectors(width), 1, 1, head), kernels);
    for (int i = 0; i < width; i++) {
      Numbers.set(network.parameters().matrix("head.weight"), i, i, 1);
    }
    network.parameters().changed();
    return network;
  }
}
