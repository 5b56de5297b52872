package dev.unfold.cell.library;

import static dev.unfold.cell.Expr.constant;
import static dev.unfold.cell.Expr.exp;
import static dev.unfold.cell.Expr.headSpread;
import static dev.unfold.cell.Expr.headSum;
import static dev.unfold.cell.Expr.outer;
import static dev.unfold.cell.Expr.product;
import static dev.unfold.cell.Expr.relu;
import static dev.unfold.cell.Expr.sigmoid;
import static dev.unfold.cell.Expr.softplus;
import static dev.unfold.cell.Expr.sqrt;
import static dev.unfold.cell.Expr.unitsOfHead;

import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.cell.Size;

/// Cells whose state is a matrix: it keeps values v under keys k as a sum of products v k', and a query q reads from it
/// the values whose keys are like q. H units belong to N heads, each with a matrix `[H/N, H/N]` of its own; N is 1
/// unless [Cell#withSize] says otherwise, and divides H.
///
/// What is written and how much is forgotten depends on x(t) alone, so that there is no recurrent matrix.
///
/// **Memory**: a state of H H / N numbers for each step and sequence, kept for the way back.
public final class MatrixCells {
  /// N matrices `[H/N, H/N]`.
  private static final Size MATRICES = Size.matrices(Size.HIDDEN, Size.HIDDEN, Size.HEADS);

  /// What is added under roots: it bounds their slope where what stands there is 0, and is nothing beside what usually
  /// stands there.
  private static final double UNDER_ROOTS = 1e-14;

  private MatrixCells() {}

  /// LSTM with a matrix memory and exponential input gates (mLSTM):
  ///
  ///     kept = m(t-1) - softplus(-net_f)    m(t) = max(kept, net_i, 0)
  ///     f = exp(kept - m(t))                i = exp(net_i - m(t))             k = net_k / sqrt(H/N)
  ///     c(t) = f c(t-1) + i net_v k'        n(t) = f n(t-1) + i k
  ///     output = sigmoid(net_o) c(t) net_q / max(|n(t)' net_q|, exp(-m(t)))
  ///
  /// for each head, where the nets are affine maps of x(t), and those of i and f have one number a head. Rows of
  /// `weight_ih`: q, k, v, o `[H, I]` each, i, f `[N, I]`.
  ///
  /// **States**: c `[N, H/N, H/N]`, n `[H]`, m `[N]`.
  ///
  /// **Differences**: the source's equations have c and n without m, with gates exp(net_i) and sigmoid(net_f) and a
  /// quotient by max(|n' q|, 1); its code keeps both scaled by exp(-m), m being a running maximum. It is the same
  /// function here, with an m that is never below 0, so that nothing overflows, exp(-m) either. In the source's block
  /// q, k and v come from a wider input behind a convolution, and a normalisation of groups stands behind the heads.
  /// The source's parallel form is not here: the steps run one after the other.
  ///
  /// **Source**: M. Beck et al., xLSTM: extended long short-term memory, NeurIPS 2024.
  public static Cell mlstm() {
    return Cell.define(
        "mlstm",
        step -> {
          Expr x = step.input();
          Expr c = step.state("c", MATRICES);
          Expr n = step.state("n");
          Expr m = step.state("m", Size.HEADS);
          Expr q = step.affine("net_q", x);
          Expr scale = unitsOfHead(Size.HIDDEN, Size.HEADS, -0.5);
          Expr k = step.named("k", step.affine("net_k", x).times(scale));
          Expr v = step.affine("net_v", x);
          Expr o = step.named("o", sigmoid(step.affine("net_o", x)));
          Expr written = step.affine("net_i", Size.HEADS, x);
          Expr forgotten = softplus(step.affine("net_f", Size.HEADS, x).negate());
          Expr kept = step.named("kept", m.minus(forgotten));
          Expr top = step.next("m", relu(max(kept, written)));
          Expr f = step.named("f", exp(kept.minus(top)));
          Expr i = step.named("i", exp(written.minus(top)));
          Expr memory = headSpread(f, MATRICES).times(c);
          Expr iOfUnits = headSpread(i, Size.HIDDEN);
          Expr next = step.next("c", memory.plus(outer(iOfUnits.times(v), k, Size.HEADS)));
          Expr sum = headSpread(f, Size.HIDDEN).times(n).plus(iOfUnits.times(k));
          Expr weight = headSum(step.next("n", sum).times(q), Size.HEADS);
          Expr w = step.named("w", weight);
          Expr least = step.named("least", exp(top.negate()));
          Expr over = relu(w.minus(least)).plus(relu(w.negate().minus(least)));
          Expr d = step.named("d", least.plus(over));
          step.output(o.times(product(next, q)).dividedBy(headSpread(d, Size.HIDDEN)));
          step.forgetBias("net_f");
        });
  }

  /// Gated delta rule (the recurrence of Gated DeltaNet): what the matrix says of a key is replaced by a new value.
  ///
  ///     k = net_k / |net_k|        q = net_q / |net_q|        alpha = sigmoid(net_alpha)    beta = sigmoid(net_beta)
  ///     s(t) = alpha s(t-1) + beta (net_v - alpha s(t-1) k) k'                output = s(t) q
  ///
  /// for each head, where the nets are affine maps of x(t), and those of alpha and beta have one number a head. Rows of
  /// `weight_ih`: q, k, v `[H, I]` each, alpha, beta `[N, I]`. It is one step of gradient descent, of the size beta, on
  /// the error |s k - net_v|^2 / 2 of a memory that alpha lets fade. 1e-14 under the roots of the lengths bounds
  /// their slope.
  ///
  /// **States**: s `[N, H/N, H/N]`.
  ///
  /// **Differences**: in the source's block, q, k and v come from a convolution of width 4 and silu, alpha from a step
  /// of a differential equation with a learned rate, and the output is normalised and gated. Its parallel form is not
  /// here: the steps run one after the other.
  ///
  /// **Source**: S. Yang, J. Kautz and A. Hatamizadeh, Gated delta networks: improving Mamba2 with delta rule, ICLR
  /// 2025.
  public static Cell gatedDelta() {
    return Cell.define(
        "gated_delta",
        step -> {
          Expr x = step.input();
          Expr s = step.state("s", MATRICES);
          Expr q = step.named("q", ofLengthOne(step.affine("net_q", x)));
          Expr k = step.named("k", ofLengthOne(step.affine("net_k", x)));
          Expr v = step.affine("net_v", x);
          Expr alpha = step.named("alpha", sigmoid(step.affine("net_alpha", Size.HEADS, x)));
          Expr beta = step.named("beta", sigmoid(step.affine("net_beta", Size.HEADS, x)));
          Expr known = headSpread(alpha, Size.HIDDEN).times(product(s, k));
          Expr news = step.named("news", headSpread(beta, Size.HIDDEN).times(v.minus(known)));
          Expr kept = headSpread(alpha, MATRICES).times(s);
          step.output(product(step.next("s", kept.plus(outer(news, k, Size.HEADS))), q));
          step.forgetBias("net_alpha");
        });
  }

  private static Expr ofLengthOne(Expr x) {
    Expr length = sqrt(headSum(x.times(x), Size.HEADS).plus(constant(UNDER_ROOTS)));
    return x.dividedBy(headSpread(length, x.size()));
  }

  private static Expr max(Expr a, Expr b) {
    return b.plus(relu(a.minus(b)));
  }
}
