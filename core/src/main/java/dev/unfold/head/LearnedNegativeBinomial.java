package dev.unfold.head;

/// The negative binomial distribution of counts z_n = 0, 1, 2, ..., whose shape is learned as well: mean mu = exp(m_n),
/// shape r = exp(a_n), and a variance of mu + mu^2 / r. The outputs are the m, then the a. With u = m - a,
///
///     E = r ln(1 + exp(u)) + z ln(1 + exp(-u)) + ln(Gamma(r) z! / Gamma(z + r))
///     dE/dm = r sigmoid(u) - z sigmoid(-u)
///     dE/da = r (ln(1 + exp(u)) - sigmoid(u)) + z sigmoid(-u) - r (psi(z + r) - psi(r))
///
/// The exponential, and not its softened form, makes ln r an output: all of these need nothing but differences of
/// outputs, however large or small r is. psi, the slope of ln Gamma, is none of the pointwise operations: each number
/// is computed alone, in double.
///
/// **Source**: D. Salinas, V. Flunkert and J. Gasthaus, DeepAR: probabilistic forecasting with autoregressive recurrent
/// networks, 2017.
public record LearnedNegativeBinomial() implements ValueLoss {}
