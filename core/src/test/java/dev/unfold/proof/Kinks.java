package dev.unfold.proof;

import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.Team;
import dev.unfold.net.Network;
import dev.unfold.net.NetworkSpec;
import dev.unfold.net.State;
import dev.unfold.net.UnrolledNetwork;
import java.util.List;

/// How close the pre-activations of a relu network come to zero, where a difference tells nothing about the
/// derivative. The network is run again with a cell that keeps its pre-activations as a second state.
final class Kinks {
  private Kinks() {}

  /// The smallest magnitude of a pre-activation of `problem`, whose cell is Elman's with relu.
  static double nearest(Problem problem) {
    NetworkSpec spec = problem.network.spec();
    NetworkSpec watched =
        new NetworkSpec(
            watched().withBias(spec.cell().bias()),
            spec.encoder(),
            spec.hidden(),
            spec.layers(),
            spec.classes());
    Network network = Network.zeros(watched, problem.network.kernels());
    network.parameters().set(problem.network.parameters());
    int batch = problem.unrolled.batch();
    UnrolledNetwork step = network.unroll(Team.of(1), 1, batch);
    step.start(
        new State(
            problem.initial.layers().stream()
                .map(states -> List.of(states.getFirst(), states.getFirst()))
                .toList()));
    double nearest = Double.POSITIVE_INFINITY;
    for (int t = 0; t < problem.unrolled.steps(); t++) {
      copyRows(problem.unrolled.input(), t * batch, step.input());
      step.forward();
      for (List<Matrix> states : step.finalState().layers()) {
        for (double net : states.getLast().buffer().toArray()) {
          nearest = Math.min(nearest, Math.abs(net));
        }
      }
      step.startAfter(step);
    }
    return nearest;
  }

  private static Cell watched() {
    return Cell.define(
        "watched",
        step -> {
          Expr net = step.affine("net_h", step.input(), step.state("h"));
          step.next("h", Expr.relu(net));
          step.state("net");
          step.next("net", net);
        });
  }

  private static void copyRows(Matrix source, int from, Matrix target) {
    for (int r = 0; r < target.rows(); r++) {
      for (int c = 0; c < target.cols(); c++) {
        target.set(r, c, source.get(from + r, c));
      }
    }
  }
}
