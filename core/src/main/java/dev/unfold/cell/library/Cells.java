package dev.unfold.cell.library;

import static dev.unfold.cell.Expr.oneMinus;
import static dev.unfold.cell.Expr.sigmoid;
import static dev.unfold.cell.Expr.tanh;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.Activation;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The standard cells by name, and those that most others are variants of; the others are in [LstmVariants],
/// [LightCells], [DiagonalCells], [ContinuousCells] and [MatrixCells]. Each is defined by its equations alone.
/// `docs/cells.md` shows all of them.
///
/// **Shapes**: input `[B, I]`, each state `[B, H]` if nothing else is said. **Parameters**: for N affine rows
/// `weight_ih [N, I]`, `weight_hh [N, H]`, `bias_ih [N]`, `bias_hh [N]`, gates stacked in the order of
/// definition, which is PyTorch's where PyTorch has the cell.
public final class Cells {
  private static final Map<String, Cell> BY_NAME =
      Stream.of(
              elman(Activation.TANH),
              elman(Activation.RELU),
              elman(Activation.SIGMOID),
              elman(Activation.IDENTITY),
              lstm(),
              LstmVariants.peephole(),
              LstmVariants.coupled(),
              LstmVariants.projected(),
              LstmVariants.layerNorm(),
              LstmVariants.slstm(),
              gru(),
              gruResetBefore(),
              LightCells.mgu(),
              LightCells.indRnn(),
              LightCells.minGru(),
              LightCells.minLstm(),
              LightCells.janet(),
              LightCells.liGru(),
              LightCells.fastGrnn(),
              LightCells.qrnn(),
              DiagonalCells.rgLru(),
              DiagonalCells.lru(),
              DiagonalCells.hgrn(),
              ContinuousCells.coRnn(),
              ContinuousCells.unicornn(),
              ContinuousCells.cfc(),
              MatrixCells.mlstm(),
              MatrixCells.gatedDelta())
          .collect(Collectors.toMap(Cell::name, cell -> cell, (a, b) -> a, TreeMap::new));

  private Cells() {}

  /// The names of the standard cells, in alphabetical order.
  public static List<String> names() {
    return List.copyOf(BY_NAME.keySet());
  }

  /// The standard cell called `name`, or one of [ActivatedCells].
  ///
  /// **Errors**: [IllegalArgumentException] that lists the names if there is none.
  public static Cell named(String name) {
    Cell cell = BY_NAME.get(name);
    if (cell != null) {
      return cell;
    }
    return ActivatedCells.find(name)
        .orElseThrow(() -> new Refusal("cell", "one of " + String.join(", ", names()), name));
  }

  /// Elman network: h(t) = f(W x(t) + U h(t-1) + b).
  ///
  /// With relu and the recurrent matrix starting as the identity it is known as IRNN (Q. Le, N. Jaitly and
  /// G. Hinton, A simple way to initialize recurrent networks of rectified linear units, 2015).
  ///
  /// **Differences**: PyTorch's `nn.RNN` is the same for tanh and relu; it has no sigmoid or identity.
  ///
  /// **Source**: J. L. Elman, Finding structure in time, Cognitive Science 14 (1990).
  public static Cell elman(Activation activation) {
    String suffix =
        activation == Activation.TANH ? "" : "_" + activation.name().toLowerCase(Locale.ROOT);
    return Cell.define(
        "elman" + suffix,
        step -> {
          Expr x = step.input();
          Expr h = step.state("h");
          step.next("h", activation.of(step.affine("net_h", x, h)));
        });
  }

  /// Long short-term memory with forget gates:
  ///
  ///     i = sigmoid(net_i)    f = sigmoid(net_f)    g = tanh(net_g)    o = sigmoid(net_o)
  ///     c(t) = f c(t-1) + i g                       h(t) = o tanh(c(t))
  ///
  /// where each net is an affine map of x(t) and h(t-1). Rows of the weights: i, f, g, o.
  ///
  /// **Source**: S. Hochreiter and J. Schmidhuber, Long short-term memory, Neural Computation 9 (1997);
  /// forget gate: F. Gers, J. Schmidhuber and F. Cummins, Learning to forget, Neural Computation 12
  /// (2000).
  public static Cell lstm() {
    return Cell.define(
        "lstm",
        step -> {
          Expr x = step.input();
          Expr h = step.state("h");
          Expr c = step.state("c");
          Expr i = step.named("i", sigmoid(step.affine("net_i", x, h)));
          Expr f = step.named("f", sigmoid(step.affine("net_f", x, h)));
          Expr g = step.named("g", tanh(step.affine("net_g", x, h)));
          Expr o = step.named("o", sigmoid(step.affine("net_o", x, h)));
          Expr next = step.next("c", f.times(c).plus(i.times(g)));
          step.next("h", o.times(tanh(next)));
          step.forgetBias("net_f");
        });
  }

  /// Gated recurrent unit, the reset gate applied after the recurrent product (PyTorch, cuDNN):
  ///
  ///     r = sigmoid(net_r)    z = sigmoid(net_z)    n = tanh(in + r hn)
  ///     h(t) = (1 - z) n + z h(t-1)
  ///
  /// where net_r and net_z are affine maps of x(t) and h(t-1), `in` is one of x(t) alone and `hn` one of
  /// h(t-1) alone. Rows of the weights: r, z, n. The bias of z is that of a forget gate: a large one keeps h.
  ///
  /// **Differences**: the paper applies the reset gate before the product ([#gruResetBefore]).
  ///
  /// **Source**: K. Cho et al., Learning phrase representations using RNN encoder-decoder, EMNLP 2014.
  public static Cell gru() {
    return Cell.define(
        "gru",
        step -> {
          Expr x = step.input();
          Expr h = step.state("h");
          Expr r = step.named("r", sigmoid(step.affine("net_r", x, h)));
          Expr z = step.named("z", sigmoid(step.affine("net_z", x, h)));
          Expr in = step.affine("in", x);
          Expr hn = step.affine("hn", h);
          Expr n = step.named("n", tanh(in.plus(r.times(hn))));
          step.next("h", oneMinus(z).times(n).plus(z.times(h)));
          step.forgetBias("net_z");
        });
  }

  /// Gated recurrent unit, the reset gate applied before the recurrent product, as in the paper:
  ///
  ///     r = sigmoid(net_r)    z = sigmoid(net_z)    n = tanh(net_n)
  ///     h(t) = (1 - z) n + z h(t-1)
  ///
  /// where net_r and net_z are affine maps of x(t) and h(t-1), and net_n is one of x(t) and r h(t-1), whose
  /// matrix is `weight_rh`. Rows of `weight_ih`: r, z, n; of `weight_hh`: r, z.
  ///
  /// **Differences**: the paper's z is 1 - z here, as in [#gru].
  ///
  /// **Source**: K. Cho et al., Learning phrase representations using RNN encoder-decoder, EMNLP 2014.
  public static Cell gruResetBefore() {
    return Cell.define(
        "gru_reset_before",
        step -> {
          Expr x = step.input();
          Expr h = step.state("h");
          Expr r = step.named("r", sigmoid(step.affine("net_r", x, h)));
          Expr z = step.named("z", sigmoid(step.affine("net_z", x, h)));
          Expr n = step.named("n", tanh(step.affine("net_n", x, step.named("rh", r.times(h)))));
          step.next("h", oneMinus(z).times(n).plus(z.times(h)));
          step.forgetBias("net_z");
        });
  }
}
