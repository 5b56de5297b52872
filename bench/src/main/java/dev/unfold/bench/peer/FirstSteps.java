package dev.unfold.bench.peer;

import dev.unfold.bench.problem.Task;
import dev.unfold.bench.problem.Tensors;

/// What the first steps of whole training found, which is compared.
public final class FirstSteps {
  private final float[] losses = new float[Task.WHOLE_TRAINING.checkedSteps()];
  private final float[] norms = new float[losses.length];
  private int count;

  /// Whether the next step is one of them.
  public boolean lacksAny() {
    return count < losses.length;
  }

  /// Takes the next step; those after the first ones are not kept.
  ///
  /// @param norm of the gradients before they are clipped
  public void add(double loss, double norm) {
    if (lacksAny()) {
      losses[count] = (float) loss;
      norms[count++] = (float) norm;
    }
  }

  /// Both of each step.
  public Tensors results() {
    return new Tensors().with(Tensors.LOSSES, losses.clone()).with(Tensors.NORMS, norms.clone());
  }
}
