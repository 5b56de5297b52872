package dev.unfold.tangent;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.util.List;

/// How much the gradients of single sequences differ from their mean: the batch size up to which more sequences in a
/// batch make an update better in proportion.
///
///     B_simple = tr(S) / |g|^2
///
/// with g the gradient over all data and S the covariance of those of single sequences. From B sequences, with G_b
/// theirs and G their mean, come estimates of both that are right on average,
///
///     |g|^2 ~ (B |G|^2 - mean |G_b|^2) / (B - 1)        tr(S) ~ B (mean |G_b|^2 - |G|^2) / (B - 1)
///
/// One batch tells little of |g|^2, whose estimate may be below 0; the quotient of the [#mean] of many batches is what
/// to look at.
///
/// @param squaredGradient the estimate of |g|^2
/// @param trace the estimate of tr(S)
///
/// **Source**: S. McCandlish, J. Kaplan, D. Amodei et al., An empirical model of large-batch training,
/// arXiv:1812.06162, appendix A.1, with batches of 1 and of B.
public record NoiseScale(double squaredGradient, double trace) {

  /// That of a batch.
  ///
  /// @param norms |G_b| of each sequence
  /// @param normOfSum |sum_b G_b|
  static NoiseScale of(double[] norms, double normOfSum) {
    int batch = norms.length;
    if (batch < 2) {
      throw new Refusal("batch", "B of 2 or more", batch);
    }
    double mean = 0;
    for (double norm : norms) {
      mean += norm * norm / batch;
    }
    double ofMean = normOfSum * normOfSum / ((double) batch * batch);
    return new NoiseScale(
        (batch * ofMean - mean) / (batch - 1), batch * (mean - ofMean) / (batch - 1));
  }

  /// The mean of both estimates over batches.
  ///
  /// **Errors**: [IllegalArgumentException] if there are none.
  public static NoiseScale mean(List<NoiseScale> batches) {
    if (Expect.given("batches", batches).isEmpty()) {
      throw new Refusal("batches", "one or more", "none");
    }
    return new NoiseScale(
        batches.stream().mapToDouble(NoiseScale::squaredGradient).average().orElseThrow(),
        batches.stream().mapToDouble(NoiseScale::trace).average().orElseThrow());
  }

  /// B_simple; no number, or below 0, if so little of the gradient was seen.
  public double sequences() {
    return trace / squaredGradient;
  }
}
