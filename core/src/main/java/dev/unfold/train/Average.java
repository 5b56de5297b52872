package dev.unfold.train;

import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.net.Network;
import dev.unfold.net.Parameters;
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

  private long count;

  /// The losses of all validations, for the trigger.
  private final List<Double> validations = new ArrayList<>();

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

  /// Whether the average is what counts.
  boolean isActive() {
    return values != null;
  }

  /// The average; null as long as there is none.
  Parameters values() {
    return values;
  }

  long count() {
    return count;
  }

  List<Double> validations() {
    return Collections.unmodifiableList(validations);
  }

  /// After the `update`-th update.
  void add(long update) {
    if (averaging instanceof Averaging.Always always && update > always.from()) {
      start();
    }
    if (isActive()) {
      count++;
      Matrix[] operands = {values.all(), network.parameters().all()};
      kernel.run(operands, 1.0 / count);
    }
  }

  private void start() {
    if (values == null) {
      values = network.parameters().zeros();
    }
  }

  /// After a validation with this loss.
  void validated(double loss) {
    if (averaging instanceof Averaging.Triggered triggered) {
      int before = validations.size() - triggered.memory();
      if (!isActive() && before > 0 && loss > Collections.min(validations.subList(0, before))) {
        start();
      }
      validations.add(loss);
    }
  }

  /// Goes on from there.
  void restore(Parameters values, long count, List<Double> validations) {
    this.values = values;
    this.count = count;
    this.validations.clear();
    this.validations.addAll(validations);
  }
}
