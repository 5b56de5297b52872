package dev.unfold.model;

import dev.unfold.argument.Clause;
import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Mask;
import dev.unfold.cell.NoisyCell;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// The random masks that a network is trained with, so that it relies on no single number. When it is used there are
/// none: numbers are then as large as they are on average in training.
///
/// The masks follow from the seed and the number of the draw that `Bptt.drawMasks` takes, and from what they are for,
/// step, sequence and unit. So they are the same for any number of threads and however often a step is computed.
///
/// @param input the share of the input x(t) that is left out
/// @param between the share of what one layer gives to the next
/// @param output the share of what the last layer gives to the readout
/// @param rhythm whether these three are drawn for each step, or once for all steps of a sequence (variational dropout)
/// @param state recurrent dropout: the share of h(t-1) that is left out where it meets its matrix, once for all steps
/// @param weights weight dropping: the share of the recurrent matrices that is left out, once for the whole batch
/// @param zoneout for each state, by name, the probability that a unit keeps its value at a step
///
/// **Source**: N. Srivastava et al., JMLR 15, 2014 (dropout); Y. Gal and Z. Ghahramani, NIPS 2016 (variational,
/// recurrent); S. Merity et al., ICLR 2018 (weight dropping); D. Krueger et al., ICLR 2017 (zoneout).
public record Noise(
    double input,
    double between,
    double output,
    Mask.Rhythm rhythm,
    double state,
    double weights,
    Map<String, Double> zoneout) {
  private static final String FORM =
      "a share, or shares of input, between, output, state, weights or zoneout.STATE, or"
          + " variational";

  /// What a share without a name is of.
  private static final List<String> PLACES = List.of("input", "between", "output");

  private static final String VARIATIONAL = "variational";
  private static final String ZONEOUT = "zoneout.";

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
      throw new Refusal("dropout", "a share of 0 or more and below 1 for %s".formatted(name), rate);
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

  /// The same with dropout of the input.
  public Noise withInput(double rate) {
    return new Noise(rate, between, output, rhythm, state, weights, zoneout);
  }

  /// The same with dropout between layers.
  public Noise withBetween(double rate) {
    return new Noise(input, rate, output, rhythm, state, weights, zoneout);
  }

  /// The same with dropout before the readout.
  public Noise withOutput(double rate) {
    return new Noise(input, between, rate, rhythm, state, weights, zoneout);
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

  /// What [#parse] reads: `none`, or the shares above 0 by name.
  public String text() {
    Clause shares = Clause.empty().withUnusual("input", input, 0);
    shares = shares.withUnusual("between", between, 0).withUnusual("output", output, 0);
    if (rhythm == Mask.Rhythm.ALL_STEPS) {
      shares = shares.with(VARIATIONAL);
    }
    shares = shares.withUnusual("state", state, 0).withUnusual("weights", weights, 0);
    for (Map.Entry<String, Double> each : new TreeMap<>(zoneout).entrySet()) {
      shares = shares.withUnusual(ZONEOUT + each.getKey(), each.getValue(), 0);
    }
    return shares.parts().isEmpty() ? "none" : shares.text();
  }

  /// Reads shares by name, as `between=0.5,state=0.25,zoneout.c=0.3`, and `variational`; a number alone is the share of
  /// input, between and output.
  ///
  /// **Errors**: [IllegalArgumentException] for anything else.
  public static Noise parse(String text) {
    Noise noise = NONE;
    if (Expect.given("dropout", text).equals("none")) {
      return noise;
    }
    Clause read = Clause.list("dropout", FORM, text);
    Set<String> given = new HashSet<>();
    for (Clause.Part part : read.parts()) {
      if (part.text().equals(VARIATIONAL)) {
        noise = noise.variational();
        continue;
      }
      double share = part.number().orElseThrow(() -> read.refusal(part));
      for (String place : part.isBare() ? PLACES : List.of(part.name())) {
        if (!given.add(place)) {
          throw new Refusal(
              "dropout", "each once", "another for %s, %s".formatted(place, part.text()));
        }
        noise = noise.with(place, share).orElseThrow(() -> read.refusal(part));
      }
    }
    return noise;
  }

  /// Empty for a name that nothing has.
  private Optional<Noise> with(String name, double rate) {
    return switch (name) {
      case "input" -> Optional.of(withInput(rate));
      case "between" -> Optional.of(withBetween(rate));
      case "output" -> Optional.of(withOutput(rate));
      case "state" -> Optional.of(withState(rate));
      case "weights" -> Optional.of(withWeights(rate));
      default ->
          name.startsWith(ZONEOUT)
              ? Optional.of(withZoneout(name.substring(ZONEOUT.length()), rate))
              : Optional.empty();
    };
  }

  /// The equations that a network of `cell` is trained with.
  public Cell training(Cell cell) {
    // A share of 0 changes nothing, but the state that it names has to be there.
    Cell noisy = zoneout.isEmpty() ? cell : NoisyCell.withZoneout(cell, zoneout);
    Cell zoned = hasZoneout() ? noisy : cell;
    return state == 0
        ? zoned
        : NoisyCell.withStateDropout(zoned, Mask.dropout(state, Mask.Rhythm.ALL_STEPS));
  }

  /// The equations that it is used with.
  public Cell mean(Cell cell) {
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
  public double before(int layer, int layers) {
    if (layer == 0) {
      return input;
    }
    return layer < layers ? between : output;
  }
}
