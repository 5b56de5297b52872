package dev.unfold.proof;

import dev.unfold.plan.AdjointStep;
import dev.unfold.plan.ForwardStep;
import dev.unfold.plan.Graph;
import dev.unfold.plan.Group;
import dev.unfold.plan.Node;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Runs a layer by walking the graphs of its step and of the adjoint, node by node: what an exporter or another way
/// to a gradient sees of a cell.
final class GraphInterpreter {
  private final ForwardStep step;
  private final AdjointStep adjoint;
  private final ViewProblem problem;

  /// For each step the values of all nodes, first of the step, later of its adjoint.
  private final double[][][] values;

  private final double[][][] states;
  private final double[][][] carries;

  GraphInterpreter(ForwardStep step, AdjointStep adjoint, ViewProblem problem) {
    this.step = step;
    this.adjoint = adjoint;
    this.problem = problem;
    int steps = problem.steps();
    values = new double[steps][adjoint.graph().size()][];
    states = new double[steps + 1][][];
    states[0] = problem.states();
    carries = new double[steps + 1][][];
    carries[steps] = problem.stateGradients();
  }

  /// Forward and back; all that [LayerProblem#run] gives.
  Map<String, double[]> run() {
    Map<String, double[]> numbers = new LinkedHashMap<>();
    int steps = problem.steps();
    for (int t = 0; t < steps; t++) {
      evaluate(step.graph(), 0, t);
      int now = t;
      states[t + 1] =
          step.states().stream().map(state -> values[now][state.next()]).toArray(double[][]::new);
    }
    for (int t = steps - 1; t >= 0; t--) {
      evaluate(adjoint.graph(), step.graph().size(), t);
      int now = t;
      carries[t] =
          adjoint.carries().stream().map(carry -> values[now][carry]).toArray(double[][]::new);
    }
    List<double[]> gradients = gradients();
    for (int p = 0; p < gradients.size(); p++) {
      numbers.put("derivative of " + step.parameters().get(p), gradients.get(p));
    }
    numbers.put("output", ofAllSteps(List.of(step.output())));
    numbers.put("derivative of input", ofAllSteps(List.of(adjoint.input())));
    for (int s = 0; s < step.states().size(); s++) {
      numbers.put("state " + s, states[steps][s]);
      numbers.put("derivative of state " + s, carries[0][s]);
    }
    for (int g = 0; g < step.groups().size(); g++) {
      String name = "error signals " + step.groups().get(g).name();
      numbers.put(name, ofAllSteps(adjoint.deltas().get(g)));
    }
    return numbers;
  }

  private void evaluate(Graph graph, int from, int t) {
    for (int node = from; node < graph.size(); node++) {
      values[t][node] = evaluate(graph.get(node), t);
    }
  }

  private double[] evaluate(Node node, int t) {
    return switch (node) {
      case Node.Input i -> problem.input()[t];
      case Node.State state -> states[t][state.index()];
      case Node.Noise noise -> problem.noises()[noise.index()][t];
      case Node.Vector vector ->
          Arrays.copyOfRange(
              problem.parameters().get(vector.parameter()),
              vector.from(),
              vector.from() + vector.width());
      case Node.Constant constant -> new double[] {constant.value()};
      case Node.Product product -> product(product, t);
      case Node.Apply apply ->
          ViewProblem.apply(
              apply.op(), values[t][apply.left()], values[t][apply.right()], apply.width());
      case Node.Carry carry -> carries[t + 1][carry.index()];
      case Node.OutputGradient g -> problem.outputGradients()[t];
      case Node.BackProduct product -> backProduct(product, t);
    };
  }

  private double[] product(Node.Product product, int t) {
    Group group = step.groups().get(product.group());
    double[] sum =
        product.onto() == Node.NONE
            ? new double[product.width()]
            : values[t][product.onto()].clone();
    ViewProblem.addProduct(
        sum, problem.parameters().get(group.weight()), product.from(), values[t][group.operand()]);
    return sum;
  }

  private double[] backProduct(Node.BackProduct product, int t) {
    Group group = step.groups().get(product.group());
    double[] sum = new double[product.width()];
    for (int i = 0; i < group.slices().size(); i++) {
      double[] delta = values[t][adjoint.deltas().get(product.group()).get(i)];
      ViewProblem.addTransposed(
          sum, problem.parameters().get(group.weight()), group.slices().get(i).from(), delta);
    }
    return sum;
  }

  private List<double[]> gradients() {
    List<double[]> gradients = problem.zeroGradients();
    for (int t = problem.steps() - 1; t >= 0; t--) {
      for (int g = 0; g < step.groups().size(); g++) {
        Group group = step.groups().get(g);
        for (int i = 0; i < group.slices().size(); i++) {
          ViewProblem.addOuter(
              gradients.get(group.weight()),
              group.slices().get(i).from(),
              values[t][adjoint.deltas().get(g).get(i)],
              values[t][group.operand()]);
        }
      }
      for (AdjointStep.VectorGradient vector : adjoint.vectors()) {
        ViewProblem.add(gradients.get(vector.parameter()), vector.from(), values[t][vector.node()]);
      }
    }
    return gradients;
  }

  /// The values of `nodes` side by side, at all steps.
  private double[] ofAllSteps(List<Integer> nodes) {
    return Arrays.stream(values)
        .flatMap(ofStep -> nodes.stream().map(node -> ofStep[node]))
        .flatMapToDouble(Arrays::stream)
        .toArray();
  }
}
