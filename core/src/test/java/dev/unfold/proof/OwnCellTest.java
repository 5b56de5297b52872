package dev.unfold.proof;

import static dev.unfold.cell.Expr.oneMinus;
import static dev.unfold.cell.Expr.sigmoid;
import static dev.unfold.cell.Expr.softplus;
import static dev.unfold.cell.Expr.tanh;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.head.Reduction;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.train.update.Optimizer;
import dev.unfold.train.update.OptimizerSpec;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A cell that is in no book: two leaky memories, slow and fast, the leak of each unit learned, and a
/// gate that looks at both.
final class OwnCellTest {
  private static final int T = 12;
  private static final int B = 4;
  private static final int V = 6;

  private static Cell leaky() {
    return Cell.define(
        "leaky",
        step -> {
          Expr x = step.input();
          Expr fast = step.state("fast");
          Expr slow = step.state("slow");
          Expr leak = sigmoid(step.parameter("leak").minus(softplus(step.parameter("drag"))));
          Expr drive = tanh(step.affine("drive", x, fast, slow));
          Expr nextFast = step.next("fast", leak.times(fast).plus(oneMinus(leak).times(drive)));
          Expr both = step.named("both", nextFast.minus(slow));
          Expr gate = sigmoid(step.affine("gate", x, both));
          step.next("slow", slow.plus(gate.times(nextFast.minus(slow))));
          step.output(nextFast.plus(gate));
        });
  }

  @Test
  void loss_ofAnOwnCellTrainedForFortySteps_dropsToAQuarter() {
    NetworkSpec spec = NetworkSpec.tokens(leaky(), V, 5, 8);
    Network network = Network.create(spec, TestBackends.best(Precision.FLOAT), 1);
    Team team = Team.of(2);
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, team, T, B);
    Parameters gradients = network.parameters().zeros();
    Optimizer adam = new Optimizer(new OptimizerSpec.Adam(), network, gradients, List.of(), team);
    int[] text = new int[(T + 1) * B];
    for (int t = 0; t <= T; t++) {
      for (int b = 0; b < B; b++) {
        // Each sequence counts up by a step of its own: the next token takes two to tell.
        text[t * B + b] = (b + t * (1 + b)) % V;
      }
    }
    double first = 0;
    double last = 0;
    for (int update = 0; update < 40; update++) {
      unrolled.startFromZero();
      unrolled.forward(text, 0);
      last = unrolled.loss(text, B, Reduction.MEAN);
      first = update == 0 ? last : first;
      gradients.buffer().clear();
      unrolled.backward(gradients);
      adam.step(1, 0.03, 0);
    }
    double reached = last;
    assertTrue(last < first / 4, () -> "the loss went only to " + reached);
  }
}
