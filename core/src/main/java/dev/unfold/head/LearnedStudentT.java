package dev.unfold.head;

/// Student's t distribution of each number, whose degrees of freedom are learned as well: location m_n, scale exp(s_n)
/// and n = 2 + ln(1 + exp(a_n)) degrees, more than 2, so that there is a variance. The outputs are the m, then the s,
/// then the a.
///
///     E = (n + 1)/2 ln(1 + x) + s + ln(sqrt(n pi) Gamma(n/2) / Gamma((n + 1)/2))        x = ((z - m) exp(-s))^2 / n
///     dE/dn = 1/2 (ln(1 + x) - (1 + 1/n) x / (1 + x)) + 1/(2 n) + 1/2 (psi(n/2) - psi((n + 1)/2))
///
/// psi, the slope of ln Gamma, is none of the pointwise operations: each number is computed alone, in double.
///
/// **Source**: D. Salinas, V. Flunkert and J. Gasthaus, DeepAR: probabilistic forecasting with autoregressive recurrent
/// networks, 2017, for a likelihood all of whose parameters are outputs.
public record LearnedStudentT() implements ValueLoss {
  /// n
  ///
  /// @param output a
  public static double degrees(double output) {
    return 2 + Logistic.softplus(output);
  }
}
