package dev.unfold.flow;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.model.Network;
import dev.unfold.sequence.Batch;
import dev.unfold.unroll.UnrolledNetwork;
import dev.unfold.unroll.tape.NetworkLayer;
import java.util.ArrayList;
import java.util.List;

/// How the values of a gate or another activation are spread over its units, the steps and the sequences of a batch.
///
/// A value in the flat part of its function is *saturated*: no error gets through. For a sigmoid that is below 0.1 or
/// above 0.9, where the slope is at most 0.36 of its largest; for a tanh, which is 2 sigmoid(2x) - 1, below -0.8 or
/// above 0.8; for a relu 0.
///
/// **Source**: the limits are those of A. Karpathy, J. Johnson and L. Fei-Fei, Visualizing and understanding recurrent
/// networks, 2015.
///
/// @param layer `l0`, or `l0_reverse`
/// @param name as the equations have it, such as `f`
/// @param function sigmoid, tanh or relu
/// @param from where the first bin starts
/// @param until where the last bin ends
/// @param shares the share of the values in each of [#BINS] bins of equal width
/// @param low the share of the values saturated at the lower end
/// @param high that at the upper end; 0 for a relu
/// @param units N
/// @param stuck units that are saturated at the same end at all steps of all sequences; for a relu one says dead
public record Saturation(
    String layer,
    String name,
    Function function,
    double from,
    double until,
    List<Double> shares,
    double low,
    double high,
    int units,
    int stuck) {
  /// How many bins a histogram has.
  public static final int BINS = 20;

  /// Copies the list.
  public Saturation {
    shares = List.copyOf(shares);
  }

  /// The sorts of activations.
  public enum Function {
    /// From 0 to 1.
    SIGMOID(0, 1, 0.1, 0.9),
    /// From -1 to 1.
    TANH(-1, 1, -0.8, 0.8),
    /// From 0 to the largest value that there is.
    RELU(0, 1, 0, Double.POSITIVE_INFINITY);

    private final double from;
    private final double until;
    private final double low;
    private final double high;

    Function(double from, double until, double low, double high) {
      this.from = from;
      this.until = until;
      this.low = low;
      this.high = high;
    }

    private static Function of(Op op) {
      return switch (op) {
        case SIGMOID -> SIGMOID;
        case TANH -> TANH;
        case RELU -> RELU;
        default -> throw new Refusal("op", "an activation", op);
      };
    }
  }

  /// The share of all values that are saturated.
  public double share() {
    return low + high;
  }

  /// All activations of a network on `batch`, from a state of zeros, from below.
  ///
  /// **Errors**: [IllegalArgumentException] if sequences have not all T steps.
  public static List<Saturation> of(Network network, Team team, Batch batch) {
    if (batch.present().isPresent()) {
      throw new Refusal("batch", "sequences that all have T steps", "shorter ones");
    }
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, team, batch.steps(), batch.batch());
    unrolled.runLayers(batch.inputs());
    List<Saturation> all = new ArrayList<>();
    List<NetworkLayer> layers = unrolled.tape().layers;
    for (int l = 0; l < layers.size(); l++) {
      for (int d = 0; d < layers.get(l).directions.size(); d++) {
        String layer = Network.suffixes(network.spec(), l).get(d).substring(1);
        layers.get(l).directions.get(d).activations().forEach(own -> all.add(of(layer, own)));
      }
    }
    return all;
  }

  private static Saturation of(String layer, UnrolledLayer.Activation activation) {
    Matrix values = activation.values().toHost();
    Function function = Function.of(activation.op());
    double until = function.until;
    if (function == Function.RELU) {
      until = 0;
      for (int r = 0; r < values.rows(); r++) {
        for (int c = 0; c < values.cols(); c++) {
          until = Math.max(until, values.get(r, c));
        }
      }
    }
    long[] counts = new long[BINS];
    long low = 0;
    long high = 0;
    int stuck = 0;
    for (int c = 0; c < values.cols(); c++) {
      int ownLow = 0;
      int ownHigh = 0;
      for (int r = 0; r < values.rows(); r++) {
        double value = values.get(r, c);
        double place = (value - function.from) / (until - function.from);
        counts[Math.clamp((int) (place * BINS), 0, BINS - 1)]++;
        ownLow += isLow(function, value) ? 1 : 0;
        ownHigh += value > function.high ? 1 : 0;
      }
      low += ownLow;
      high += ownHigh;
      stuck += ownLow == values.rows() || ownHigh == values.rows() ? 1 : 0;
    }
    double total = (double) values.rows() * values.cols();
    List<Double> shares = new ArrayList<>();
    for (long count : counts) {
      shares.add(count / total);
    }
    return new Saturation(
        layer,
        activation.name(),
        function,
        function.from,
        until,
        shares,
        low / total,
        high / total,
        values.cols(),
        stuck);
  }

  private static boolean isLow(Function function, double value) {
    return function == Function.RELU ? value <= 0 : value < function.low;
  }
}
