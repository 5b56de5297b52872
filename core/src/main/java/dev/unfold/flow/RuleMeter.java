package dev.unfold.flow;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.head.Reduction;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.online.OnlineGradient;
import dev.unfold.online.OnlineRule;
import dev.unfold.sequence.Batch;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongFunction;
import java.util.stream.IntStream;

/// What an online rule costs: its gradient of the average loss of a batch, summed over the steps with parameters that
/// do not change, against the exact one of back-propagation through time.
///
///     cosine = r . g / (|r| |g|)        error = |r - g| / |g|        noise^2 = E |r - E r|^2 / |g|^2
///
/// over the parameters of the layers: the readout's gradient is exact by every rule. For a rule with random signs
/// cosine and error are those of one draw, averaged over several, and the noise is what differs from draw to draw; for
/// others it is 0. All with the half width of a 95 % interval for the mean over the batches. It is what
/// [TruncationMeter] tells of windows.
///
/// @param rule its name
/// @param cosine with the exact gradient
/// @param error relative to it
/// @param noise relative to it
/// @param bytes of what is kept of J, for all sequences
public record RuleMeter(String rule, Estimate cosine, Estimate error, Estimate noise, long bytes) {

  /// Measures on `batches`, which have the same T and B, each from a state of zeros.
  ///
  /// @param rule for each seed from 1 on
  /// @param draws of random signs; 1 for a rule without
  ///
  /// **Cost**: T steps of the rule for each draw and batch, and a training step for each batch.
  ///
  /// **Errors**: [IllegalArgumentException] for no batches, and as [OnlineGradient#of].
  public static RuleMeter of(
      Network network, Team team, List<Batch> batches, LongFunction<OnlineRule> rule, int draws) {
    ReachMeter.expectSome(batches);
    Expect.given("rule", rule);
    if (draws < 1) {
      throw new Refusal("draws", "1 or more", draws);
    }
    return new Measurement(network, team, batches.getFirst().batch()).measure(batches, rule, draws);
  }

  private static final class Measurement {
    private final Network network;
    private final Team team;
    private final int batch;
    private final Parameters gradients;

    /// The gradients of the layers.
    private final List<Matrix> ofLayers = new ArrayList<>();

    Measurement(Network network, Team team, int batch) {
      this.network = network;
      this.team = team;
      this.batch = batch;
      gradients = network.parameters().zeros();
      for (int l = 0; l < network.spec().layers(); l++) {
        network.weights().ofLayer(l, gradients).forEach(ofLayers::addAll);
      }
    }

    RuleMeter measure(List<Batch> batches, LongFunction<OnlineRule> rule, int draws) {
      double[] cosines = new double[batches.size()];
      double[] errors = new double[batches.size()];
      double[] noises = new double[batches.size()];
      for (int i = 0; i < batches.size(); i++) {
        double[] exact = exact(batches.get(i));
        double norm = Math.sqrt(product(exact, exact));
        double[] mean = new double[exact.length];
        double squares = 0;
        for (int draw = 1; draw <= draws; draw++) {
          double[] own = online(batches.get(i), rule.apply(draw));
          double scale = norm * Math.sqrt(product(own, own));
          cosines[i] += scale == 0 ? 0 : product(exact, own) / scale / draws;
          squares += product(own, own);
          double difference = 0;
          for (int p = 0; p < own.length; p++) {
            mean[p] += own[p] / draws;
            difference += (own[p] - exact[p]) * (own[p] - exact[p]);
          }
          errors[i] += norm == 0 ? 0 : Math.sqrt(difference) / norm / draws;
        }
        // The variance of a draw, without bias.
        double variance = draws == 1 ? 0 : (squares - draws * product(mean, mean)) / (draws - 1);
        noises[i] = norm == 0 ? 0 : Math.sqrt(Math.max(0, variance)) / norm;
      }
      OnlineGradient any = OnlineGradient.of(network, team, batch, rule.apply(1));
      return new RuleMeter(
          any.rule().text(),
          Estimate.of(cosines),
          Estimate.of(errors),
          Estimate.of(noises),
          any.bytes());
    }

    private double[] exact(Batch data) {
      gradients.buffer().clear();
      UnrolledNetwork unrolled = UnrolledNetwork.of(network, team, data.steps(), batch);
      unrolled.loss(data, Reduction.MEAN);
      unrolled.backward(gradients);
      return numbers();
    }

    private double[] online(Batch data, OnlineRule rule) {
      gradients.buffer().clear();
      OnlineGradient online = OnlineGradient.of(network, team, batch, rule);
      double[] weights = Reduction.MEAN.weights(data.amounts(network.spec().head()));
      for (int t = 0; t < data.steps(); t++) {
        online.step(data.part(t, t + 1), weights, gradients);
      }
      return numbers();
    }

    private double[] numbers() {
      return ofLayers.stream()
          .map(Matrix::toHost)
          .flatMapToDouble(m ->
              IntStream.range(0, m.rows() * m.cols())
                  .mapToDouble(i -> m.get(i / m.cols(), i % m.cols())))
          .toArray();
    }

    private static double product(double[] a, double... b) {
      double sum = 0;
      for (int i = 0; i < a.length; i++) {
        sum += a[i] * b[i];
      }
      return sum;
    }
  }
}
