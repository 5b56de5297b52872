package dev.unfold.run.session;

import dev.unfold.infer.Runner;
import dev.unfold.infer.Stepper;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.model.State;

/// T steps of B sequences side by side, with all the memory that it takes.
///
/// **Threads**: one at a time.
final class Frame {
  private final int steps;
  private final int batch;
  private final StateLayout layout;
  private final Stepper stepper;
  private final State states;
  private final Rows rows;

  Frame(Network network, StateLayout layout, int steps, int batch) {
    this.steps = steps;
    this.batch = batch;
    this.layout = layout;
    stepper = new Runner(network).stepper(steps, batch);
    states = State.zeros(network.spec(), network.kernels().precision(), batch);
    rows = new Rows(network.spec().encoder(), network.kernels().type(), steps * batch);
  }

  /// Runs the next T rows of each job, at most B of them. Sequences that no job has are run with numbers that are
  /// left from before: what comes of them is nobody's.
  void run(Iterable<Job> jobs) {
    int b = 0;
    boolean isNew = false;
    for (Job job : jobs) {
      layout.read(job.state(), states, b);
      isNew = job.isNew();
      for (int t = 0; t < steps; t++) {
        rows.set(t * batch + b, job.rows(), job.done() + t);
      }
      b++;
    }
    if (isNew) {
      stepper.startFromZero();
    } else {
      stepper.start(states);
    }
    Matrix outputs = stepper.run(rows.inputs());
    stepper.copyState(states);
    b = 0;
    for (Job job : jobs) {
      layout.write(states, b, job.state());
      for (int t = 0; t < steps; t++) {
        job.outputs().copyRow(outputs, t * batch + b, job.done() + t);
      }
      job.advance(steps);
      b++;
    }
  }
}
