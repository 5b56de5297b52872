package dev.unfold.bench.peer.djl;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.nn.recurrent.RNN;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import ai.djl.training.GradientCollector;
import dev.unfold.bench.peer.PeerStep;
import dev.unfold.bench.problem.Problem;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Tensors;
import java.util.ArrayList;
import java.util.List;

/// A training step by PyTorch's recurrent functions and autograd.
///
/// Each step works on leaves of its own that share the numbers, so that gradients need not be set to zero:
/// PyTorch's own default.
final class DjlTraining implements PeerStep {
  private final Shape shape;
  private final Engine engine;
  private final NDManager manager;
  private final PtNDArray outputGradient;
  private final List<NDArray> values = new ArrayList<>();
  private NDManager scope;
  private List<NDArray> leaves = List.of();
  private NDList forward;

  DjlTraining(Engine engine, Problem problem) {
    this.engine = engine;
    shape = problem.shape();
    manager = engine.newBaseManager();
    int width = shape.width();
    values.add(array(problem.input(), shape.steps(), shape.batch(), width));
    problem.initialStates().forEach(state -> values.add(array(state, 1, shape.batch(), width)));
    values.add(array(problem.weightIh(), shape.gateRows(), width));
    values.add(array(problem.weightHh(), shape.gateRows(), width));
    values.add(array(problem.biasIh(), shape.gateRows()));
    values.add(array(problem.biasHh(), shape.gateRows()));
    outputGradient =
        (PtNDArray) array(problem.outputGradient(), shape.steps(), shape.batch(), width);
  }

  private NDArray array(float[] numbers, long... sizes) {
    return manager.create(numbers, new ai.djl.ndarray.types.Shape(sizes));
  }

  @Override
  public void run() {
    if (scope != null) {
      scope.close();
    }
    scope = manager.newSubManager();
    leaves = new ArrayList<>();
    for (NDArray value : values) {
      NDArray leaf = value.stopGradient();
      leaf.attach(scope);
      leaf.setRequiresGradient(true);
      leaves.add(leaf);
    }
    try (GradientCollector _ = engine.newGradientCollector()) {
      forward = forward();
      forward.attach(scope);
      JniUtils.backward((PtNDArray) forward.head(), outputGradient, false, false);
    }
  }

  private NDList forward() {
    int count = shape.cell().states();
    PtNDArray input = (PtNDArray) leaves.getFirst();
    PtNDArray initial = (PtNDArray) leaves.get(1);
    NDList weights = new NDList(leaves.subList(1 + count, leaves.size()));
    return switch (shape.cell()) {
      case ELMAN ->
          JniUtils.rnn(
              input, initial, weights, true, 1, RNN.Activation.TANH, 0, true, false, false);
      case GRU -> JniUtils.gru(input, initial, weights, true, 1, 0, true, false, false);
      case LSTM -> {
        NDList states = new NDList(leaves.subList(1, 1 + count));
        yield JniUtils.lstm(input, states, weights, true, 1, 0, true, false, false);
      }
    };
  }

  @Override
  public Tensors results() {
    int count = shape.cell().states();
    Tensors tensors =
        new Tensors()
            .with(Tensors.OUTPUT, forward.head().toFloatArray())
            .with(Tensors.INPUT_GRADIENT, gradient(0))
            .with(Tensors.WEIGHT_IH_GRADIENT, gradient(count + 1))
            .with(Tensors.WEIGHT_HH_GRADIENT, gradient(count + 2))
            .with(Tensors.BIAS_IH_GRADIENT, gradient(count + 3))
            .with(Tensors.BIAS_HH_GRADIENT, gradient(count + 4));
    for (int i = 0; i < count; i++) {
      tensors
          .with(Tensors.finalState(i), forward.get(1 + i).toFloatArray())
          .with(Tensors.initialStateGradient(i), gradient(1 + i));
    }
    return tensors;
  }

  private float[] gradient(int leaf) {
    return leaves.get(leaf).getGradient().toFloatArray();
  }
}
