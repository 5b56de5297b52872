package dev.unfold.bench.peer.unfold;

import dev.unfold.bench.peer.PeerStep;
import dev.unfold.bench.problem.Problem;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Tensors;
import dev.unfold.cell.Cell;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.kernels.work.Team;
import dev.unfold.measure.LayerStep;

/// A layer unrolled over one step, which is run T times; its final state is the next initial state.
final class UnfoldInference implements PeerStep {
  private final Problem problem;
  private final Shape shape;
  private final LayerStep step;
  private final Buffer input;
  private final Buffer output;
  private final int width;

  UnfoldInference(Problem problem, Cell cell, Kernels kernels, WeightFormat format, Team team) {
    this.problem = problem;
    shape = problem.shape();
    width = shape.batch() * shape.width();
    LayerStep.Sizes sizes = new LayerStep.Sizes(shape.width(), shape.width(), shape.batch(), 1);
    step = new LayerStep(cell, sizes, kernels, format, team);
    Matrices.parameters(problem, step);
    step.layOut();
    Matrix inputs = Matrix.allocate(ElementType.FLOAT32, shape.rows(), shape.width());
    Matrices.set(inputs, problem.input());
    input = inputs.buffer();
    output = HostBuffer.allocate(ElementType.FLOAT32, (long) shape.rows() * shape.width());
  }

  @Override
  public void run() {
    Matrices.initialStates(problem, step);
    for (int t = 0; t < shape.steps(); t++) {
      copy(input, (long) t * width, step.input());
      if (t > 0) {
        feedBack();
      }
      step.forward();
      output.copy(step.output().buffer(), step.output().offset(), (long) t * width, width);
    }
  }

  private void feedBack() {
    for (int i = 0; i < shape.cell().states(); i++) {
      Matrix initial = step.unrolled().initialState(i);
      for (int b = 0; b < shape.batch(); b++) {
        step.unrolled().copyFinalState(i, b, initial, b);
      }
    }
  }

  private void copy(Buffer source, long from, Matrix target) {
    target.buffer().copy(source, from, target.offset(), width);
  }

  @Override
  public Tensors results() {
    return new Tensors()
        .with(Tensors.OUTPUT, Matrices.get(Matrix.of(output, 0, shape.rows(), shape.width())));
  }
}
