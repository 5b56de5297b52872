package dev.unfold.run.task;

import dev.unfold.data.source.Source;
import dev.unfold.data.text.Corpus;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.head.Head;
import dev.unfold.kernels.Precision;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.Wording;
import dev.unfold.sequence.Batch;
import dev.unfold.train.Evaluation;
import dev.unfold.train.TrainingMemory;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.Validator;
import dev.unfold.train.data.TextData;
import dev.unfold.train.data.TrainingData;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// The next token of a text.
///
/// @param seed of the samples of classes, if there are any
public record TextTask(Corpus corpus, long seed) implements Task {
  /// Sequences to watch the error flow on.
  private static final int SAMPLE = 4;

  /// Checks that there is something to validate on.
  public TextTask {
    corpus.validation().requireWindow(1);
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

  @Override
  public LanguageModel model(Network network) {
    return LanguageModel.of(
        network, corpus.vocabulary().unit().name(), corpus.vocabulary().tokens());
  }

  @Override
  public List<Source> trainingFiles() {
    return corpus.training().sources();
  }

  @Override
  public List<Source> validationFiles() {
    return corpus.validation().sources();
  }

  @Override
  public String kind() {
    return corpus.vocabulary().unit().name().toLowerCase(Locale.ROOT);
  }

  @Override
  public String counted() {
    return "token";
  }

  @Override
  public Head head() {
    return new Head.Classes(corpus.vocabulary().size());
  }

  @Override
  public Map<String, Double> metrics(String prefix, Evaluation evaluation) {
    Map<String, Double> metrics = Task.super.metrics(prefix, evaluation);
    metrics.put("bits_per_token", evaluation.bitsPerToken());
    metrics.put("perplexity", Json.finite(evaluation.perplexity()));
    return metrics;
  }

  @Override
  public String unit() {
    return Wording.token(corpus.vocabulary().unit());
  }

  @Override
  public long trainingSize() {
    return corpus.training().length();
  }

  @Override
  public long validationSize() {
    return corpus.validation().length();
  }

  @Override
  public String summary() {
    return "text      %s to learn from, %s to validate on, %s"
        .formatted(
            Wording.count(trainingSize(), unit()),
            Wording.count(validationSize()),
            Wording.count(head().outputs(), "different one"));
  }

  @Override
  public String loss(Evaluation evaluation) {
    return Wording.loss(evaluation, unit());
  }
}
