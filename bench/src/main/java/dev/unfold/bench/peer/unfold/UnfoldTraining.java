package dev.unfold.bench.peer.unfold;

import dev.unfold.bench.peer.PeerStep;
import dev.unfold.bench.problem.Problem;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Tensors;
import dev.unfold.cell.Cell;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.measure.LayerStep;

/// The step that `bench layer` measures, too.
final class UnfoldTraining implements PeerStep {
  private final Shape shape;
  private final LayerStep step;

  UnfoldTraining(Problem problem, Cell cell, Kernels kernels, Team team) {
    shape = problem.shape();
    LayerStep.Sizes sizes =
        new LayerStep.Sizes(shape.width(), shape.width(), shape.batch(), shape.steps());
    step = new LayerStep(cell, sizes, kernels, team);
    Matrices.parameters(problem, step);
    Matrices.initialStates(problem, step);
    Matrices.set(step.input(), problem.input());
    Matrices.set(step.outputGradient(), problem.outputGradient());
  }

  @Override
  public double operations() {
    return step.operations();
  }

  @Override
  public void layOut() {
    step.layOut();
  }

  @Override
  public void run() {
    step.forward();
    step.backward();
  }

  @Override
  public Tensors results() {
    Tensors tensors =
        new Tensors()
            .with(Tensors.OUTPUT, output())
            .with(Tensors.INPUT_GRADIENT, Matrices.get(step.inputGradient()));
    for (int i = 0; i < shape.cell().states(); i++) {
      tensors
          .with(Tensors.finalState(i), Matrices.get(step.finalState(i)))
          .with(
              Tensors.initialStateGradient(i),
              Matrices.get(step.unrolled().initialStateGradient(i)));
    }
    for (int i = 0; i < step.names().size(); i++) {
      tensors.with("grad " + step.names().get(i), Matrices.get(step.gradients().get(i)));
    }
    return tensors;
  }

  private float[] output() {
    Matrix output = step.output();
    return Matrices.get(output);
  }
}
