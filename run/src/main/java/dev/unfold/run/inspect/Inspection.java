package dev.unfold.run.inspect;

import dev.unfold.data.text.LagInformation;
import dev.unfold.flow.ErrorFlow;
import dev.unfold.flow.Estimate;
import dev.unfold.flow.Reach;
import dev.unfold.flow.RecurrentJacobian;
import dev.unfold.flow.Saturation;
import dev.unfold.flow.TruncationMeter;
import dev.unfold.run.output.Json;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What was measured of the error flow of a model, as programs and pages read it.
///
/// @param model the file
/// @param data the files
/// @param steps T
/// @param batch B
/// @param times the error times
/// @param layers from below
/// @param reach how far off the gradient is when it is cut; null in both directions
/// @param shares of the lags in the gradient
/// @param truncation how far off it is in windows
/// @param rules what online rules throw away
/// @param rounds how many Newton's method in time takes on each layer
/// @param jacobians along the first sequence; none if the network has too many states
/// @param tolerance the relative error that the user takes
/// @param sufficient the least windows whose error is within it, if there are any
/// @param gradientNorm of the average loss
/// @param saturation of gates and activations
/// @param need how far back the data have something to tell; null for sets
/// @param advice what follows, each with what was measured
/// @param trial of the first advice; null if there was none
public record Inspection(
    String model,
    String cell,
    int hidden,
    String data,
    int steps,
    int batch,
    List<Integer> times,
    List<LayerFlow> layers,
    Cuts reach,
    Shares shares,
    List<Cut> truncation,
    List<RuleFlow> rules,
    List<TimeRounds> rounds,
    List<Jacobian> jacobians,
    double tolerance,
    Integer sufficient,
    double gradientNorm,
    List<Saturation> saturation,
    Need need,
    List<String> advice,
    Trial trial) {

  /// The largest lag at which a token still tells at least [#TOLD] of what the last one does about the next.
  ///
  /// @param nats what it tells
  /// @param nearest what the last one does
  public record Need(int lag, double nats, double nearest) {
    /// What counts as telling something.
    static final double TOLD = 0.01;

    public static Need of(LagInformation information) {
      int lag = information.last(TOLD);
      return new Need(lag, information.nats()[lag], information.nats()[0]);
    }
  }

  /// The singular values of the recurrent Jacobian at a step of the first sequence, from the largest to the smallest.
  ///
  /// @param layers for each layer those of its own states by its own alone
  public record Jacobian(int step, double[] singularValues, List<double[]> layers) {
    public static Jacobian of(int step, RecurrentJacobian jacobian) {
      return new Jacobian(step, jacobian.all(), jacobian.layers());
    }
  }

  /// The relative error of gradients that are cut at lag k.
  ///
  /// @param batches whose mean it is
  /// @param sequences of each
  /// @param errors for each k
  /// @param errorsBy for each k the half width of the 95 % interval; null for a single batch
  /// @param within the lags from which it is within given errors
  public record Cuts(
      int batches, int sequences, List<Double> errors, List<Double> errorsBy, Within within) {
    /// What of `reach` is told.
    ///
    /// @param tolerance that the user takes
    public static Cuts of(Reach reach, List<Estimate> errors, double tolerance) {
      List<Double> by = errors.stream().map(e -> Json.finite(e.halfWidth())).toList();
      return new Cuts(
          errors.getFirst().count(),
          reach.sequences(),
          errors.stream().map(e -> Json.finite(e.mean())).toList(),
          errors.getFirst().count() == 1 ? null : by,
          Within.of(errors, tolerance));
    }
  }

  /// The least lags from which on a cut gradient is within an error, with its interval.
  ///
  /// @param half within 50 %
  /// @param tenth within 10 %
  /// @param hundredth within 1 %
  /// @param tolerance within what the user takes
  public record Within(int half, int tenth, int hundredth, int tolerance) {
    public static Within of(List<Estimate> errors, double tolerance) {
      return new Within(
          lag(errors, 0.5), lag(errors, 0.1), lag(errors, 0.01), lag(errors, tolerance));
    }

    private static int lag(List<Estimate> errors, double tolerance) {
      return Reach.lag(errors, tolerance).orElse(errors.size() - 1);
    }
  }

  /// The shares of the lags: the parts of what they give that point where the gradient does.
  ///
  /// @param upTo the shares up to lag k added up, for each k
  /// @param half the lag up to which they are 50 % and stay so
  /// @param most 90 %
  /// @param all 99 %
  public record Shares(double[] upTo, int half, int most, int all) {
    public static Shares of(ErrorFlow flow) {
      return new Shares(
          flow.cumulativeShares(),
          flow.lagOfShare(0.5),
          flow.lagOfShare(0.9),
          flow.lagOfShare(0.99));
    }

    public static Shares of(ErrorFlow.Layer layer) {
      return new Shares(
          layer.cumulativeShares(),
          layer.lagOfShare(0.5),
          layer.lagOfShare(0.9),
          layer.lagOfShare(0.99));
    }
  }

  /// Windows of k steps.
  public record Cut(int window, Double cosine, Double cosineBy, Double error, Double errorBy) {}

  /// One layer in one direction.
  ///
  /// @param norms for each error time and step
  /// @param cosines with the error at its own step
  /// @param gains for each step from 1 on the mean gain from there to the step before; null where no error comes
  /// @param decay for each lag what is left of the error
  /// @param halfLife the least lag at which less than half is left; null if there is none
  /// @param reach how far off the gradient of its parameters is when it is cut; null in both directions
  /// @param shares of the lags in it
  /// @param units for each lag and unit the root mean square over error times of what reaches it; null if not asked for
  public record LayerFlow(
      String name,
      double[][] norms,
      double[][] cosines,
      List<Double> gains,
      List<Double> decay,
      Integer halfLife,
      Cuts reach,
      Shares shares,
      double[][] units) {

    /// What was measured of `layer`, as it is told.
    ///
    /// @param some the same layer, with the norms of units if they were asked for
    /// @param reach of its parameters, or null
    public static LayerFlow of(ErrorFlow.Layer layer, ErrorFlow.Layer some, Cuts reach, int steps) {
      List<Double> gains = new ArrayList<>();
      List<Double> decay = new ArrayList<>();
      Integer halfLife = null;
      for (int t = 1; t < steps; t++) {
        gains.add(Json.finite(layer.meanGain(t)));
      }
      for (int k = 0; k < steps; k++) {
        double left = layer.decay(k);
        decay.add(left);
        if (halfLife == null && left < 0.5) {
          halfLife = k;
        }
      }
      return new LayerFlow(
          layer.name(),
          layer.norms(),
          layer.cosines(),
          gains,
          decay,
          halfLife,
          reach,
          Shares.of(layer),
          units(some, steps));
    }

    private static double[][] units(ErrorFlow.Layer layer, int steps) {
      if (layer.units().length == 0) {
        return null;
      }
      double[][] byLag = new double[steps][layer.units()[0][0].length];
      for (int k = 0; k < steps; k++) {
        int count = 0;
        for (int i = 0; i < layer.units().length; i++) {
          if (layer.times().get(i) >= k) {
            double[] norms = layer.units()[i][layer.times().get(i) - k];
            for (int n = 0; n < norms.length; n++) {
              byLag[k][n] += norms[n] * norms[n];
            }
            count++;
          }
        }
        for (int n = 0; n < byLag[k].length; n++) {
          byLag[k][n] = count == 0 ? 0 : Math.sqrt(byLag[k][n] / count);
        }
      }
      return byLag;
    }

    /// The geometric mean of the gains; NaN if there are none.
    public double gain() {
      return Math.exp(
          gains.stream()
              .filter(gain -> gain != null && gain > 0)
              .mapToDouble(Math::log)
              .average()
              .orElse(Double.NaN));
    }
  }

  /// The same with what follows from it.
  public Inspection with(List<String> advice, Trial trial) {
    return new Inspection(
        model,
        cell,
        hidden,
        data,
        steps,
        batch,
        times,
        layers,
        reach,
        shares,
        truncation,
        rules,
        rounds,
        jacobians,
        tolerance,
        sufficient,
        gradientNorm,
        saturation,
        need,
        advice,
        trial);
  }

  public static List<Cut> cuts(TruncationMeter meter) {
    return meter.points().stream()
        .map(point ->
            new Cut(
                point.window(),
                Json.finite(point.cosine().mean()),
                Json.finite(point.cosine().halfWidth()),
                Json.finite(point.error().mean()),
                Json.finite(point.error().halfWidth())))
        .toList();
  }

  /// The largest norm of all layers and times.
  static double largest(double[][] norms) {
    return Arrays.stream(norms).flatMapToDouble(Arrays::stream).max().orElse(0);
  }
}
