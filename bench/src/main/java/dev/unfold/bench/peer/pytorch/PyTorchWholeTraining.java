package dev.unfold.bench.peer.pytorch;

import dev.unfold.bench.peer.FirstSteps;
import dev.unfold.bench.peer.PeerStep;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Tensors;
import dev.unfold.bench.problem.TextProblem;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// Updates by PyTorch's functions, autograd, `clip_grad_norm_` and its fastest Adam. The state goes on from window to
/// window, cut off from the graph, and starts from zeros with the text.
final class PyTorchWholeTraining implements PeerStep {
  private final Shape shape;
  private final List<Tensor> parameters = new ArrayList<>();
  private final TensorVector all;
  private final TensorVector layer;
  private final TensorVector states = new TensorVector();
  private final List<Tensor> inputs = new ArrayList<>();
  private final List<Tensor> targets = new ArrayList<>();
  private final FusedAdam adam;
  private final FirstSteps first = new FirstSteps();
  private int window;

  PyTorchWholeTraining(TextProblem problem) {
    shape = problem.shape();
    problem
        .parameters()
        .forEach((name, values) -> parameters.add(Torch.leaf(values, sizes(name, values.length))));
    all = new TensorVector(parameters.toArray(Tensor[]::new));
    layer = new TensorVector(parameters.subList(1, 5).toArray(Tensor[]::new));
    for (int i = 0; i < shape.cell().states(); i++) {
      states.push_back(torch.zeros(1, shape.batch(), shape.width()));
    }
    for (int i = 0; i < TextProblem.WINDOWS; i++) {
      inputs.add(Torch.tensor(problem.inputs(i), shape.steps(), shape.batch()));
      targets.add(Torch.tensor(problem.targets(i), shape.rows()));
    }
    adam = new FusedAdam(parameters);
  }

  /// All matrices have H columns.
  private long[] sizes(String name, int count) {
    return name.contains("bias")
        ? new long[] {count}
        : new long[] {count / shape.width(), shape.width()};
  }

  @Override
  public String implementation() {
    return "Adam by torch._fused_adam_";
  }

  @Override
  public void run() {
    try (PointerScope _ = new PointerScope()) {
      if (window == 0) {
        keep(List.of());
      }
      List<Tensor> forward =
          Torch.layer(
              shape.cell(),
              torch.embedding(parameters.getFirst(), inputs.get(window)),
              states,
              layer);
      Tensor logits =
          torch.linear(
              forward.getFirst(), parameters.get(5), new TensorOptional(parameters.get(6)));
      Tensor loss =
          torch.cross_entropy_loss(
              logits.view(shape.rows(), shape.vocabulary()), targets.get(window));
      TensorVector gradients = torch.grad(new TensorVector(loss), all);
      for (int i = 0; i < parameters.size(); i++) {
        parameters.get(i).mutable_grad().put(gradients.get(i));
      }
      double norm = first.lacksAny() ? norm(gradients) : 0;
      torch.clip_grad_norm_(all, TextProblem.CLIP);
      adam.update();
      keep(forward.subList(1, forward.size()));
      window = (window + 1) % TextProblem.WINDOWS;
      first.add(loss.item_float(), norm);
    }
  }

  /// In double: PyTorch adds up the squares in float, which loses more digits of millions than are compared.
  private static double norm(TensorVector gradients) {
    double squares = 0;
    for (int i = 0; i < gradients.size(); i++) {
      for (float value : Torch.values(gradients.get(i))) {
        squares += (double) value * value;
      }
    }
    return Math.sqrt(squares);
  }

  /// Lets the next window start from `from`, or from zeros.
  private void keep(List<Tensor> from) {
    try (NoGradGuard _ = new NoGradGuard()) {
      for (int i = 0; i < states.size(); i++) {
        if (from.isEmpty()) {
          states.get(i).zero_();
        } else {
          states.get(i).copy_(from.get(i));
        }
      }
    }
  }

  @Override
  public Tensors results() {
    return first.results();
  }
}
