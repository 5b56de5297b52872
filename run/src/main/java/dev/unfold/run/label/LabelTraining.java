package dev.unfold.run.label;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.label.LabelledSequence;
import dev.unfold.data.label.WordVectors;
import dev.unfold.head.Head;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Wiring;
import dev.unfold.run.task.Task;
import dev.unfold.train.Trainer;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What there is to train a model of labels: the task, and the encoder and the head that its network has to have.
public final class LabelTraining {
  private final Task task;
  private final Encoder encoder;
  private final Labelling labelling;

  private LabelTraining(Task task, Encoder encoder, Labelling labelling) {
    this.task = task;
    this.encoder = encoder;
    this.labelling = labelling;
  }

  /// For a label of each sequence.
  ///
  /// @param precision of the numbers
  public static LabelTraining ofSequences(
      LabelledData training, LabelledData validation, LabelOptions options, Precision precision) {
    return of(Labelling.Kind.CLASSIFY, training, validation, options, precision);
  }

  /// For a label of each step.
  public static LabelTraining ofSteps(
      LabelledData training, LabelledData validation, LabelOptions options, Precision precision) {
    return of(Labelling.Kind.TAGS, training, validation, options, precision);
  }

  private static LabelTraining of(
      Labelling.Kind kind,
      LabelledData training,
      LabelledData validation,
      LabelOptions options,
      Precision precision) {
    Expect.given("training", training);
    Expect.given("validation", validation);
    Expect.given("options", options);
    kind.expectLabels("training", training);
    kind.expectLabels("validation", validation);
    if (options.vectors().isPresent() && !training.isOfWords()) {
      throw new Refusal("vectors", "sequences of words", "numbers or categories");
    }
    Optional<WordVectors> vectors = options.vectors().map(file -> vectors(file, training));
    WordPart whole = vectors.isPresent() ? WordPart.ANY_CASE : WordPart.FORM;
    List<WordPart> parts =
        options.look() == LabelOptions.Look.CHARACTERS && training.isOfWords()
            ? WordPart.withCharacters(whole)
            : List.of(whole);
    StepEncoding steps = StepEncoding.of(training, parts, options.least(), vectors);
    validation.sequences().forEach(steps::expectFits);
    Labelling labelling = Labelling.of(kind, training, steps);
    Labelling decoded = options.decoding().map(labelling::with).orElse(labelling);
    LabelTask task =
        new LabelTask(
            decoded, training, validation, options.pooling(), precision, options.seed(), vectors);
    int width = vectors.map(WordVectors::width).orElse(options.embedding());
    return new LabelTraining(task, steps.encoder(width), decoded);
  }

  /// Those of a file that begin it or are of words of `training`.
  private static WordVectors vectors(WordVectors.File file, LabelledData training) {
    Set<String> words = new HashSet<>();
    for (LabelledSequence sequence : training.sequences()) {
      for (String word : sequence.texts()) {
        words.add(word);
        words.add(word.toLowerCase(Locale.ROOT));
      }
    }
    return file.read(words::contains);
  }

  /// The data to learn from and to validate on.
  public Task task() {
    return task;
  }

  /// How steps come in.
  public Encoder encoder() {
    return encoder;
  }

  /// What the outputs of the network mean.
  public Head head() {
    return task.head();
  }

  /// What a model is told beside its network.
  Map<String, String> described() {
    return LabellingText.of(labelling);
  }

  /// A network that was trained, with all that it needs to be used.
  public LabelModel model(Network network) {
    return new LabelModel(network, labelling);
  }

  /// Trains a new network.
  LabelModel train(LabelOptions options, Kernels kernels) {
    NetworkSpec spec =
        new NetworkSpec(options.cell(), encoder, options.hidden(), options.layers(), head())
            .with(Wiring.BIDIRECTIONAL)
            .with(options.noise());
    Network network = Network.create(spec, kernels, options.seed());
    task.begin(network);
    Trainer trainer = new Trainer(network, options.training(), options.seed(), Team.of(1), _ -> {});
    trainer.run(task.training(options.training()), task.validator());
    return model(network);
  }
}
