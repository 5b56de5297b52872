package dev.unfold.head;

import java.util.Locale;

/// Which one vector of a sequence is read out: a choice among what the last layer puts out at the n steps of the
/// sequence that exist, h(0), ..., h(n-1), or a mixture of it. With dE/dp for the derivative with respect to that
/// vector,
///
///     LAST    p = h(n-1)                      dE/dh(n-1) = dE/dp
///     MEAN    p = 1/n sum_t h(t)              dE/dh(t) = 1/n dE/dp             at every step
///     MAX     p_i = max_t h_i(t)              dE/dh_i(t) = dE/dp_i             at the first step t with h_i(t) = p_i
///
///     ATTENTION  p = sum_t a_t h(t)           a = softmax over t of e_t = u . h(t)
///             dE/dh(t) = a_t dE/dp + c_t u    c_t = a_t (dE/dp . h(t) - dE/dp . p)        dE/du = sum_t c_t h(t)
///
/// with learned u, `head.attention [H]`, which is 0 at first: attention begins as the mean. The layers below can learn
/// what an affine map and a tanh around h(t) would add to e_t, at the price of H^2 more parameters.
///
/// In layers of both directions a step is the same step of both. A sequence without steps has no output and no loss.
///
/// **Source**: D. Bahdanau, K. Cho and Y. Bengio, Neural machine translation by jointly learning to align and
/// translate, 2014, and Z. Yang et al., Hierarchical attention networks for document classification, NAACL 2016, for
/// attention.
public enum Pooling {
  /// The last step.
  LAST,
  /// The mean over the steps, number by number.
  MEAN,
  /// The largest over the steps, number by number.
  MAX,
  /// The mean over the steps, each as much as a learned vector says.
  ATTENTION;

  /// As [Head#text] says it.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
