package dev.unfold.cli;

import dev.unfold.data.SetSequences;
import dev.unfold.data.Source;
import dev.unfold.formats.SetModel;
import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.Precision;
import dev.unfold.net.Batch;
import dev.unfold.net.Network;
import dev.unfold.net.NetworkSpec;
import dev.unfold.net.ValueLoss;
import dev.unfold.train.DataValidator;
import dev.unfold.train.Evaluation;
import dev.unfold.train.SequenceData;
import dev.unfold.train.TrainingData;
import dev.unfold.train.TrainingMemory;
import dev.unfold.train.TrainingOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/// The next set of a sequence.
///
/// @param training to learn from
/// @param validation to validate on
/// @param classes K
/// @param precision of the numbers
/// @param seed of the order in which sequences are learned
record SetSubject(
    SetSequences training, SetSequences validation, int classes, Precision precision, long seed)
    implements Subject {
  /// Sequences that are evaluated side by side.
  private static final int SIDE_BY_SIDE = 32;

  /// Checks that the sets are within the width.
  SetSubject {
    training.require(classes);
    validation.require(classes);
  }

  /// All of `sets`, evaluated in their order.
  static DataValidator validator(SetSequences sets, int classes, Precision precision) {
    SequenceData data =
        new SequenceData(
            vectors(sets, classes, precision),
            new ValueLoss.SigmoidCrossEntropy(),
            SIDE_BY_SIDE,
            OptionalLong.empty());
    return new DataValidator(data, data.updatesPerEpoch());
  }

  private static List<Matrix> vectors(SetSequences sets, int classes, Precision precision) {
    List<Matrix> all = new ArrayList<>();
    for (List<int[]> sequence : sets.sequences()) {
      Matrix vectors = Matrix.allocate(precision, sequence.size(), classes);
      for (int t = 0; t < sequence.size(); t++) {
        for (int number : sequence.get(t)) {
          vectors.set(t, number, 1);
        }
      }
      all.add(vectors);
    }
    return all;
  }

  @Override
  public int batch(TrainingOptions options) {
    long usable = training.sequences().stream().filter(sequence -> sequence.size() > 1).count();
    return (int) Math.min(options.batch(), usable);
  }

  @Override
  public TrainingData training(TrainingOptions options) {
    return new SequenceData(
        vectors(training, classes, precision),
        new ValueLoss.SigmoidCrossEntropy(),
        options.batch(),
        OptionalLong.of(seed));
  }

  @Override
  public Optional<Batch> sample(TrainingOptions options) {
    return Optional.empty();
  }

  @Override
  public DataValidator validator() {
    return validator(validation, classes, precision);
  }

  @Override
  public TrainingMemory memory(NetworkSpec spec, Precision precision, TrainingOptions options) {
    return TrainingMemory.of(spec, precision, options, training(options), validator());
  }

  @Override
  public SetModel model(Network network) {
    return SetModel.of(network);
  }

  @Override
  public List<Source> trainingFiles() {
    return training.sources();
  }

  @Override
  public List<Source> validationFiles() {
    return validation.sources();
  }

  @Override
  public String kind() {
    return "set";
  }

  @Override
  public String unit() {
    return "step";
  }

  @Override
  public long trainingSize() {
    return training.steps();
  }

  @Override
  public long validationSize() {
    return validation.steps();
  }

  @Override
  public String summary() {
    return "sets      %s of %s to learn from, %d of %s to validate on, numbers from 0 to %d"
        .formatted(
            Wording.count(training.sequences().size(), "sequence"),
            Wording.count(trainingSize(), unit()),
            validation.sequences().size(),
            Wording.count(validationSize()),
            classes - 1);
  }

  @Override
  public String loss(Evaluation evaluation) {
    return Wording.setLoss(evaluation);
  }
}
