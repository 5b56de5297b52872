package dev.unfold.run.label;

import dev.unfold.argument.Expect;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.label.LabelledSequence;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import java.nio.file.Path;
import java.util.List;

/// Gives each step of a sequence a tag, such as the part of speech of each word of a sentence.
///
///     SequenceTagger tagger = SequenceTagger.train(training, validation, LabelOptions.ofTagger());
///     List<String> tags = tagger.tags(LabelledSequence.ofWords("time", "flies"));
///
/// **Threads**: any number at once.
public final class SequenceTagger {
  private final LabelModel model;

  private SequenceTagger(LabelModel model) {
    this.model = model;
  }

  /// Trains one on `training`; the best by the loss on `validation` is kept. The same data, options and seed give the
  /// same tagger.
  ///
  /// **Errors**: [IllegalArgumentException] for sequences without a label at each step, fewer than two labels, or
  /// options that do not go together.
  public static SequenceTagger train(
      LabelledData training, LabelledData validation, LabelOptions options) {
    return train(training, validation, options, Backends.best(Precision.FLOAT));
  }

  /// The same with another backend.
  public static SequenceTagger train(
      LabelledData training, LabelledData validation, LabelOptions options, Kernels kernels) {
    Expect.given("kernels", kernels);
    LabelTraining all = LabelTraining.ofSteps(training, validation, options, kernels.precision());
    return new SequenceTagger(all.train(options, kernels));
  }

  /// The names of the K tags.
  public List<String> labels() {
    return model.labels();
  }

  /// The tag of each step.
  public List<String> tags(LabelledSequence sequence) {
    return model.predict(sequence).labels();
  }

  /// The tags of several at once with their probabilities: each as if it were alone.
  public List<LabelPrediction> predict(List<LabelledSequence> sequences) {
    return model.predict(sequences);
  }

  /// How well it does on data with tags.
  public LabelEvaluation evaluate(LabelledData data) {
    return model.evaluate(data);
  }

  /// Writes it to a file, which the command line reads as well.
  public void save(Path file) {
    ModelFile.save(file, model.model());
  }

  /// Reads one.
  ///
  /// **Errors**: [FormatException] if the file is none.
  public static SequenceTagger load(Path file) {
    return load(file, Backends.best(Precision.FLOAT));
  }

  /// The same with another backend.
  public static SequenceTagger load(Path file, Kernels kernels) {
    LabelModel model = LabelModel.load(file, kernels);
    if (!model.isOfSteps()) {
      throw new FormatException(file + ": expected a tagger, got a classifier of sequences");
    }
    return new SequenceTagger(model);
  }
}
