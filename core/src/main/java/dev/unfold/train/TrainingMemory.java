package dev.unfold.train;

import dev.unfold.argument.Expect;
import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
import dev.unfold.kernels.Precision;
import dev.unfold.layer.LiveRows;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.train.data.TrainingData;
import dev.unfold.train.update.Updater;
import java.util.List;
import java.util.Map;

/// The memory that a training run takes, known before it starts.
///
/// **Units**: bytes.
///
/// @param propagation for back-propagation through time, [Footprint]
/// @param parameters for the parameters: their values, laid out for the products in both directions, their gradients,
///     what the optimizer keeps, and the best so far
/// @param validation for the validation
public record TrainingMemory(long propagation, long parameters, long validation) {
  /// Values, gradients, and the best so far.
  private static final int COPIES = 3;

  /// The memory for training as `options` say on batches of `batch` = B sequences, and for validating on a text of
  /// `validationTokens` tokens; 0 for none.
  ///
  /// **Errors**: [IllegalArgumentException] if the engine's budget is too small, or if engine, sample and network do
  /// not go together.
  public static TrainingMemory of(
      NetworkSpec spec,
      Precision precision,
      TrainingOptions options,
      int batch,
      int validationTokens) {
    expectGiven(spec, precision, options);
    options.expectUsable(spec);
    long validation =
        validationTokens < 2
            ? 0
            : Footprint.of(
                spec.with(Noise.NONE),
                precision,
                Evaluation.steps(validationTokens),
                Evaluation.streams(validationTokens),
                new Engine.Full());
    return new TrainingMemory(
        ofSteps(spec, precision, options, options.steps(), batch),
        ofParameters(spec, precision, options),
        validation);
  }

  private static long ofSteps(
      NetworkSpec spec, Precision precision, TrainingOptions options, int steps, int batch) {
    long sample =
        options.sampled() == 0
            ? 0
            : Footprint.ofSample(spec, precision, LiveRows.rows(steps, batch), options.sampled());
    int sequences = options.sequences(batch);
    long states =
        options.blocks() == 1
            ? 0
            : options.blocks() * Footprint.ofState(spec, precision, sequences);
    return Footprint.of(spec, precision, steps, sequences, options.engine()) + states + sample;
  }

  /// The memory for training on `data` and validating with `validator`.
  ///
  /// **Errors**: as above.
  public static TrainingMemory of(
      NetworkSpec spec,
      Precision precision,
      TrainingOptions options,
      TrainingData data,
      DataValidator validator) {
    expectGiven(spec, precision, options);
    Expect.given("data", data);
    Expect.given("validator", validator);
    options.expectUsable(spec);
    TrainingData other = validator.data();
    int steps = validator.steps(spec);
    long validation =
        Footprint.of(spec.with(Noise.NONE), precision, steps, other.batch(), new Engine.Full());
    long propagation = ofSteps(spec, precision, options, data.steps(), data.batch());
    return new TrainingMemory(propagation, ofParameters(spec, precision, options), validation);
  }

  private static void expectGiven(NetworkSpec spec, Precision precision, TrainingOptions options) {
    Expect.given("spec", spec);
    Expect.given("precision", precision);
    Expect.given("options", options);
  }

  private static long ofParameters(NetworkSpec spec, Precision precision, TrainingOptions options) {
    Map<String, List<Integer>> shapes = Network.shapes(spec);
    long numbers = shapes.values().stream().mapToLong(TrainingMemory::count).sum();
    long multiplied =
        shapes.entrySet().stream()
            .filter(
                entry -> entry.getValue().size() > 1 && Network.isMultiplied(spec, entry.getKey()))
            .mapToLong(entry -> count(entry.getValue()))
            .sum();
    Noise noise = spec.noise();
    long layouts = noise.hasOwnLayers() ? 4 : 2;
    long dropped = noise.weights() > 0 ? 2 * numbers + multiplied : 0;
    int copies =
        COPIES
            + Updater.copies(options.rule())
            + BlockGradients.copies(Workers.alone(), options.blocks());
    return (copies * numbers + layouts * multiplied + dropped) * precision.type().bytes();
  }

  /// The same for one of several workers, which keeps the gradients of its blocks until those before are added up. That
  /// it has the states of its own blocks only is not counted.
  ///
  /// @param spec of the network
  public TrainingMemory of(
      Workers workers, NetworkSpec spec, Precision precision, TrainingOptions options) {
    int blocks = options.blocks();
    int more =
        BlockGradients.copies(workers, blocks) - BlockGradients.copies(Workers.alone(), blocks);
    long numbers = Network.shapes(spec).values().stream().mapToLong(TrainingMemory::count).sum();
    return new TrainingMemory(
        propagation, parameters + more * numbers * precision.type().bytes(), validation);
  }

  private static long count(List<Integer> shape) {
    return shape.stream().mapToLong(size -> size).reduce(1, (a, b) -> a * b);
  }

  /// All of it.
  public long total() {
    return propagation + parameters + validation;
  }
}
