package dev.unfold.cell.library;

import static dev.unfold.cell.Expr.constant;
import static dev.unfold.cell.Expr.mean;
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

/// Variants of the long short-term memory ([Cells#lstm]).
public final class LstmVariants {
  private static final double LAYER_NORM_EPSILON = 1e-5;

  /// What the logarithm of an sLSTM's weight is before the first step, with another sign: nothing in double.
  private static final double START_OF_LOG_WEIGHT = 40;

  private LstmVariants() {}

  /// LSTM with peepholes, through which each gate sees the memory of its own unit:
  ///
  ///     i = sigmoid(net_i + peephole_i c(t-1))    f = sigmoid(net_f + peephole_f c(t-1))
  ///     g = tanh(net_g)                           c(t) = f c(t-1) + i g
  ///     o = sigmoid(net_o + peephole_o c(t))      h(t) = o tanh(c(t))
  ///
  /// Rows of the weights: i, f, g, o. **Parameters** besides: the vectors `peephole_i`, `peephole_f` and
  /// `peephole_o` `[H]`, which are diagonal matrices.
  ///
  /// **Differences**: ONNX has the three as P, in the order i, o, f. PyTorch has no peepholes.
  ///
  /// **Source**: F. Gers and J. Schmidhuber, Recurrent nets that time and count, IJCNN 2000.
  public static Cell peephole() {
    return Cell.define(
        "lstm_peephole",
        step -> {
          Expr x = step.input();
          Expr h = step.state("h");
          Expr c = step.state("c");
          Expr seenByI = step.parameter("peephole_i").times(c);
          Expr seenByF = step.parameter("peephole_f").times(c);
          Expr i = step.named("i", sigmoid(step.affine("net_i", x, h).plus(seenByI)));
          Expr f = step.named("f", sigmoid(step.affine("net_f", x, h).plus(seenByF)));
          Expr g = step.named("g", tanh(step.affine("net_g", x, h)));
          Expr next = step.next("c", f.times(c).plus(i.times(g)));
          Expr seenByO = step.parameter("peephole_o").times(next);
          Expr o = step.named("o", sigmoid(step.affine("net_o", x, h).plus(seenByO)));
          step.next("h", o.times(tanh(next)));
          step.forgetBias("net_f");
        });
  }

  /// LSTM with coupled input and forget gates (CIFG): what is forgotten is what is written.
  ///
  ///     f = sigmoid(net_f)    g = tanh(net_g)    o = sigmoid(net_o)
  ///     c(t) = f c(t-1) + (1 - f) g              h(t) = o tanh(c(t))
  ///
  /// Rows of the weights: f, g, o.
  ///
  /// **Differences**: the source keeps the weights of i and has f = 1 - i, as ONNX does with `input_forget`: the same
  /// function, with net_f = -net_i.
  ///
  /// **Source**: K. Greff et al., LSTM: a search space odyssey, IEEE Transactions on Neural Networks and
  /// Learning Systems 28 (2017).
  public static Cell coupled() {
    return Cell.define(
        "lstm_coupled",
        step -> {
          Expr x = step.input();
          Expr h = step.state("h");
          Expr c = step.state("c");
          Expr f = step.named("f", sigmoid(step.affine("net_f", x, h)));
          Expr g = step.named("g", tanh(step.affine("net_g", x, h)));
          Expr o = step.named("o", sigmoid(step.affine("net_o", x, h)));
          Expr next = step.next("c", f.times(c).plus(oneMinus(f).times(g)));
          step.next("h", o.times(tanh(next)));
          step.forgetBias("net_f");
        });
  }

  /// LSTM with a recurrent projection (LSTMP): h has P units, fewer than the memory c.
  ///
  ///     i = sigmoid(net_i)    f = sigmoid(net_f)    g = tanh(net_g)    o = sigmoid(net_o)
  ///     c(t) = f c(t-1) + i g                       h(t) = W_hr (o tanh(c(t)))
  ///
  /// **Shapes**: h and the output `[B, P]`, c `[B, H]`; P is H/2 unless [Cell#withSize] says otherwise.
  /// **Parameters**: as PyTorch's with `proj_size` = P: `weight_hh [4H, P]`, and `weight_hr [P, H]` without a bias.
  /// Rows: i, f, g, o.
  ///
  /// **Differences**: none from PyTorch, which wants P to be less than H. The source adds a second, non-recurrent
  /// projection.
  ///
  /// **Source**: H. Sak, A. Senior and F. Beaufays, Long short-term memory recurrent neural network
  /// architectures for large scale acoustic modeling, Interspeech 2014.
  public static Cell projected() {
    return Cell.define(
        "lstm_projected",
        step -> {
          Size p = Size.own("P");
          Expr x = step.input();
          Expr h = step.state("h", p);
          Expr c = step.state("c");
          Expr i = step.named("i", sigmoid(step.affine("net_i", x, h)));
          Expr f = step.named("f", sigmoid(step.affine("net_f", x, h)));
          Expr g = step.named("g", tanh(step.affine("net_g", x, h)));
          Expr o = step.named("o", sigmoid(step.affine("net_o", x, h)));
          Expr next = step.next("c", f.times(c).plus(i.times(g)));
          Expr hr = step.named("hr", o.times(tanh(next)));
          step.next("h", step.linear("projection", p, hr));
          step.forgetBias("net_f");
        });
  }

  /// LSTM with layer normalisation: the pre-activations of each gate are normalised over its H units, and so is
  /// the memory where the output reads it.
  ///
  ///     LN_k(a) = gain_k (a - mean(a)) / sqrt(mean((a - mean(a))^2) + 1e-5) + bias_k
  ///     i = sigmoid(LN_i(net_i))    f = sigmoid(LN_f(net_f))    g = tanh(LN_g(net_g))    o = sigmoid(LN_o(net_o))
  ///     c(t) = f c(t-1) + i g       h(t) = o tanh(LN_c(c(t)))
  ///
  /// where each net is a linear map of x(t) and h(t-1), without a bias of its own. Rows of the weights: i, f, g, o.
  /// **Parameters** besides: `gain_k` and `bias_k` `[H]` for k of i, f, g, o and c; they start at 1 and 0.
  ///
  /// **Differences**: the source normalises W x and U h apart from each other, and the four gates together. To
  /// normalise their sum gate by gate is what TensorFlow's `LayerNormBasicLSTMCell` does; but there the memory
  /// that goes to the next step is the normalised one, while here, as in the source, it is not.
  ///
  /// **Source**: J. Ba, J. Kiros and G. Hinton, Layer normalization, 2016.
  public static Cell layerNorm() {
    return Cell.define(
        "lstm_layer_norm",
        step -> {
          Expr x = step.input();
          Expr h = step.state("h");
          Expr c = step.state("c");
          Expr i = step.named("i", sigmoid(normalised(step, "i", step.linear("net_i", x, h))));
          Expr f = step.named("f", sigmoid(normalised(step, "f", step.linear("net_f", x, h))));
          Expr g = step.named("g", tanh(normalised(step, "g", step.linear("net_g", x, h))));
          Expr o = step.named("o", sigmoid(normalised(step, "o", step.linear("net_o", x, h))));
          Expr next = step.next("c", f.times(c).plus(i.times(g)));
          step.next("h", o.times(tanh(normalised(step, "c", next))));
          step.forgetBias("bias_f");
        });
  }

  /// LSTM with exponential input gates (sLSTM), of which each unit holds a weighted mean of what was written:
  ///
  ///     kept = q(t-1) - softplus(-net_f)          the logarithm of the weight of all before, after the forget gate
  ///     a = sigmoid(kept - net_i)                 its share beside the weight exp(net_i) of what is written now
  ///     q(t) = net_i + softplus(kept - net_i)     the logarithm of all weight
  ///     r(t) = a r(t-1) + (1 - a) tanh(net_z)     h(t) = sigmoid(net_o) r(t)
  ///
  /// where each net is an affine map of x(t) and h(t-1), and the state that is kept is s = q + 40. Rows of the weights:
  /// i, f, z, o.
  ///
  /// **Differences**: the source keeps c = f c + i z and n = f n + i, gives out o c / n, and scales both by exp(m), m
  /// being a running maximum, so that they stay in range. Here q = ln n and r = c / n: the same function without a
  /// maximum, a quotient or an overflow. At the start n is exp(-40) instead of 0, which changes an output by some
  /// e^-40 = 4e-18 of what the first inputs with an input gate around 1 say; with an input gate below that at the
  /// very start the source gives tanh(z), and this still nothing. In float, s near 40 has an absolute rounding error
  /// of 2e-6, which is a relative one of n. The forget gate is a sigmoid, which the source has beside exp; there are
  /// no heads, no convolution and no normalisation of groups.
  ///
  /// **Source**: M. Beck et al., xLSTM: extended long short-term memory, NeurIPS 2024.
  public static Cell slstm() {
    return Cell.define(
        "slstm",
        step -> {
          Expr x = step.input();
          Expr h = step.state("h");
          Expr r = step.state("r");
          Expr s = step.state("s");
          Expr i = step.affine("net_i", x, h);
          Expr kept = s.minus(softplus(step.affine("net_f", x, h).negate()));
          Expr d = step.named("d", kept.minus(i).minus(constant(START_OF_LOG_WEIGHT)));
          Expr a = step.named("a", sigmoid(d));
          Expr z = step.named("z", tanh(step.affine("net_z", x, h)));
          Expr o = step.named("o", sigmoid(step.affine("net_o", x, h)));
          step.next("s", softplus(d).plus(constant(START_OF_LOG_WEIGHT)).plus(i));
          Expr next = step.next("r", a.times(r).plus(oneMinus(a).times(z)));
          step.next("h", o.times(next));
          step.forgetBias("net_f");
        });
  }

  /// LN_k(a), with parameters of its own.
  private static Expr normalised(Step step, String k, Expr a) {
    Expr gain = step.parameter("gain_" + k, Size.HIDDEN, new Start.At(1));
    Expr bias = step.parameter("bias_" + k, Size.HIDDEN, new Start.At(0));
    Expr centred = step.named("centred_" + k, a.minus(mean(a)));
    Expr variance = mean(centred.times(centred));
    Expr deviation = sqrt(variance.plus(constant(LAYER_NORM_EPSILON)));
    return gain.times(centred.dividedBy(deviation)).plus(bias);
  }
}
