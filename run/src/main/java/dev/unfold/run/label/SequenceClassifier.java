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

/// Tells which class a sequence is of: one of numbers, of words, or of events with both.
///
///     SequenceClassifier classifier = SequenceClassifier.train(training, validation, LabelOptions.ofClassifier());
///     String label = classifier.label(sequence);
///
/// **Threads**: any number at once.
public final class SequenceClassifier {
  private final LabelModel model;

  private SequenceClassifier(LabelModel model) {
    this.model = model;
  }

  /// Trains one on `training`; the best by the loss on `validation` is kept. The same data, options and seed give the
  /// same classifier.
  ///
  /// **Errors**: [IllegalArgumentException] for sequences without labels, fewer than two labels, or options that do not
  /// go together.
  public static SequenceClassifier train(
      LabelledData training, LabelledData validation, LabelOptions options) {
    return train(training, validation, options, Backends.best(Precision.FLOAT));
  }

  /// The same with another backend.
  public static SequenceClassifier train(
      LabelledData training, LabelledData validation, LabelOptions options, Kernels kernels) {
    Expect.given("kernels", kernels);
    LabelTraining all =
        LabelTraining.ofSequences(training, validation, options, kernels.precision());
    return new SequenceClassifier(all.train(options, kernels));
  }

  /// The names of the K classes.
  public List<String> labels() {
    return model.labels();
  }

  /// The class of a sequence.
  public String label(LabelledSequence sequence) {
    return model.predict(sequence).labels().getFirst();
  }

  /// How likely it is of each of the K classes.
  public double[] probabilities(LabelledSequence sequence) {
    return model.predict(sequence).probabilities().getFirst();
  }

  /// The same of several at once: each as if it were alone.
  public List<LabelPrediction> predict(List<LabelledSequence> sequences) {
    return model.predict(sequences);
  }

  /// How well it does on data with labels.
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
  public static SequenceClassifier load(Path file) {
    return load(file, Backends.best(Precision.FLOAT));
  }

  /// The same with another backend.
  public static SequenceClassifier load(Path file, Kernels kernels) {
    LabelModel model = LabelModel.load(file, kernels);
    if (model.isOfSteps()) {
      throw new FormatException(file + ": expected a classifier of sequences, got a tagger");
    }
    return new SequenceClassifier(model);
  }
}
