package dev.unfold.bench.peer.pytorch;

import dev.unfold.bench.peer.PeerStep;
import dev.unfold.bench.problem.Problem;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Tensors;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.BoolOptional;
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
    input = Torch.leaf(problem.input(), shape.steps(), shape.batch(), width);
    Tensor[] initial =
        problem.initialStates().stream()
            .map(state -> Torch.leaf(state, 1, shape.batch(), width))
            .toArray(Tensor[]::new);
    Tensor[] weights = {
      Torch.leaf(problem.weightIh(), shape.gateRows(), width),
      Torch.leaf(problem.weightHh(), shape.gateRows(), width),
      Torch.leaf(problem.biasIh(), shape.gateRows()),
      Torch.leaf(problem.biasHh(), shape.gateRows())
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
        new TensorVector(
            Torch.tensor(problem.outputGradient(), shape.steps(), shape.batch(), width));
  }

  @Override
  public void run() {
    if (scope != null) {
      scope.close();
    }
    scope = new PointerScope();
    forward.clear();
    forward.addAll(Torch.layer(shape.cell(), input, states, parameters));
    gradients =
        torch.grad(
            new TensorVector(forward.getFirst()),
            leaves,
            outputGradient,
            new BoolOptional(),
            false,
            false);
  }

  @Override
  public Tensors results() {
    int count = shape.cell().states();
    Tensors tensors =
        new Tensors()
            .with(Tensors.OUTPUT, Torch.values(forward.getFirst()))
            .with(Tensors.INPUT_GRADIENT, Torch.values(gradients.get(0)))
            .with(Tensors.WEIGHT_IH_GRADIENT, Torch.values(gradients.get(count + 1)))
            .with(Tensors.WEIGHT_HH_GRADIENT, Torch.values(gradients.get(count + 2)))
            .with(Tensors.BIAS_IH_GRADIENT, Torch.values(gradients.get(count + 3)))
            .with(Tensors.BIAS_HH_GRADIENT, Torch.values(gradients.get(count + 4)));
    for (int i = 0; i < count; i++) {
      tensors
          .with(Tensors.finalState(i), Torch.values(forward.get(1 + i)))
          .with(Tensors.initialStateGradient(i), Torch.values(gradients.get(1 + i)));
    }
    return tensors;
  }
}
