package dev.unfold.cell.library;

import static dev.unfold.cell.Expr.constant;
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

  /// Just another network: an LSTM with nothing but its forget gate.
  ///
  ///     g = tanh(net_g)    h(t) = sigmoid(net_f) h(t-1) + (1 - sigmoid(net_f - 1)) g
  ///
  /// where both nets are affine maps of x(t) and h(t-1). Rows of the weights: f, g. That 1 is taken from net_f where
  /// it writes lets the cell add more than it forgets.
  ///
  /// **Differences**: the source starts the bias of f as the logarithm of random lifetimes (chrono initialisation);
  /// here `forget` sets one number for all units.
  ///
  /// **Source**: J. van der Westhuizen and J. Lasenby, The unreasonable effectiveness of the forget gate, 2018.
  public static Cell janet() {
    return Cell.define(
        "janet",
        step -> {
          Expr x = step.input();
          Expr h = step.state("h");
          Expr net = step.affine("net_f", x, h);
          Expr f = step.named("f", sigmoid(net));
          Expr held = step.named("held", sigmoid(net.minus(constant(1))));
          Expr g = step.named("g", tanh(step.affine("net_g", x, h)));
          step.next("h", f.times(h).plus(oneMinus(held).times(g)));
          step.forgetBias("net_f");
        });
  }

  /// Light GRU: no reset gate, and a candidate that is not bounded.
  ///
  ///     z = sigmoid(net_z)    g = relu(net_g)    h(t) = z h(t-1) + (1 - z) g
  ///
  /// where both nets are affine maps of x(t) and h(t-1). Rows of the weights: z, g. Nothing bounds h, so its
  /// recurrent matrix had better start orthogonal (`--init recurrent=orthogonal`), as in the source, and gradients be
  /// clipped.
  ///
  /// **Differences**: the source normalises W x over the batch, which a recurrence of single sequences cannot.
  ///
  /// **Source**: M. Ravanelli, P. Brakel, M. Omologo and Y. Bengio, Light gated recurrent units for speech
  /// recognition, IEEE Transactions on Emerging Topics in Computational Intelligence 2 (2018).
  public static Cell liGru() {
    return Cell.define(
        "ligru",
        step -> {
          Expr x = step.input();
          Expr h = step.state("h");
          Expr z = step.named("z", sigmoid(step.affine("net_z", x, h)));
          Expr g = step.named("g", relu(step.affine("net_g", x, h)));
          step.next("h", z.times(h).plus(oneMinus(z).times(g)));
          step.forgetBias("net_z");
        });
  }

  /// FastGRNN: gate and candidate share their matrices and differ in their biases alone.
  ///
  ///     z = sigmoid(net + bias_z)    g = tanh(net + bias_g)
  ///     h(t) = (sigmoid(zeta) (1 - z) + sigmoid(nu)) g + z h(t-1)
  ///
  /// where net is a linear map of x(t) and h(t-1): `weight_ih [H, I]`, `weight_hh [H, H]`. **Parameters** besides:
  /// `bias_z` and `bias_g` `[H]`, which start at 1; the numbers `zeta` and `nu` `[1]`, which start at 1 and -4.
  ///
  /// **Differences**: the source also takes the matrices as products of thin ones, makes them sparse and rounds them
  /// to bytes.
  ///
  /// **Source**: A. Kusupati et al., FastGRNN: a fast, accurate, stable and tiny kilobyte sized gated recurrent neural
  /// network, NeurIPS 2018; where parameters start is from its authors' code.
  public static Cell fastGrnn() {
    return Cell.define(
        "fastgrnn",
        step -> {
          Expr h = step.state("h");
          Expr net = step.linear("net", step.input(), h);
          Expr biasOfZ = step.parameter("bias_z", Size.HIDDEN, new Start.At(1));
          Expr biasOfG = step.parameter("bias_g", Size.HIDDEN, new Start.At(1));
          Expr zeta = sigmoid(step.parameter("zeta", Size.ONE, new Start.At(1)));
          Expr nu = sigmoid(step.parameter("nu", Size.ONE, new Start.At(-4)));
          Expr z = step.named("z", sigmoid(net.plus(biasOfZ)));
          Expr g = step.named("g", tanh(net.plus(biasOfG)));
          step.next("h", zeta.times(oneMinus(z)).plus(nu).times(g).plus(z.times(h)));
          step.forgetBias("bias_z");
        });
  }

  /// Quasi-recurrent network: the gates see this input and the one before, and no state.
  ///
  ///     z = tanh(net_z)    f = sigmoid(net_f)    o = sigmoid(net_o)
  ///     c(t) = f c(t-1) + (1 - f) z              output = o c(t)
  ///
  /// where each net is an affine map of x(t) and x(t-1), which is kept as the state `before`, of size I, and is 0
  /// before the first step: a convolution over time of width 2. Rows of `weight_ih` and `weight_before`: z, f, o.
  ///
  /// **Differences**: the source's fo-pooling, with the width of its language models; other widths need more such
  /// states. `before` is a state like any other here, so its product is computed in the loop, while the source's
  /// convolution runs ahead of it. Zoneout is [dev.unfold.model.Noise]'s.
  ///
  /// **Source**: J. Bradbury, S. Merity, C. Xiong and R. Socher, Quasi-recurrent neural networks, ICLR 2017.
  public static Cell qrnn() {
    return Cell.define(
        "qrnn",
        step -> {
          Expr x = step.input();
          Expr c = step.state("c");
          Expr before = step.state("before", Size.INPUT);
          Expr z = step.named("z", tanh(step.affine("net_z", x, before)));
          Expr f = step.named("f", sigmoid(step.affine("net_f", x, before)));
          Expr o = step.named("o", sigmoid(step.affine("net_o", x, before)));
          Expr next = step.next("c", f.times(c).plus(oneMinus(f).times(z)));
          step.next("before", x);
          step.output(o.times(next));
          step.forgetBias("net_f");
        });
  }
}
