package dev.unfold.cell.library;

import static dev.unfold.cell.Expr.constant;
import static dev.unfold.cell.Expr.oneMinus;
import static dev.unfold.cell.Expr.relu;
import static dev.unfold.cell.Expr.sigmoid;

import dev.unfold.argument.Expect;
import dev.unfold.cell.Activation;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import java.util.Locale;
import java.util.Optional;

/// LSTMs and GRUs with other functions at their gates and candidates, as models of other programs have them. Their
/// parameters are those of [Cells#lstm], [Cells#gru] and [Cells#gruResetBefore]. They are no standard cells: nobody
/// needs to choose among them, but [Cells#named] knows their names, so that models with them can be opened.
///
/// A name is that of the standard cell, then the gates' function if that is not the sigmoid, then the candidate's if
/// that is not tanh, as in `lstm_hard_sigmoid_relu`.
public final class ActivatedCells {
  private ActivatedCells() {}

  /// Which standard cell it is like.
  public enum Kind {
    /// [Cells#lstm]; its second tanh, which c goes through, is the candidate's function too.
    LSTM,
    /// [Cells#gru]
    GRU,
    /// [Cells#gruResetBefore]
    GRU_RESET_BEFORE
  }

  /// The function of the gates.
  public enum Gate {
    /// 1 / (1 + exp(-x))
    SIGMOID,
    /// x/6 + 1/2 within 0 and 1: that of PyTorch, and of Keras since version 3.
    HARD_SIGMOID,
    /// x/5 + 1/2 within 0 and 1: that of ONNX if nothing else is said, and of Keras before version 3.
    HARD_SIGMOID_FIFTH;

    private Expr of(Expr x) {
      return switch (this) {
        case SIGMOID -> sigmoid(x);
        case HARD_SIGMOID -> clipped(x, 1.0 / 6);
        case HARD_SIGMOID_FIFTH -> clipped(x, 0.2);
      };
    }

    /// min(1, max(0, u)) = 1 - relu(1 - relu(u)), which is exact at both ends.
    private static Expr clipped(Expr x, double slope) {
      Expr line = x.times(constant(slope)).plus(constant(0.5));
      return oneMinus(relu(oneMinus(relu(line))));
    }
  }

  /// The cell; a standard one for sigmoid and tanh.
  public static Cell of(Kind kind, Gate gate, Activation activation) {
    Expect.given("kind", kind);
    Expect.given("gate", gate);
    Expect.given("activation", activation);
    if (gate == Gate.SIGMOID && activation == Activation.TANH) {
      return Cells.named(lower(kind));
    }
    String name = name(kind, gate, activation);
    return switch (kind) {
      case LSTM -> lstm(name, gate, activation);
      case GRU -> gru(name, gate, activation);
      case GRU_RESET_BEFORE -> gruResetBefore(name, gate, activation);
    };
  }

  /// The one called `name`, if there is one.
  static Optional<Cell> find(String name) {
    for (Kind kind : Kind.values()) {
      for (Gate gate : Gate.values()) {
        for (Activation activation : Activation.values()) {
          if (name(kind, gate, activation).equals(name)) {
            return Optional.of(of(kind, gate, activation));
          }
        }
      }
    }
    return Optional.empty();
  }

  private static String name(Kind kind, Gate gate, Activation activation) {
    return lower(kind)
        + (gate == Gate.SIGMOID ? "" : "_" + lower(gate))
        + (activation == Activation.TANH ? "" : "_" + lower(activation));
  }

  private static String lower(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }

  private static Cell lstm(String name, Gate gate, Activation activation) {
    return Cell.define(
        name,
        step -> {
          Expr x = step.input();
          Expr h = step.state("h");
          Expr c = step.state("c");
          Expr i = step.named("i", gate.of(step.affine("net_i", x, h)));
          Expr f = step.named("f", gate.of(step.affine("net_f", x, h)));
          Expr g = step.named("g", activation.of(step.affine("net_g", x, h)));
          Expr o = step.named("o", gate.of(step.affine("net_o", x, h)));
          Expr next = step.next("c", f.times(c).plus(i.times(g)));
          step.next("h", o.times(activation.of(next)));
          step.forgetBias("net_f");
        });
  }

  private static Cell gru(String name, Gate gate, Activation activation) {
    return Cell.define(
        name,
        step -> {
          Expr x = step.input();
          Expr h = step.state("h");
          Expr r = step.named("r", gate.of(step.affine("net_r", x, h)));
          Expr z = step.named("z", gate.of(step.affine("net_z", x, h)));
          Expr in = step.affine("in", x);
          Expr hn = step.affine("hn", h);
          Expr n = step.named("n", activation.of(in.plus(r.times(hn))));
          step.next("h", oneMinus(z).times(n).plus(z.times(h)));
          step.forgetBias("net_z");
        });
  }

  private static Cell gruResetBefore(String name, Gate gate, Activation activation) {
    return Cell.define(
        name,
        step -> {
          Expr x = step.input();
          Expr h = step.state("h");
          Expr r = step.named("r", gate.of(step.affine("net_r", x, h)));
          Expr z = step.named("z", gate.of(step.affine("net_z", x, h)));
          Expr n =
              step.named("n", activation.of(step.affine("net_n", x, step.named("rh", r.times(h)))));
          step.next("h", oneMinus(z).times(n).plus(z.times(h)));
          step.forgetBias("net_z");
        });
  }
}
