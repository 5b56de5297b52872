package dev.unfold.proof;

import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.State;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Whether the arguments of a network's relus and roots come so close to zero that differences tell nothing
/// about the derivative. The network is run again with a cell that keeps them as states of its own.
final class Kinks {
  /// No stencil moves a pre-activation farther than this: 3 h times an input of 2, with room to spread.
  private static final double RELU_DISTANCE = 0.02;

  /// Under a root stands a variance. A stencil that moves values by d changes its seventh derivative's share by some
  /// (d / deviation)^6: for a deviation of 0.05 or more under 1e-8.
  private static final double ROOT_DISTANCE = 0.05 * 0.05;

  private Kinks() {}

  /// Whether a relu stands in the equations of `cell`.
  static boolean hasRelu(Cell cell) {
    return kinks(cell).stream().anyMatch(kink -> kink.op() == Op.RELU);
  }

  private static Set<Expr.Apply> kinks(Cell cell) {
    Set<Expr.Apply> kinks = new LinkedHashSet<>();
    cell.recurrences().forEach(recurrence -> collect(recurrence.next(), kinks));
    collect(cell.output(), kinks);
    return kinks;
  }

  /// Whether some argument in `problem` is too near to zero.
  static boolean areNear(Problem problem) {
    NetworkSpec spec = problem.network.spec();
    Cell cell = spec.cell();
    Cell watched = watched(cell);
    int own = cell.recurrences().size();
    Network network =
        Network.zeros(
            new NetworkSpec(watched, spec.encoder(), spec.hidden(), spec.layers(), spec.outputs()),
            problem.network.kernels());
    network.parameters().set(problem.network.parameters());
    int batch = problem.unrolled.batch();
    UnrolledNetwork step = UnrolledNetwork.of(network, Team.of(1), 1, batch);
    step.start(withRoom(problem.initial, step.finalState(), own));
    for (int t = 0; t < problem.unrolled.steps(); t++) {
      copyRows(problem.unrolled.input(), t * batch, step.input());
      step.forward();
      for (List<Matrix> states : step.finalState().layers()) {
        for (int s = own; s < states.size(); s++) {
          double distance =
              watched.states().get(s).startsWith("root") ? ROOT_DISTANCE : RELU_DISTANCE;
          if (Arrays.stream(states.get(s).buffer().toArray())
              .anyMatch(argument -> Math.abs(argument) < distance)) {
            return true;
          }
        }
      }
      step.startAfter(step);
    }
    return false;
  }

  private static State withRoom(State initial, State room, int own) {
    List<List<Matrix>> layers = new ArrayList<>();
    for (int l = 0; l < initial.layers().size(); l++) {
      List<Matrix> states = new ArrayList<>(initial.layers().get(l));
      states.addAll(room.layers().get(l).subList(own, room.layers().get(l).size()));
      layers.add(states);
    }
    return new State(layers);
  }

  /// `cell` with a state more for each relu and root.
  private static Cell watched(Cell cell) {
    List<Cell.Recurrence> recurrences = new ArrayList<>(cell.recurrences());
    for (Expr.Apply kink : kinks(cell)) {
      String name = (kink.op() == Op.SQRT ? "root" : "relu") + recurrences.size();
      Expr argument = kink.left();
      recurrences.add(new Cell.Recurrence(new Expr.State(name, argument.size()), argument));
    }
    return new Cell(
        cell.name(),
        cell.bias(),
        cell.heads(),
        cell.ownSizes(),
        recurrences,
        cell.affines(),
        cell.parameters(),
        cell.forgetBiases(),
        cell.output());
  }

  private static void collect(Expr expr, Set<Expr.Apply> kinks) {
    switch (expr) {
      case Expr.Apply apply -> {
        if (apply.op() == Op.RELU || apply.op() == Op.SQRT) {
          kinks.add(apply);
        }
        collect(apply.left(), kinks);
        collect(apply.right(), kinks);
      }
      case Expr.Named named -> collect(named.value(), kinks);
      case Expr.Mean mean -> collect(mean.value(), kinks);
      case Expr.Outer outer -> {
        collect(outer.rows(), kinks);
        collect(outer.columns(), kinks);
      }
      case Expr.Contraction product -> {
        collect(product.matrices(), kinks);
        collect(product.vector(), kinks);
      }
      case Expr.HeadSum sum -> collect(sum.value(), kinks);
      case Expr.HeadSpread spread -> collect(spread.value(), kinks);
      case Expr.Affine affine -> affine.operands().forEach(o -> collect(o, kinks));
      default -> {}
    }
  }

  private static void copyRows(Matrix source, int from, Matrix target) {
    for (int r = 0; r < target.rows(); r++) {
      for (int c = 0; c < target.cols(); c++) {
        target.set(r, c, source.get(from + r, c));
      }
    }
  }
}
