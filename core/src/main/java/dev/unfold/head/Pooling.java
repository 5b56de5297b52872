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
/// In layers of both directions a step is the same step of both. A sequence without steps has no output and no loss.
public enum Pooling {
  /// The last step.
  LAST,
  /// The mean over the steps, number by number.
  MEAN,
  /// The largest over the steps, number by number.
  MAX;

  /// As [Head#text] says it.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
