package dev.unfold.net;

import dev.unfold.cell.Cell;
import dev.unfold.cell.Mask;
import dev.unfold.cell.NoisyCell;
import java.util.Map;
import java.util.TreeMap;

/// The random masks that a network is trained with, so that it relies on no single number. When it is used there are none:
/// numbers are then as large as they are on average in training.
///
/// The masks follow from a number that [Bptt#drawMasks] takes, and from what they are for, step, sequence and unit. So they are
/// the same for any number of threads and however often a step is computed.
///
/// @param input the share of the input x(t) that is left out
/// @param between the share of what one layer gives to the next
/// @param output the share of what the last layer gives to the readout
/// @param rhythm whether these three are drawn for each step, or once for all steps of a sequence (variational dropout)
/// @param state recurrent dropout: the share of h(t-1) that is left out where it meets its matrix, once for all steps
/// @param weights weight dropping: the share of the recurrent matrices that is left out, once for the whole batch
/// @param zoneout for each state, by name, the probability that a unit keeps its value at a step
///
/// **Source**: N. Srivastava et al., JMLR 15, 2014 (dropout); Y. Gal and Z. Ghahramani, NIPS 2016 (variational, recurrent); S.
/// Merity et al., ICLR 2018 (weight dropping); D. Krueger et al., ICLR 2017 (zoneout).
public record Noise(
    double input,
    double between,
    double output,
    Mask.Rhythm rhythm,
    double state,
    double weights,
    Map<String, Double> zoneout) {
  /// No masks.
  public static final Noise NONE = new Noise(0, 0, 0, Mask.Rhythm.EACH_STEP, 0, 0, Map.of());

  /// Checks the shares.
  public Noise {
    expect("input", input);
    expect("between", between);
    expect("output", output);
    expect("state", state);
    expect("weights", weights);
    zoneout.values().forEach(rate -> expect("zoneout", rate));
    zoneout = Map.copyOf(zoneout);
  }

  private static void expect(String name, double rate) {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException(
          "dropout: expected a share of 0 or more and below 1 for %s, got %s"
              .formatted(name, rate));
    }
  }

  /// Dropout of the input, between layers and before the readout.
  public static Noise dropout(double rate) {
    return new Noise(rate, rate, rate, Mask.Rhythm.EACH_STEP, 0, 0, Map.of());
  }

  /// The same with masks for all steps of a sequence.
  public Noise variational() {
    return new Noise(input, between, output, Mask.Rhythm.ALL_STEPS, state, weights, zoneout);
  }

  /// The same with recurrent dropout.
  public Noise withState(double rate) {
    return new Noise(input, between, output, rhythm, rate, weights, zoneout);
  }

  /// The same with weight dropping.
  public Noise withWeights(double rate) {
    return new Noise(input, between, output, rhythm, state, rate, zoneout);
  }

  /// The same with zoneout of the state `name`.
  public Noise withZoneout(String name, double rate) {
    Map<String, Double> all = new TreeMap<>(zoneout);
    all.put(name, rate);
    return new Noise(input, between, output, rhythm, state, weights, all);
  }

  /// The equations that a network of `cell` is trained with.
  Cell training(Cell cell) {
    Cell zoned = hasZoneout() ? NoisyCell.withZoneout(cell, zoneout) : cell;
    return state == 0
        ? zoned
        : NoisyCell.withStateDropout(zoned, Mask.dropout(state, Mask.Rhythm.ALL_STEPS));
  }

  /// The equations that it is used with.
  Cell mean(Cell cell) {
    return hasZoneout() ? NoisyCell.withMeanZoneout(cell, zoneout) : cell;
  }

  private boolean hasZoneout() {
    return zoneout.values().stream().anyMatch(rate -> rate > 0);
  }

  /// Whether the matrices for training are others than those that are used.
  public boolean hasOwnLayers() {
    return state > 0 || weights > 0 || hasZoneout();
  }

  /// The share that is left out before layer `layer` of `layers`, or before the readout.
  double before(int layer, int layers) {
    if (layer == 0) {
      return input;
    }
    return layer < layers ? between : output;
  }
}
