package dev.unfold.tangent;

import dev.unfold.cell.ParameterShape;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Parameters;
import dev.unfold.plan.AdjointStep;
import dev.unfold.plan.ForwardStep;
import dev.unfold.plan.Group;
import dev.unfold.plan.Node;
import dev.unfold.plan.Plan;
import dev.unfold.plan.TangentStep;
import dev.unfold.plan.walk.GraphWalk;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// A layer over T steps of B sequences with the tangents of all values along a direction of its input, its initial
/// states and its parameters; and back, with the derivatives' tangents.
///
///     s(t) = F(s(t-1), x(t), p)        ds(t) = dF/ds ds(t-1) + dF/dx dx(t) + dF/dp dp
///
/// The way back computes each step once more from its input and its states, so that only these are kept.
///
/// **Shapes**: rows t*B + b of everything.
final class LayerWalk {
  private final Kernels kernels;
  private final ForwardStep step;
  private final AdjointStep adjoint;
  private final TangentStep stepTangent;
  private final TangentStep adjointTangent;
  private final GraphWalk forward;
  private final GraphWalk back;
  private final UnaryOperator<String> names;
  private final int steps;
  private final int batch;
  private final Dual input;

  /// Of each state, before step 0 and after each step.
  private final List<Dual> states = new ArrayList<>();

  private final Dual output;

  /// @param input that of all steps
  /// @param parameters the layer's among those of the network
  /// @param direction of the same; empty if no tangents are wanted: then they are zeros
  /// @param names what the network calls a parameter of the cell
  LayerWalk(
      Kernels kernels,
      Plan plan,
      Dual input,
      Parameters parameters,
      Optional<Parameters> direction,
      UnaryOperator<String> names,
      int steps,
      int batch) {
    this.kernels = kernels;
    this.input = input;
    this.names = names;
    this.steps = steps;
    this.batch = batch;
    step = plan.step();
    adjoint = plan.adjoint();
    boolean hasTangents = direction.isPresent();
    stepTangent = hasTangents ? TangentStep.of(step) : TangentStep.none(step);
    adjointTangent = hasTangents ? TangentStep.of(step, adjoint) : TangentStep.none(step, adjoint);
    List<Matrix> all = new ArrayList<>();
    Stream.concat(Stream.of(parameters), direction.stream())
        .forEach(own -> step.parameters().forEach(shape -> all.add(own.matrix(name(shape)))));
    forward = walk(stepTangent, all);
    back = walk(adjointTangent, all);
    for (ForwardStep.State state : step.states()) {
      states.add(Dual.zeros(kernels, (steps + 1) * batch, state.width()));
    }
    output = Dual.zeros(kernels, steps * batch, step.graph().width(step.output()));
  }

  private GraphWalk walk(TangentStep of, List<Matrix> parameters) {
    return new GraphWalk(kernels, of.graph(), of.groups(), of.deltas(), parameters, batch);
  }

  private String name(ParameterShape shape) {
    return names.apply(shape.name());
  }

  /// Takes over the parameters and their direction, whose numbers were changed.
  void refresh() {
    forward.refresh();
    back.refresh();
  }

  /// The output of all steps.
  Dual output() {
    return output;
  }

  /// State `index` before step 0, `[B, F]`.
  Dual initialState(int index) {
    return states.get(index).rows(0, batch);
  }

  /// State `index` after the last step.
  Dual finalState(int index) {
    return states.get(index).rows(steps * batch, batch);
  }

  /// How many states the cell has.
  int states() {
    return states.size();
  }

  /// Runs all steps.
  void forward() {
    for (int t = 0; t < steps; t++) {
      put(forward, t);
      forward.run();
      for (int s = 0; s < states.size(); s++) {
        int next = step.states().get(s).next();
        states.get(s).rows((t + 1) * batch, batch).take(forward, next, stepTangent.of(next));
      }
      int out = step.output();
      output.rows(t * batch, batch).take(forward, out, stepTangent.of(out));
    }
  }

  private void put(GraphWalk walk, int t) {
    input.rows(t * batch, batch).putTo(walk, new Node.Input(input.value().cols()));
    for (int s = 0; s < states.size(); s++) {
      Node leaf = new Node.State(s, step.states().get(s).width());
      states.get(s).rows(t * batch, batch).putTo(walk, leaf);
    }
  }

  /// Follows the error back through all steps.
  ///
  /// @param arriving the derivative with respect to the output
  Derivatives back(Dual arriving) {
    Derivatives derivatives = new Derivatives();
    List<Dual> carries = new ArrayList<>();
    for (ForwardStep.State state : step.states()) {
      carries.add(Dual.zeros(kernels, batch, state.width()));
    }
    for (int t = steps - 1; t >= 0; t--) {
      put(back, t);
      arriving.rows(t * batch, batch).putTo(back, new Node.OutputGradient(output.value().cols()));
      for (int s = 0; s < carries.size(); s++) {
        carries.get(s).putTo(back, new Node.Carry(s, step.states().get(s).width()));
      }
      back.run();
      for (int s = 0; s < carries.size(); s++) {
        take(adjoint.carries().get(s), carries.get(s));
      }
      derivatives.take(t);
    }
    return derivatives;
  }

  private void take(int node, Dual to) {
    to.take(back, node, adjointTangent.of(node));
  }

  private Dual ofAllSteps(int node) {
    return Dual.zeros(kernels, steps * batch, adjoint.graph().width(node));
  }

  /// What was found on the way back.
  final class Derivatives {
    private final Dual input = ofAllSteps(adjoint.input());
    private final List<Dual> operands = new ArrayList<>();
    private final List<List<Dual>> deltas = new ArrayList<>();
    private final List<Dual> vectors = new ArrayList<>();

    private Derivatives() {
      for (int g = 0; g < step.groups().size(); g++) {
        operands.add(ofAllSteps(step.groups().get(g).operand()));
        deltas.add(adjoint.deltas().get(g).stream().map(LayerWalk.this::ofAllSteps).toList());
      }
      adjoint.vectors().forEach(vector -> vectors.add(ofAllSteps(vector.node())));
    }

    private void take(int t) {
      take(adjoint.input(), input, t);
      for (int g = 0; g < operands.size(); g++) {
        take(step.groups().get(g).operand(), operands.get(g), t);
        for (int i = 0; i < deltas.get(g).size(); i++) {
          take(adjoint.deltas().get(g).get(i), deltas.get(g).get(i), t);
        }
      }
      for (int v = 0; v < vectors.size(); v++) {
        take(adjoint.vectors().get(v).node(), vectors.get(v), t);
      }
    }

    private void take(int node, Dual to, int t) {
      LayerWalk.this.take(node, to.rows(t * batch, batch));
    }

    /// The derivative with respect to the input.
    Dual input() {
      return input;
    }

    /// The derivatives with respect to the parameters, or the tangents of these, where d(delta o^T) is
    /// d(delta) o^T + delta do^T.
    List<Share> shares(Dual.Part part) {
      List<Share> shares = new ArrayList<>();
      for (int g = 0; g < operands.size(); g++) {
        Group group = step.groups().get(g);
        String name = name(step.parameters().get(group.weight()));
        Dual operand = operands.get(g);
        for (int i = 0; i < group.slices().size(); i++) {
          Dual delta = deltas.get(g).get(i);
          for (int head = 0; head < group.heads(); head++) {
            int width = group.slices().get(i).width() / group.heads();
            int from = group.slices().get(i).from() + head * width;
            Dual own = delta.columns(head * width, width);
            Dual read = operand.columns(head * group.columns(), group.columns());
            shares.add(new Share.Outer(name, from, own.part(part), read.value()));
            if (part == Dual.Part.TANGENT) {
              shares.add(new Share.Outer(name, from, own.value(), read.tangent()));
            }
          }
        }
      }
      for (int v = 0; v < vectors.size(); v++) {
        AdjointStep.VectorGradient vector = adjoint.vectors().get(v);
        String name = name(step.parameters().get(vector.parameter()));
        shares.add(new Share.Sum(name, vector.from(), vectors.get(v).part(part)));
      }
      return shares;
    }
  }
}
