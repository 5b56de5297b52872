package dev.unfold.cell.library;

import static dev.unfold.cell.Expr.oneMinus;
import static dev.unfold.cell.Expr.relu;
import static dev.unfold.cell.Expr.sigmoid;
import static dev.unfold.cell.Expr.tanh;

import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.cell.Size;
import dev.unfold.cell.Start;

/// Cells that do with less: fewer gates, or no product of the state with a matrix.
public final class LightCells {
  private LightCells() {}

  /// Minimal gated unit: one gate both resets and updates.
  ///
  ///     f = sigmoid(net_f)    g = tanh(net_g)    h(t) = (1 - f) h(t-1) + f g
  ///
  /// where net_f is an affine map of x(t) and h(t-1), and net_g one of x(t) and f h(t-1), whose matrix is
  /// `weight_fh`. Rows of `weight_ih`: f, g; of `weight_hh`: f. Although the source calls f a forget gate, a large
  /// net_f is what makes it forget, so it has no bias that an initialisation of forget gates would set.
  ///
  /// **Source**: G.-B. Zhou, J. Wu, C.-L. Zhang and Z.-H. Zhou, Minimal gated unit for recurrent neural
  /// networks, International Journal of Automation and Computing 13 (2016).
  public static Cell mgu() {
    return Cell.define(
        "mgu",
        step -> {
          Expr x = step.input();
          Expr h = step.state("h");
          Expr f = step.named("f", sigmoid(step.affine("net_f", x, h)));
          Expr g = step.named("g", tanh(step.affine("net_g", x, step.named("fh", f.times(h)))));
          step.next("h", oneMinus(f).times(h).plus(f.times(g)));
        });
  }

  /// Independently recurrent network: each unit sees its own state alone.
  ///
  ///     h(t) = relu(net_h + weight_hh h(t-1))
  ///
  /// where net_h is an affine map of x(t), and `weight_hh [H]` is a vector. It starts uniformly in [0, 1], within the
  /// bound 2^(1/T) that the source sets for T steps, whatever T.
  ///
  /// **Differences**: the source also has other activations, and keeps weight_hh within its bound while
  /// training; here nothing does but the clipping of gradients.
  ///
  /// **Source**: S. Li, W. Li, C. Cook, C. Zhu and Y. Gao, Independently recurrent neural network (IndRNN),
  /// CVPR 2018.
  public static Cell indRnn() {
    return Cell.define(
        "indrnn",
        step -> {
          Expr net = step.affine("net_h", step.input());
          Expr recurrent = step.parameter("weight_hh", Size.HIDDEN, new Start.Between(0, 1));
          step.next("h", relu(net.plus(recurrent.times(step.state("h")))));
        });
  }

  /// Minimal GRU: gate and candidate depend on the input alone.
  ///
  ///     z = sigmoid(net_z)    h(t) = (1 - z) h(t-1) + z net_h
  ///
  /// where both nets are affine maps of x(t). Rows of `weight_ih`: z, h. There is no recurrent matrix.
  ///
  /// **Differences**: the plain variant of the source's section 3. Its log-space variant puts the candidate through
  /// a positive function g, which its parallel training needs.
  ///
  /// **Source**: L. Feng, F. Tung, M. O. Ahmed, Y. Bengio and H. Hajimirsadeghi, Were RNNs all we
  /// needed?, 2024.
  public static Cell minGru() {
    return Cell.define(
        "mingru",
        step -> {
          Expr x = step.input();
          Expr h = step.state("h");
          Expr z = step.named("z", sigmoid(step.affine("net_z", x)));
          step.next("h", oneMinus(z).times(h).plus(z.times(step.affine("net_h", x))));
        });
  }

  /// Minimal LSTM: gates and candidate depend on the input alone, and the gates are scaled so that they add up
  /// to 1.
  ///
  ///     f = sigmoid(net_f)    i = sigmoid(net_i)
  ///     h(t) = f / (f + i) h(t-1) + i / (f + i) net_h
  ///
  /// where all nets are affine maps of x(t). Rows of `weight_ih`: f, i, h. There is no recurrent matrix.
  ///
  /// **Differences**: the plain variant, as in [#minGru], with the gates scaled as in the source.
  ///
  /// **Source**: as for [#minGru].
  public static Cell minLstm() {
    return Cell.define(
        "minlstm",
        step -> {
          Expr x = step.input();
          Expr h = step.state("h");
          Expr f = step.named("f", sigmoid(step.affine("net_f", x)));
          Expr i = step.named("i", sigmoid(step.affine("net_i", x)));
          Expr both = step.named("both", f.plus(i));
          Expr kept = f.dividedBy(both).times(h);
          step.next("h", kept.plus(i.dividedBy(both).times(step.affine("net_h", x))));
          step.forgetBias("net_f");
        });
  }
}
