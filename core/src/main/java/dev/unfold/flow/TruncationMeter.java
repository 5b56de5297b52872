package dev.unfold.flow;

import dev.unfold.argument.Refusal;
import dev.unfold.head.Reduction;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Truncation;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// What windows cost: the gradient of truncated back-propagation with windows of k steps, in which an error goes back
/// to the start of its window, against the exact one, for k = 1, 2, 4, ... up to T, on several batches.
///
///     cosine = w_k . g / (|w_k| |g|)        error = |w_k - g| / |g|
///
/// over all parameters; each with the half width of a 95 % interval for its mean over the batches. The error is that of
/// [Reach], of another cut: windows of k steps cut at no lag above k - 1 and, on average, at half of it.
///
/// **Source**: C. Aicher, N. J. Foti and E. B. Fox, Adaptively truncating backpropagation through time to control
/// gradient bias, UAI 2019 (arXiv 1905.07473), for a reach that keeps the relative bias under a tolerance.
///
/// @param points for each k, ascending; none for layers of both directions, which can't be truncated
/// @param norm that of the exact gradient of the average loss
public record TruncationMeter(List<Point> points, Estimate norm) {
  /// Copies the list.
  public TruncationMeter {
    points = List.copyOf(points);
  }

  /// What windows of k steps cost.
  ///
  /// @param window k
  public record Point(int window, Estimate cosine, Estimate error) {}

  /// Measures on `batches`, each from a state of zeros.
  ///
  /// **Cost**: a training step for each k and batch.
  ///
  /// **Errors**: [IllegalArgumentException] for no batches.
  public static TruncationMeter of(Network network, Team team, List<Batch> batches) {
    if (batches.isEmpty()) {
      throw new Refusal("batches", "at least one", "none");
    }
    List<Integer> windows =
        network.spec().directions() > 1 ? List.of() : windows(batches.getFirst().steps());
    double[][] cosines = new double[windows.size()][batches.size()];
    double[] norms = new double[batches.size()];
    double[][] errors = new double[windows.size()][batches.size()];
    for (int b = 0; b < batches.size(); b++) {
      Batch batch = batches.get(b);
      UnrolledNetwork unrolled = UnrolledNetwork.of(network, team, batch.steps(), batch.batch());
      unrolled.loss(batch, Reduction.MEAN);
      Parameters whole = network.parameters().zeros();
      unrolled.backward(whole);
      norms[b] = Math.sqrt(network.kernels().sumOfSquares(whole.all()));
      Parameters cut = network.parameters().zeros();
      for (int i = 0; i < windows.size(); i++) {
        int k = windows.get(i);
        cut.buffer().clear();
        unrolled.backward(cut, new Truncation(k, k));
        measure(network.kernels(), whole, cut, cosines[i], errors[i], b);
      }
    }
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < windows.size(); i++) {
      points.add(new Point(windows.get(i), Estimate.of(cosines[i]), Estimate.of(errors[i])));
    }
    return new TruncationMeter(points, Estimate.of(norms));
  }

  private static List<Integer> windows(int steps) {
    List<Integer> windows = new ArrayList<>();
    for (int k = 1; k < steps; k *= 2) {
      windows.add(k);
    }
    windows.add(steps);
    return windows;
  }

  private static void measure(
      Kernels kernels, Parameters whole, Parameters cut, double[] cosines, double[] errors, int b) {
    double exact = kernels.sumOfSquares(whole.all());
    double own = kernels.sumOfSquares(cut.all());
    double product = 0;
    double difference = 0;
    Matrix g = whole.all().toHost();
    Matrix k = cut.all().toHost();
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
      if (!(error.most() <= tolerance)) {
        break;
      }
      least = OptionalInt.of(points.get(i).window());
    }
    return least;
  }
}
