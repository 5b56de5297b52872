package dev.unfold.cli;

import dev.unfold.data.LagInformation;
import dev.unfold.net.ErrorFlow;
import dev.unfold.net.RecurrentJacobian;
import dev.unfold.net.Saturation;
import dev.unfold.net.TruncationMeter;
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
/// @param reach the share of the gradients that comes from lags up to k, for each k
/// @param lags the lags that hold 50, 90 and 99 % of it
/// @param truncation what truncation costs
/// @param jacobians along the first sequence; none if the network has too many states
/// @param tolerance the relative error that the user takes
/// @param sufficient the least k whose error is under it, if there is one
/// @param gradientNorm of the average loss
/// @param saturation of gates and activations
/// @param need how far back the data have something to tell; null for sets
/// @param advice what follows, each with what was measured
/// @param trial of the first advice; null if there was none
record Inspection(
    String model,
    String cell,
    int hidden,
    String data,
    int steps,
    int batch,
    List<Integer> times,
    List<LayerFlow> layers,
    double[] reach,
    Lags lags,
    List<Cut> truncation,
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
  record Need(int lag, double nats, double nearest) {
    /// What counts as telling something.
    static final double TOLD = 0.01;

    static Need of(LagInformation information) {
      int lag = information.last(TOLD);
      return new Need(lag, information.nats()[lag], information.nats()[0]);
    }
  }

  /// The singular values of the recurrent Jacobian at a step of the first sequence, from the largest to the smallest.
  ///
  /// @param layers for each layer those of its own states by its own alone
  record Jacobian(int step, double[] singularValues, List<double[]> layers) {
    static Jacobian of(int step, RecurrentJacobian jacobian) {
      return new Jacobian(step, jacobian.all(), jacobian.layers());
    }
  }

  /// The lags that hold 50, 90 and 99 % of the gradients.
  record Lags(int half, int most, int all) {}

  /// Truncation to k steps.
  record Cut(int reach, double cosine, Double cosineBy, double error, Double errorBy) {}

  /// One layer in one direction.
  ///
  /// @param norms for each error time and step
  /// @param cosines with the error at its own step
  /// @param gains for each step from 1 on the mean gain from there to the step before; null where no error comes
  /// @param decay for each lag what is left of the error
  /// @param halfLife the least lag at which less than half is left; null if there is none
  /// @param reach the share of the layer's gradients that comes from lags up to k, for each k
  /// @param lags the lags that hold 50, 90 and 99 % of them
  /// @param units for each lag and unit the root mean square over error times of what reaches it; null if not asked for
  record LayerFlow(
      String name,
      double[][] norms,
      double[][] cosines,
      List<Double> gains,
      List<Double> decay,
      Integer halfLife,
      double[] reach,
      Lags lags,
      double[][] units) {

    static LayerFlow of(ErrorFlow.Layer layer, int steps) {
      return of(layer, layer, steps);
    }

    /// @param some the same layer, with the norms of units if they were asked for
    static LayerFlow of(ErrorFlow.Layer layer, ErrorFlow.Layer some, int steps) {
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
          layer.reach(),
          new Lags(layer.lag(0.5), layer.lag(0.9), layer.lag(0.99)),
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
    double gain() {
      return Math.exp(
          gains.stream()
              .filter(gain -> gain != null && gain > 0)
              .mapToDouble(Math::log)
              .average()
              .orElse(Double.NaN));
    }
  }

  /// The same with what follows from it.
  Inspection with(List<String> advice, Trial trial) {
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
        lags,
        truncation,
        jacobians,
        tolerance,
        sufficient,
        gradientNorm,
        saturation,
        need,
        advice,
        trial);
  }

  static List<Cut> cuts(TruncationMeter meter) {
    return meter.points().stream()
        .map(point ->
            new Cut(
                point.reach(),
                point.cosine().mean(),
                Json.finite(point.cosine().halfWidth()),
                point.error().mean(),
                Json.finite(point.error().halfWidth())))
        .toList();
  }

  static Lags lags(ErrorFlow flow) {
    return new Lags(flow.lag(0.5), flow.lag(0.9), flow.lag(0.99));
  }

  /// The largest norm of all layers and times.
  static double largest(double[][] norms) {
    return Arrays.stream(norms).flatMapToDouble(Arrays::stream).max().orElse(0);
  }
}
