package dev.unfold.run.task;

import dev.unfold.argument.Refusal;
import dev.unfold.data.sets.SetSequences;
import dev.unfold.data.source.Source;
import dev.unfold.formats.model.SetModel;
import dev.unfold.head.Head;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.output.Wording;
import dev.unfold.sequence.Batch;
import dev.unfold.train.DataValidator;
import dev.unfold.train.Evaluation;
import dev.unfold.train.TrainingMemory;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.data.SequenceData;
import dev.unfold.train.data.TrainingData;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/// The next set of a sequence.
///
/// @param training to learn from
/// @param validation to validate on
/// @param classes K
/// @param precision of the numbers
/// @param seed of the order in which sequences are learned
public record SetTask(
    SetSequences training, SetSequences validation, int classes, Precision precision, long seed)
    implements Task {
  /// Sequences that are evaluated side by side.
  private static final int SIDE_BY_SIDE = 32;

  /// Sequences to watch the error flow on, and the steps of each, at most.
  private static final int SAMPLE = 4;

  private static final int SAMPLE_STEPS = 128;

  /// Checks that the sets are within the width.
  public SetTask {
    training.require(classes);
    validation.require(classes);
  }

  /// All of `sets`, evaluated in their order.
  public static DataValidator validator(SetSequences sets, int classes, Precision precision) {
    SequenceData data =
        SequenceData.ofNext(vectors(sets, classes, precision), SIDE_BY_SIDE, OptionalLong.empty());
    return DataValidator.of(data);
  }

  private static List<Matrix> vectors(SetSequences sets, int classes, Precision precision) {
    List<Matrix> all = new ArrayList<>();
    for (List<int[]> sequence : sets.sequences()) {
      Matrix vectors = Matrix.allocate(precision.type(), sequence.size(), classes);
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
    return SequenceData.ofNext(
        vectors(training, classes, precision), options.batch(), OptionalLong.of(seed));
  }

  /// The steps that half of the sequences have, up to 128.
  public static int usualSteps(SetSequences sets) {
    int[] lengths = sets.sequences().stream().mapToInt(List::size).sorted().toArray();
    return Math.clamp(lengths[lengths.length / 2] - 1, 1, SAMPLE_STEPS);
  }

  /// Batches of the beginnings of all sequences that have `steps` steps to be foreseen, in their order.
  ///
  /// @param batch B, fewer if there are not as many sequences
  /// @param most batches at most
  public static List<Batch> whole(
      SetSequences sets, int classes, Precision precision, int steps, int batch, int most) {
    List<Matrix> beginnings =
        vectors(sets, classes, precision).stream()
            .filter(sequence -> sequence.rows() > steps)
            .map(sequence -> sequence.rows(0, steps + 1))
            .toList();
    if (beginnings.isEmpty()) {
      throw new Refusal(
          "steps", "T below the length of a sequence, %d at most".formatted(sets.longest()), steps);
    }
    SequenceData data = SequenceData.ofNext(beginnings, batch, OptionalLong.empty());
    List<Batch> all = new ArrayList<>();
    for (int i = 0; i < Math.min(most, beginnings.size() / data.batch()); i++) {
      Batch next = data.batch(i);
      all.add(Batch.of(steps, data.batch(), next.inputs(), next.targets()));
    }
    return all;
  }

  @Override
  public Batch sample(TrainingOptions options) {
    int steps = usualSteps(training);
    return whole(training, classes, precision, steps, Math.min(SAMPLE, options.batch()), 1)
        .getFirst();
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
  public String counted() {
    return "step";
  }

  @Override
  public Head head() {
    return new Head.Sets(classes);
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
