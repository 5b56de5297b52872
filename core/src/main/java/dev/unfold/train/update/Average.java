package dev.unfold.train.update;

import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// The average of a network's parameters over updates, from where [Averaging] says.
final class Average {
  private final Averaging averaging;
  private final Network network;
  private final PointwiseKernel kernel;

  /// Null as long as there is nothing to average.
  private Parameters values;

  Average(Averaging averaging, Network network) {
    this.averaging = averaging;
    this.network = network;
    Pointwise.Builder b = Pointwise.builder();
    Slot average = b.operand();
    Slot p = b.operand();
    Slot share = b.scalar();
    Slot step = b.compute(Op.MULTIPLY, b.compute(Op.SUBTRACT, p, average), share);
    kernel = network.kernels().prepare(b.emit(Op.ADD, average, average, step).build());
  }

  /// The average; null as long as there is none.
  Parameters values() {
    return values;
  }

  /// After the `update`-th update, of which `count` before are in the average.
  ///
  /// @return how many are now
  long add(long update, long count) {
    if (averaging instanceof Averaging.Always always && update > always.from()) {
      start();
    }
    if (values == null) {
      return count;
    }
    Matrix[] operands = {values.all(), network.parameters().all()};
    kernel.run(operands, 1.0 / (count + 1));
    return count + 1;
  }

  private void start() {
    if (values == null) {
      values = network.parameters().zeros();
    }
  }

  /// After a validation with this loss, and before it with the losses `before`.
  ///
  /// @return the losses that a trigger looks back at from now on
  List<Double> validated(double loss, List<Double> before) {
    if (!(averaging instanceof Averaging.Triggered triggered)) {
      return before;
    }
    int past = before.size() - triggered.memory();
    if (past > 0 && loss > Collections.min(before.subList(0, past))) {
      start();
    }
    List<Double> all = new ArrayList<>(before);
    all.add(loss);
    return all;
  }

  /// Goes on from there.
  void restore(Parameters average) {
    values = average;
  }
}
