package dev.unfold.bench.peer.pytorch;

import dev.unfold.bench.peer.PeerStep;
import dev.unfold.bench.problem.Problem;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.T_TensorTensorTensor_T;
import org.bytedeco.pytorch.T_TensorTensor_T;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// A training step by the functions that are behind `nn.RNN`, `nn.GRU` and `nn.LSTM`, and autograd.
final class PyTorchTraining implements PeerStep {
  private final Shape shape;
  private final Tensor input;
  private final TensorVector states;
  private final TensorVector parameters;

  /// Input, states, parameters: what gradients are wanted of.
  private final TensorVector leaves;

  private final TensorVector outputGradient;
  private final List<Tensor> forward = new ArrayList<>();
  private TensorVector gradients;
  private PointerScope scope;

  PyTorchTraining(Problem problem) {
    shape = problem.shape();
    int width = shape.width();
    input = leaf(problem.input(), shape.steps(), shape.batch(), width);
    Tensor[] initial =
        problem.initialStates().stream()
            .map(state -> leaf(state, 1, shape.batch(), width))
            .toArray(Tensor[]::new);
    Tensor[] weights = {
      leaf(problem.weightIh(), shape.gateRows(), width),
      leaf(problem.weightHh(), shape.gateRows(), width),
      leaf(problem.biasIh(), shape.gateRows()),
      leaf(problem.biasHh(), shape.gateRows())
    };
    states = new TensorVector(initial);
    parameters = new TensorVector(weights);
    leaves = new TensorVector(input);
    for (Tensor tensor : initial) {
      leaves.push_back(tensor);
    }
    for (Tensor tensor : weights) {
      leaves.push_back(tensor);
    }
    outputGradient =
        new TensorVector(tensor(problem.outputGradient(), shape.steps(), shape.batch(), width));
  }

  private static Tensor tensor(float[] values, long... sizes) {
    return torch.from_blob(new FloatPointer(values), sizes).clone();
  }

  private static Tensor leaf(float[] values, long... sizes) {
    return tensor(values, sizes).requires_grad_(true);
  }

  @Override
  public void run() {
    if (scope != null) {
      scope.close();
    }
    scope = new PointerScope();
    forward.clear();
    forward();
    gradients =
        torch.grad(
            new TensorVector(forward.getFirst()),
            leaves,
            outputGradient,
            new BoolOptional(),
            false,
            false);
  }

  private void forward() {
    if (shape.cell().states() == 2) {
      T_TensorTensorTensor_T result =
          torch.lstm(input, states, parameters, true, 1, 0, true, false, false);
      forward.addAll(List.of(result.get0(), result.get1(), result.get2()));
      return;
    }
    Tensor initial = states.get(0);
    T_TensorTensor_T result =
        switch (shape.cell()) {
          case ELMAN -> torch.rnn_tanh(input, initial, parameters, true, 1, 0, true, false, false);
          default -> torch.gru(input, initial, parameters, true, 1, 0, true, false, false);
        };
    forward.addAll(List.of(result.get0(), result.get1()));
  }

  @Override
  public Tensors results() {
    int count = shape.cell().states();
    Tensors tensors =
        new Tensors()
            .with(Tensors.OUTPUT, values(forward.getFirst()))
            .with(Tensors.INPUT_GRADIENT, values(gradients.get(0)))
            .with(Tensors.WEIGHT_IH_GRADIENT, values(gradients.get(count + 1)))
            .with(Tensors.WEIGHT_HH_GRADIENT, values(gradients.get(count + 2)))
            .with(Tensors.BIAS_IH_GRADIENT, values(gradients.get(count + 3)))
            .with(Tensors.BIAS_HH_GRADIENT, values(gradients.get(count + 4)));
    for (int i = 0; i < count; i++) {
      tensors
          .with(Tensors.finalState(i), values(forward.get(1 + i)))
          .with(Tensors.initialStateGradient(i), values(gradients.get(1 + i)));
    }
    return tensors;
  }

  private static float[] values(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.numel())];
    new FloatPointer(tensor.contiguous().data_ptr()).get(values);
    return values;
  }
}
