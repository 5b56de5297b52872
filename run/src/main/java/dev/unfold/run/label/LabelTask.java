package dev.unfold.run.label;

import dev.unfold.argument.Refusal;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.label.LabelledSequence;
import dev.unfold.data.label.WordVectors;
import dev.unfold.data.source.Source;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.head.Head;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.output.Wording;
import dev.unfold.run.task.Task;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Example;
import dev.unfold.train.DataValidator;
import dev.unfold.train.Evaluation;
import dev.unfold.train.TrainingMemory;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.data.SequenceData;
import dev.unfold.train.data.TrainingData;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/// The labels of sequences.
final class LabelTask implements Task {
  /// Sequences that are evaluated side by side.
  static final int SIDE_BY_SIDE = 32;

  /// Sequences to watch the error flow on, and the steps of each, at most.
  private static final int SAMPLE = 4;

  private static final int SAMPLE_STEPS = 128;

  private final Labelling labelling;
  private final LabelledData training;
  private final LabelledData validation;
  private final Head head;
  private final Precision precision;
  private final long seed;
  private final Optional<WordVectors> vectors;

  /// @param precision of the numbers
  /// @param seed of the order in which sequences are learned
  /// @param vectors that words start with
  LabelTask(
      Labelling labelling,
      LabelledData training,
      LabelledData validation,
      Pooling pooling,
      Precision precision,
      long seed,
      Optional<WordVectors> vectors) {
    this.vectors = vectors;
    this.labelling = labelling;
    this.training = training;
    this.validation = validation;
    this.precision = precision;
    this.seed = seed;
    int classes = labelling.labels().size();
    if (classes < 2) {
      throw new Refusal("label", "two different labels or more to learn", "%d".formatted(classes));
    }
    head =
        labelling.kind() == Labelling.Kind.CLASSIFY
            ? new PooledHead(new Head.Classes(classes), pooling)
            : labelling.decoding() == Decoding.CRF
                ? new Head.Tags(classes)
                : new Head.Classes(classes);
  }

  private List<Example> examples(LabelledData data) {
    Map<String, Integer> numbers = labelling.numbers();
    List<Example> examples = new ArrayList<>();
    for (LabelledSequence sequence : data.sequences()) {
      examples.add(labelling.example(sequence, numbers, precision.type()));
    }
    return examples;
  }

  @Override
  public int batch(TrainingOptions options) {
    return Math.min(options.batch(), training.sequences().size());
  }

  @Override
  public TrainingData training(TrainingOptions options) {
    TrainingData data =
        new SequenceData(examples(training), options.batch(), OptionalLong.of(seed));
    List<Category> categories = labelling.steps().categories();
    return categories.isEmpty()
        ? data
        : new UnknownWords(
            data,
            categories.stream()
                .map(each -> new UnknownWords.Share(each.text(), each.unknownShares(training)))
                .toList(),
            seed);
  }

  @Override
  public Batch sample(TrainingOptions options) {
    int steps = usualSteps(training);
    return whole(labelling, training, precision, steps, Math.min(SAMPLE, options.batch()), 1)
        .getFirst();
  }

  /// The steps that half of the sequences have, up to 128.
  static int usualSteps(LabelledData data) {
    int[] lengths = data.sequences().stream().mapToInt(LabelledSequence::steps).sorted().toArray();
    return Math.min(lengths[lengths.length / 2], SAMPLE_STEPS);
  }

  /// Batches of the first `steps` steps of all sequences that have as many, in their order.
  ///
  /// @param batch B, fewer if there are not as many sequences
  /// @param most batches at most
  static List<Batch> whole(
      Labelling labelling, LabelledData data, Precision precision, int steps, int batch, int most) {
    List<Example> beginnings =
        data.sequences().stream()
            .filter(sequence -> sequence.steps() >= steps)
            .limit((long) batch * most)
            .map(sequence ->
                labelling.example(sequence.first(steps), labelling.numbers(), precision.type()))
            .toList();
    if (beginnings.isEmpty()) {
      throw new Refusal("steps", "T up to the length of a sequence", steps);
    }
    SequenceData parts = new SequenceData(beginnings, batch, OptionalLong.empty());
    List<Batch> all = new ArrayList<>();
    for (int i = 0; i < beginnings.size() / parts.batch(); i++) {
      Batch next = parts.batch(i);
      all.add(Batch.of(steps, parts.batch(), next.inputs(), next.targets()));
    }
    return all;
  }

  @Override
  public DataValidator validator() {
    return DataValidator.of(
        new SequenceData(examples(validation), SIDE_BY_SIDE, OptionalLong.empty()));
  }

  @Override
  public TrainingMemory memory(NetworkSpec spec, Precision own, TrainingOptions options) {
    return TrainingMemory.of(spec, own, options, training(options), validator());
  }

  @Override
  public NetworkModel model(Network network) {
    return NetworkModel.of(network, LabellingText.of(labelling));
  }

  @Override
  public void begin(Network network) {
    if (vectors.isEmpty()) {
      return;
    }
    List<Category> categories = labelling.steps().categories();
    for (int c = 0; c < categories.size(); c++) {
      if (categories.get(c).part().equals(WordPart.ANY_CASE)) {
        String name = Network.embeddings(network.spec().encoder()).get(c);
        begin(network.parameters().matrix(name), categories.get(c).values());
      }
    }
    network.parameters().changed();
  }

  private void begin(Matrix table, List<String> words) {
    Matrix here = table.toHost();
    for (int v = 0; v < words.size(); v++) {
      Optional<float[]> own = vectors.orElseThrow().of(words.get(v));
      for (int i = 0; own.isPresent() && i < here.cols(); i++) {
        here.set(v + 1, i, own.get()[i]);
      }
    }
    table.copy(here);
  }

  @Override
  public List<Source> trainingFiles() {
    return Stream.concat(training.sources().stream(), vectors.map(WordVectors::source).stream())
        .toList();
  }

  @Override
  public List<Source> validationFiles() {
    return validation.sources();
  }

  @Override
  public String kind() {
    return labelling.kind().task();
  }

  @Override
  public String counted() {
    return isOfSequences() ? "sequence" : "step";
  }

  private boolean isOfSequences() {
    return head.pooled().isPresent() || head instanceof Head.Tags;
  }

  @Override
  public Head head() {
    return head;
  }

  @Override
  public String unit() {
    return counted();
  }

  @Override
  public long trainingSize() {
    return size(training);
  }

  @Override
  public long validationSize() {
    return size(validation);
  }

  private long size(LabelledData data) {
    return isOfSequences() ? data.sequences().size() : data.steps();
  }

  @Override
  public String summary() {
    return "data      %s of %s to learn from, %s of %s to validate on, %s"
        .formatted(
            Wording.count(training.sequences().size(), "sequence"),
            Wording.count(training.steps(), "step"),
            Wording.count(validation.sequences().size()),
            Wording.count(validation.steps()),
            Wording.count(labelling.labels().size(), "label"));
  }

  @Override
  public String loss(Evaluation evaluation) {
    return "%.4f nats per %s".formatted(evaluation.mean(), unit());
  }
}
