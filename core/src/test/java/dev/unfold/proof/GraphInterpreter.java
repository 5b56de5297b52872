package dev.unfold.proof;

import dev.unfold.cell.ParameterShape;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.plan.AdjointStep;
import dev.unfold.plan.ForwardStep;
import dev.unfold.plan.Graph;
import dev.unfold.plan.Group;
import dev.unfold.plan.Node;
import dev.unfold.plan.walk.GraphWalk;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Runs a layer by walking the graphs of its step and of the adjoint, node by node: what an exporter or another way
/// to a gradient sees of a cell.
final class GraphInterpreter {
  private static final Kernels KERNELS = TestBackends.scalar(Precision.DOUBLE);

  private final ForwardStep step;
  private final AdjointStep adjoint;
  private final ViewProblem problem;
  private final GraphWalk forward;
  private final GraphWalk back;

  /// For each step the values of all nodes of the adjoint's graph, but constants.
  private final double[][][] values;

  private final double[][][] states;
  private double[][] carries;

  GraphInterpreter(ForwardStep step, AdjointStep adjoint, ViewProblem problem) {
    this.step = step;
    this.adjoint = adjoint;
    this.problem = problem;
    int steps = problem.steps();
    forward = walk(step.graph());
    back = walk(adjoint.graph());
    values = new double[steps][adjoint.graph().size()][];
    states = new double[steps + 1][][];
    states[0] = problem.states();
    carries = problem.stateGradients();
  }

  private GraphWalk walk(Graph graph) {
    List<Matrix> parameters = new ArrayList<>();
    for (int p = 0; p < problem.parameters().size(); p++) {
      ParameterShape shape = step.parameters().get(p);
      parameters.add(matrix(problem.parameters().get(p), shape.rows(), shape.cols()));
    }
    return new GraphWalk(KERNELS, graph, step.groups(), adjoint.deltas(), parameters, 1);
  }

  private static Matrix matrix(double[] numbers, int rows, int cols) {
    Matrix matrix = Matrix.allocate(ElementType.FLOAT64, rows, cols);
    for (int i = 0; i < numbers.length; i++) {
      matrix.set(i / cols, i % cols, numbers[i]);
    }
    return matrix;
  }

  /// Forward and back; all that [LayerProblem#run] gives.
  Map<String, double[]> run() {
    int steps = problem.steps();
    for (int t = 0; t < steps; t++) {
      put(forward, t);
      forward.run();
      states[t + 1] =
          step.states().stream()
              .map(state -> forward.value(state.next()).toHost().row(0))
              .toArray(double[][]::new);
    }
    for (int t = steps - 1; t >= 0; t--) {
      put(back, t);
      put(
          back,
          new Node.OutputGradient(problem.outputGradients()[t].length),
          problem.outputGradients()[t]);
      for (int s = 0; s < carries.length; s++) {
        put(back, new Node.Carry(s, carries[s].length), carries[s]);
      }
      back.run();
      for (int node = 0; node < values[t].length; node++) {
        Matrix value = back.value(node);
        values[t][node] = value == null ? null : value.toHost().row(0);
      }
      int now = t;
      carries =
          adjoint.carries().stream().map(carry -> values[now][carry]).toArray(double[][]::new);
    }
    return numbers();
  }

  private void put(GraphWalk walk, int t) {
    put(walk, new Node.Input(problem.input()[t].length), problem.input()[t]);
    for (int s = 0; s < states[t].length; s++) {
      put(walk, new Node.State(s, states[t][s].length), states[t][s]);
    }
    for (int m = 0; m < problem.noises().length; m++) {
      double[] noise = problem.noises()[m][t];
      put(walk, new Node.Noise(m, noise.length), noise);
    }
  }

  private static void put(GraphWalk walk, Node leaf, double... numbers) {
    walk.put(leaf, matrix(numbers, 1, numbers.length));
  }

  private Map<String, double[]> numbers() {
    Map<String, double[]> numbers = new LinkedHashMap<>();
    List<double[]> gradients = gradients();
    for (int p = 0; p < gradients.size(); p++) {
      numbers.put("derivative of " + step.parameters().get(p), gradients.get(p));
    }
    numbers.put("output", ofAllSteps(List.of(step.output())));
    numbers.put("derivative of input", ofAllSteps(List.of(adjoint.input())));
    for (int s = 0; s < step.states().size(); s++) {
      numbers.put("state " + s, states[problem.steps()][s]);
      numbers.put("derivative of state " + s, carries[s]);
    }
    for (int g = 0; g < step.groups().size(); g++) {
      String name = "error signals " + step.groups().get(g).name();
      numbers.put(name, ofAllSteps(adjoint.deltas().get(g)));
    }
    return numbers;
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
              values[t][group.operand()],
              group.heads());
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
