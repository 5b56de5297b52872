package dev.unfold.cell.library;

import static dev.unfold.cell.Expr.constant;
import static dev.unfold.cell.Expr.exp;
import static dev.unfold.cell.Expr.oneMinus;
import static dev.unfold.cell.Expr.sigmoid;
import static dev.unfold.cell.Expr.softplus;
import static dev.unfold.cell.Expr.sqrt;
import static dev.unfold.cell.Expr.tanh;

import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.cell.Size;
import dev.unfold.cell.Start;
import dev.unfold.cell.Step;

/// Linear recurrences of units that do not see each other: each multiplies its state by a number, real or complex, and
/// adds what the input says. What makes such a network more than a filter are the layers above it.
///
/// A complex state is two real ones, `re` and `im`. Its rotation by an angle is by the direction of a vector
/// (phase_re, phase_im), whose length does not matter: (cosine, sine) = (phase_re, phase_im) / length.
public final class DiagonalCells {
  /// ln((1 - a) / a) for a = 0.999 and 0.9: softplus of them is -ln a.
  private static final Start RG_LRU_DECAY = new Start.Between(-6.907, -2.197);

  /// ln(-ln a) for a = 0.999 and 0.9.
  private static final Start LRU_DECAY = new Start.Between(-6.907, -2.25);

  /// What is added under roots: it bounds their slope where what stands there is 0, and is nothing beside what usually
  /// stands there.
  private static final double UNDER_ROOTS = 1e-14;

  private DiagonalCells() {}

  /// Real-gated linear recurrent unit (RG-LRU), the recurrence of Griffin:
  ///
  ///     r = sigmoid(net_r)    i = sigmoid(net_i)    l = 8 softplus(lambda) r    a = exp(-l)
  ///     h(t) = a h(t-1) + sqrt(1 - a^2) i net_u
  ///
  /// where all nets are affine maps of x(t). Rows of `weight_ih`: r, i, u. There is no recurrent matrix. **Parameters**
  /// besides: the vector `lambda` `[H]`, which starts uniformly where a, for r = 1/8, is from 0.9 to 0.999.
  ///
  /// 1 - a^2 is computed as tanh(l) (1 + a^2), which is the same and loses no digits where a is near 1; 1e-14 under
  /// the root bounds its slope at a = 1 by 5,000,000.
  ///
  /// **Differences**: in the source's block, u is the input itself, a linear map of the layer's input behind a
  /// convolution of width 4, the matrices of the gates are block-diagonal, and a gated branch runs beside it. Its
  /// code bounds the root's slope by 1,000, and spreads a evenly over a ring instead of ln(-ln a) over its range.
  ///
  /// **Source**: S. De et al., Griffin: mixing gated linear recurrences with local attention for efficient language
  /// models, 2024.
  public static Cell rgLru() {
    return Cell.define(
        "rg_lru",
        step -> {
          Expr x = step.input();
          Expr lambda = step.parameter("lambda", Size.HIDDEN, RG_LRU_DECAY);
          Expr r = step.named("r", sigmoid(step.affine("net_r", x)));
          Expr i = step.named("i", sigmoid(step.affine("net_i", x)));
          Expr l = step.named("l", constant(8).times(softplus(lambda)).times(r));
          Expr a = step.named("a", exp(l.negate()));
          Expr written = restOfSquare(l, a).times(i).times(step.affine("net_u", x));
          step.next("h", a.times(step.state("h")).plus(written));
        });
  }

  /// Linear recurrent unit: a complex state that decays and turns, the same at each step.
  ///
  ///     l = exp(nu)    a = exp(-l)    gain = exp(gamma) sqrt(1 - a^2)    w = (phase_re, phase_im) / length
  ///     re(t) = a (w_re re(t-1) - w_im im(t-1)) + gain in_re
  ///     im(t) = a (w_im re(t-1) + w_re im(t-1)) + gain in_im
  ///     output = W_re re(t) + W_im im(t) + skip
  ///
  /// where in_re and in_im are linear maps of x(t) and `skip` an affine one. Rows of `weight_ih`: in_re, in_im, skip.
  /// **Parameters** besides: `weight_after_re` and `weight_after_im` `[H, H]`, which read the states; the vectors `nu`,
  /// `phase_re`, `phase_im` and `gamma` `[H]`. Magnitudes a start from 0.9 to 0.999, evenly in ln(-ln a); angles
  /// between 0 and a half turn, since the other half is the same function; gamma at 0.
  ///
  /// **Differences**: the source has the angle's logarithm as its parameter, and the gain's, which starts at that of
  /// sqrt(1 - a^2); both are the same functions. It draws magnitudes evenly over a ring, and its `skip` is a diagonal
  /// matrix; normalisation, the nonlinearity behind the output and the residual path are the layers' that are built of
  /// it.
  ///
  /// **Source**: A. Orvieto et al., Resurrecting recurrent neural networks for long sequences, ICML 2023.
  public static Cell lru() {
    return Cell.define(
        "lru",
        step -> {
          Expr x = step.input();
          Expr l = step.named("l", exp(step.parameter("nu", Size.HIDDEN, LRU_DECAY)));
          Expr a = step.named("a", exp(l.negate()));
          Rotation rotation = Rotation.of(step, new Start.Between(-1, 1));
          Expr gamma = step.parameter("gamma", Size.HIDDEN, new Start.At(0));
          Expr gain = step.named("gain", exp(gamma).times(restOfSquare(l, a)));
          Expr inRe = gain.times(step.linear("in_re", x));
          Expr inIm = gain.times(step.linear("in_im", x));
          Expr re = step.next("re", a.times(rotation.re()).plus(inRe));
          Expr im = step.next("im", a.times(rotation.im()).plus(inIm));
          Expr read = step.linear("read", step.named("after_re", re), step.named("after_im", im));
          step.output(read.plus(step.affine("skip", x)));
        });
  }

  /// Hierarchically gated recurrent network (HGRN, the first): a complex state that turns by a constant angle, with a
  /// forget gate that has a learned lower bound.
  ///
  ///     f = b + (1 - b) sigmoid(net_f), b = sigmoid(beta)    w = (phase_re, phase_im) / length
  ///     re(t) = f (w_re re(t-1) - w_im im(t-1)) + (1 - f) silu(net_re)
  ///     im(t) = f (w_im re(t-1) + w_re im(t-1)) + (1 - f) silu(net_im)
  ///     output = W_re (silu(net_out_re) re(t)) + W_im (silu(net_out_im) im(t))
  ///
  /// where the nets are affine maps of x(t), and silu(u) = u sigmoid(u). Rows of `weight_ih`: f, re, im,
  /// out_re, out_im. **Parameters** besides: `weight_gated_re` and `weight_gated_im` `[H, H]`; the vectors `beta`,
  /// `phase_re` and `phase_im` `[H]`. Lower bounds start between 0.5 and 0.98, angles between 0 and an eighth of a
  /// turn.
  ///
  /// **Differences**: in the source the lower bounds of all layers come from one softmax that is summed up over the
  /// layers, so that upper ones remember longer; a cell does not know its layer, so each learns its own. Its angles
  /// start as those of rotary embeddings. It normalises the state before the output gate.
  ///
  /// **Source**: Z. Qin, S. Yang and Y. Zhong, Hierarchically gated recurrent neural network for sequence modeling,
  /// NeurIPS 2023.
  public static Cell hgrn() {
    return Cell.define(
        "hgrn",
        step -> {
          Expr x = step.input();
          Expr beta = step.parameter("beta", Size.HIDDEN, new Start.Between(0, 4));
          Expr bound = step.named("b", sigmoid(beta));
          Rotation rotation = Rotation.of(step, new Start.Between(1, 2));
          Expr open = sigmoid(step.affine("net_f", x));
          Expr f = step.named("f", bound.plus(oneMinus(bound).times(open)));
          Expr inRe = oneMinus(f).times(silu(step.affine("net_re", x)));
          Expr inIm = oneMinus(f).times(silu(step.affine("net_im", x)));
          Expr re = step.next("re", f.times(rotation.re()).plus(inRe));
          Expr im = step.next("im", f.times(rotation.im()).plus(inIm));
          Expr gatedRe = step.named("gated_re", silu(step.affine("net_out_re", x)).times(re));
          Expr gatedIm = step.named("gated_im", silu(step.affine("net_out_im", x)).times(im));
          step.output(step.linear("read", gatedRe, gatedIm));
          step.forgetBias("net_f");
        });
  }

  /// The state before the step, turned.
  private record Rotation(Expr re, Expr im) {
    /// By an angle of `step`'s own parameters.
    ///
    /// @param cosine where the first of them starts; the second does from 0 to 1
    static Rotation of(Step step, Start cosine) {
      Expr re = step.state("re");
      Expr im = step.state("im");
      Expr p = step.parameter("phase_re", Size.HIDDEN, cosine);
      Expr q = step.parameter("phase_im", Size.HIDDEN, new Start.Between(0, 1));
      Expr length = sqrt(p.times(p).plus(q.times(q)).plus(constant(UNDER_ROOTS)));
      Expr wRe = step.named("w_re", p.dividedBy(length));
      Expr wIm = step.named("w_im", q.dividedBy(length));
      return new Rotation(wRe.times(re).minus(wIm.times(im)), wIm.times(re).plus(wRe.times(im)));
    }
  }

  /// sqrt(1 - a^2) for a = exp(-l).
  private static Expr restOfSquare(Expr l, Expr a) {
    Expr rest = tanh(l).times(a.times(a).plus(constant(1)));
    return sqrt(rest.plus(constant(UNDER_ROOTS)));
  }

  private static Expr silu(Expr x) {
    return x.times(sigmoid(x));
  }
}
