package dev.unfold.net;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.Team;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// What truncation costs: the gradient of truncated back-propagation, with windows and a reach of k steps, against the exact
/// one, for k = 1, 2, 4, ... up to T, on several batches.
///
///     cosine = g_k . g / (|g_k| |g|)        error = |g_k - g| / |g|
///
/// over all parameters; each with the half width of a 95 % interval for its mean over the batches.
///
/// **Source**: C. Aicher, N. J. Foti and E. B. Fox, Adaptively truncating backpropagation through time to control gradient
/// bias, UAI 2019 (arXiv 1905.07473), for a reach that keeps the relative bias under a tolerance.
///
/// @param points for each k, ascending; none for layers of both directions, which can't be truncated
/// @param norm that of the exact gradient of the average loss
public record TruncationMeter(List<Point> points, Estimate norm) {
  /// Copies the list.
  public TruncationMeter {
    points = List.copyOf(points);
  }

  /// What truncation to k steps costs.
  ///
  /// @param reach k
  public record Point(int reach, Estimate cosine, Estimate error) {}

  /// A mean and the half width of its 95 % interval, NaN for a single batch.
  public record Estimate(double mean, double halfWidth) {
    /// Student's t for 1 to 10 degrees of freedom; about 2 for more.
    private static final double[] T = {
      12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228
    };

    static Estimate of(double... values) {
      int n = values.length;
      double sum = 0;
      for (double value : values) {
        sum += value;
      }
      double mean = sum / n;
      double squares = 0;
      for (double value : values) {
        squares += (value - mean) * (value - mean);
      }
      double t = n < 2 ? Double.NaN : n - 2 < T.length ? T[n - 2] : 2;
      return new Estimate(mean, t * Math.sqrt(squares / (n - 1) / n));
    }
  }

  /// Measures on `batches`, each from a state of zeros.
  ///
  /// **Cost**: a training step for each k and batch.
  ///
  /// **Errors**: [IllegalArgumentException] for no batches.
  public static TruncationMeter of(Network network, Team team, List<Batch> batches) {
    if (batches.isEmpty()) {
      throw new IllegalArgumentException("batches: expected at least one, got none");
    }
    List<Integer> reaches =
        network.spec().directions() > 1 ? List.of() : reaches(batches.getFirst().steps());
    double[][] cosines = new double[reaches.size()][batches.size()];
    double[] norms = new double[batches.size()];
    double[][] errors = new double[reaches.size()][batches.size()];
    for (int b = 0; b < batches.size(); b++) {
      Batch batch = batches.get(b);
      UnrolledNetwork unrolled = network.unroll(team, batch.steps(), batch.batch());
      unrolled.loss(batch, Reduction.MEAN);
      Parameters whole = network.parameters().zeros();
      unrolled.backward(whole);
      norms[b] = Math.sqrt(network.kernels().sumOfSquares(whole.all()));
      Parameters cut = network.parameters().zeros();
      for (int i = 0; i < reaches.size(); i++) {
        int k = reaches.get(i);
        cut.buffer().clear();
        unrolled.backward(cut, new Truncation(k, k));
        measure(network.kernels(), whole, cut, cosines[i], errors[i], b);
      }
    }
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < reaches.size(); i++) {
      points.add(new Point(reaches.get(i), Estimate.of(cosines[i]), Estimate.of(errors[i])));
    }
    return new TruncationMeter(points, Estimate.of(norms));
  }

  private static List<Integer> reaches(int steps) {
    List<Integer> reaches = new ArrayList<>();
    for (int k = 1; k < steps; k *= 2) {
      reaches.add(k);
    }
    reaches.add(steps);
    return reaches;
  }

  private static void measure(
      Kernels kernels, Parameters whole, Parameters cut, double[] cosines, double[] errors, int b) {
    double exact = kernels.sumOfSquares(whole.all());
    double own = kernels.sumOfSquares(cut.all());
    double product = 0;
    double difference = 0;
    Matrix g = whole.all();
    Matrix k = cut.all();
    for (int i = 0; i < g.cols(); i++) {
      product += g.get(0, i) * k.get(0, i);
      double d = k.get(0, i) - g.get(0, i);
      difference += d * d;
    }
    double scale = Math.sqrt(exact) * Math.sqrt(own);
    cosines[b] = scale == 0 ? 0 : product / scale;
    errors[b] = exact == 0 ? 0 : Math.sqrt(difference / exact);
  }

  /// The least k that was measured whose error is under `tolerance` with its interval, and that of all larger ones.
  public OptionalInt least(double tolerance) {
    OptionalInt least = OptionalInt.empty();
    for (int i = points.size() - 1; i >= 0; i--) {
      Estimate error = points.get(i).error();
      double most = error.mean() + (Double.isNaN(error.halfWidth()) ? 0 : error.halfWidth());
      if (!(most <= tolerance)) {
        break;
      }
      least = OptionalInt.of(points.get(i).reach());
    }
    return least;
  }
}
