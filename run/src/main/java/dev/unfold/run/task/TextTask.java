package dev.unfold.run.task;

import dev.unfold.data.text.Corpus;
import dev.unfold.data.text.TextForm;
import dev.unfold.kernels.Precision;
import dev.unfold.model.NetworkSpec;
import dev.unfold.sequence.Batch;
import dev.unfold.train.Evaluation;
import dev.unfold.train.TrainingMemory;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.Validator;
import dev.unfold.train.data.TextData;
import dev.unfold.train.data.TrainingData;

/// The next token of a text.
///
/// @param seed of the samples of classes, if there are any
public record TextTask(Corpus corpus, long seed) implements CorpusTask {
  /// Sequences to watch the error flow on.
  private static final int SAMPLE = 4;

  /// Checks that there is something to validate on.
  public TextTask {
    corpus.validation().requireWindow(1);
  }

  @Override
  public TextForm form() {
    return TextForm.STREAM;
  }

  @Override
  public int steps(int window) {
    return window;
  }

  @Override
  public int batch(TrainingOptions options) {
    corpus.training().requireWindow(options.steps());
    return TextData.batch(corpus.training().length(), options.steps(), options.batch());
  }

  @Override
  public TrainingData training(TrainingOptions options) {
    return options.dataOf(corpus.training().tokens(), head().outputs(), seed);
  }

  @Override
  public Batch sample(TrainingOptions options) {
    int[] tokens = corpus.training().tokens();
    return new TextData(tokens, options.steps(), Math.min(SAMPLE, options.batch())).batch(0);
  }

  @Override
  public Validator validator() {
    int[] tokens = corpus.validation().tokens();
    return (network, team) -> Evaluation.of(network, tokens, team);
  }

  @Override
  public TrainingMemory memory(NetworkSpec spec, Precision precision, TrainingOptions options) {
    return TrainingMemory.of(
        spec, precision, options, batch(options), corpus.validation().length());
  }
}
