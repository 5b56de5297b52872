package dev.unfold.cell.library;

import static dev.unfold.cell.Expr.constant;
import static dev.unfold.cell.Expr.exp;
import static dev.unfold.cell.Expr.oneMinus;
import static dev.unfold.cell.Expr.sigmoid;
import static dev.unfold.cell.Expr.tanh;

import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.cell.Size;
import dev.unfold.cell.Start;
import dev.unfold.cell.Step;

/// Cells that are steps of differential equations: oscillators, and a network of liquid time constants in closed form.
public final class ContinuousCells {
  /// The step's length of UnICORNN, for permuted sequential MNIST in the source.
  private static final double UNICORNN_STEP = 0.19;

  private ContinuousCells() {}

  /// Coupled oscillatory network (coRNN): each unit is a damped oscillator with position h and velocity z, driven by
  /// the input and by all the others.
  ///
  ///     dt = exp(log_dt)    gamma = exp(log_gamma)    epsilon = exp(log_epsilon)
  ///     z(t) = z(t-1) + dt (tanh(net) - gamma h(t-1) - epsilon z(t-1))
  ///     h(t) = h(t-1) + dt z(t)
  ///
  /// where net is an affine map of x(t), h(t-1) and z(t-1), whose matrices are `weight_ih`, `weight_hh` and `weight_z`.
  /// **Parameters** besides: the vectors `log_dt`, `log_gamma` and `log_epsilon` `[H]`, which start at the logarithms
  /// of 0.042, 2.7 and 4.7, what the source has for sequential MNIST.
  ///
  /// **Differences**: in the source the three are numbers that are chosen for each task and not learned. The damping
  /// is of z(t-1), as in its code.
  ///
  /// **Source**: T. K. Rusch and S. Mishra, Coupled oscillatory recurrent neural network (coRNN): an accurate and
  /// (gradient) stable architecture for learning long time dependencies, ICLR 2021.
  public static Cell coRnn() {
    return Cell.define(
        "cornn",
        step -> {
          Expr h = step.state("h");
          Expr z = step.state("z");
          Expr dt = positive(step, "dt", 0.042);
          Expr gamma = positive(step, "gamma", 2.7);
          Expr epsilon = positive(step, "epsilon", 4.7);
          Expr drive = step.named("drive", tanh(step.affine("net", step.input(), h, z)));
          Expr force = drive.minus(gamma.times(h)).minus(epsilon.times(z));
          Expr next = step.next("z", z.plus(dt.times(force)));
          step.next("h", h.plus(dt.times(next)));
        });
  }

  /// Undamped independent controlled oscillators (UnICORNN): units that do not see each other within a layer, each with
  /// a step of its own.
  ///
  ///     dt = 0.19 sigmoid(c)    alpha = exp(log_alpha)
  ///     z(t) = z(t-1) - dt (tanh(weight_hh h(t-1) + net) + alpha h(t-1))
  ///     h(t) = h(t-1) + dt z(t)
  ///
  /// where net is an affine map of x(t). **Parameters** besides: the vectors `weight_hh`, which starts uniformly in
  /// [0, 1], `c`, in [-0.1, 0.1], and `log_alpha` `[H]`, at the logarithm of 30.65.
  ///
  /// **Differences**: in the source alpha is a number that is chosen for each task, 30.65 for permuted sequential MNIST
  /// as here, and so is what is 0.19 here. It runs the states back in time instead of keeping them.
  ///
  /// **Source**: T. K. Rusch and S. Mishra, UnICORNN: a recurrent model for learning very long time dependencies, ICML
  /// 2021.
  public static Cell unicornn() {
    return Cell.define(
        "unicornn",
        step -> {
          Expr h = step.state("h");
          Expr z = step.state("z");
          Expr net = step.affine("net", step.input());
          Expr own = step.parameter("weight_hh", Size.HIDDEN, new Start.Between(0, 1));
          Expr c = step.parameter("c", Size.HIDDEN, new Start.Between(-0.1, 0.1));
          Expr alpha = positive(step, "alpha", 30.65);
          Expr dt = step.named("dt", constant(UNICORNN_STEP).times(sigmoid(c)));
          Expr force = step.named("drive", tanh(own.times(h).plus(net))).plus(alpha.times(h));
          Expr next = step.next("z", z.minus(dt.times(force)));
          step.next("h", h.plus(dt.times(next)));
        });
  }

  /// Closed-form continuous-time network (CfC): two candidates, between which a gate of time decides.
  ///
  ///     u = 1.7159 tanh(0.666 net_u)
  ///     first = tanh(net_first)    second = tanh(net_second)    k = sigmoid(net_time)
  ///     h(t) = (1 - k) first + k second
  ///
  /// where net_u is an affine map of x(t) and h(t-1), and the others are affine maps of u. **Shapes**: u `[B, P]`; P is
  /// H/2 unless [Cell#withSize] says otherwise. **Parameters**: `weight_ih [P, I]`, `weight_hh [P, H]`, `weight_u
  /// [3H, P]`, rows first, second, time.
  ///
  /// **Differences**: the source's k is sigmoid(net_a t + net_b), t being the time since the last input. Here steps are
  /// of length 1, so both are one map; times that differ can be a part of the input, and come in through u. Its u may
  /// have several layers.
  ///
  /// **Source**: R. Hasani et al., Closed-form continuous-time neural networks, Nature Machine Intelligence 4 (2022).
  public static Cell cfc() {
    return Cell.define(
        "cfc",
        step -> {
          Size p = Size.own("P");
          Expr h = step.state("h");
          Expr net = step.affine("net_u", p, step.input(), h);
          Expr u = step.named("u", constant(1.7159).times(tanh(constant(0.666).times(net))));
          Expr first = step.named("first", tanh(step.affine("net_first", u)));
          Expr second = step.named("second", tanh(step.affine("net_second", u)));
          Expr k = step.named("k", sigmoid(step.affine("net_time", u)));
          step.next("h", oneMinus(k).times(first).plus(k.times(second)));
        });
  }

  /// A learned number above 0 for each unit, by its logarithm.
  private static Expr positive(Step step, String name, double start) {
    Start.At logarithm = new Start.At(Math.log(start));
    return step.named(name, exp(step.parameter("log_" + name, Size.HIDDEN, logarithm)));
  }
}
