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
public final class Average {
  private final Averaging averaging;
  private final Network network;
  private final PointwiseKernel kernel;

  /// Null as long as there is nothing to average.
  private Parameters values;

  private long count;

  /// The losses of all validations, for the trigger.
  private final List<Double> validations = new ArrayList<>();

  public Average(Averaging averaging, Network network) {
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
  public boolean isActive() {
    return values != null;
  }

  /// The average; null as long as there is none.
  public Parameters values() {
    return values;
  }

  public long count() {
    return count;
  }

  public List<Double> validations() {
    return Collections.unmodifiableList(validations);
  }

  /// After the `update`-th update.
  public void add(long update) {
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
  public void validated(double loss) {
    if (averaging instanceof Averaging.Triggered triggered) {
      int before = validations.size() - triggered.memory();
      if (!isActive() && before > 0 && loss > Collections.min(validations.subList(0, before))) {
        start();
      }
      validations.add(loss);
    }
  }

  /// Goes on from there.
  public void restore(Parameters values, long count, List<Double> validations) {
    this.values = values;
    this.count = count;
    this.validations.clear();
    this.validations.addAll(validations);
  }
}
