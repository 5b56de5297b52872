package dev.unfold.run.task;

import dev.unfold.data.source.Source;
import dev.unfold.data.text.Corpus;
import dev.unfold.data.text.TextForm;
import dev.unfold.formats.model.LanguageModel;
import dev.unfold.head.Head;
import dev.unfold.model.Network;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.Wording;
import dev.unfold.train.Evaluation;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The next token, whatever the sequences of a text are.
public sealed interface CorpusTask extends Task permits TextTask, LineTask {
  /// What is learned from and validated on.
  Corpus corpus();

  /// What its sequences are.
  TextForm form();

  /// For a corpus that was read in `form`.
  ///
  /// @param seed of the order of sequences, and of the samples of classes, if there are any
  static CorpusTask of(TextForm form, Corpus corpus, long seed) {
    return switch (form) {
      case STREAM -> new TextTask(corpus, seed);
      case LINES -> new LineTask(corpus, seed);
    };
  }

  /// The most steps of a batch.
  ///
  /// @param window of a stream
  int steps(int window);

  @Override
  default LanguageModel model(Network network) {
    return new LanguageModel(
        network,
        corpus().vocabulary().unit().name(),
        form().name(),
        corpus().vocabulary().tokens(),
        Optional.empty());
  }

  @Override
  default List<Source> trainingFiles() {
    return corpus().training().sources();
  }

  @Override
  default List<Source> validationFiles() {
    return corpus().validation().sources();
  }

  @Override
  default String kind() {
    return corpus().vocabulary().unit().name().toLowerCase(Locale.ROOT);
  }

  @Override
  default String counted() {
    return "token";
  }

  @Override
  default Head head() {
    return new Head.Classes(corpus().vocabulary().size());
  }

  @Override
  default Map<String, Double> metrics(String prefix, Evaluation evaluation) {
    Map<String, Double> metrics = Task.super.metrics(prefix, evaluation);
    metrics.put("bits_per_token", evaluation.bitsPerToken());
    metrics.put("perplexity", Json.finite(evaluation.perplexity()));
    return metrics;
  }

  @Override
  default String unit() {
    return Wording.token(corpus().vocabulary().unit());
  }

  @Override
  default long trainingSize() {
    return corpus().training().length();
  }

  @Override
  default long validationSize() {
    return corpus().validation().length();
  }

  /// How much of what is learned from is read as the unknown token.
  private String replaced() {
    int count = corpus().training().replaced().count();
    return count == 0 ? "" : ", %s read as unknown".formatted(Wording.count(count));
  }

  @Override
  default String summary() {
    return "text      %s to learn from, %s to validate on, %s%s"
        .formatted(
            Wording.count(trainingSize(), unit()),
            Wording.count(validationSize()),
            Wording.count(head().outputs(), "different one"),
            replaced());
  }

  @Override
  default String loss(Evaluation evaluation) {
    return Wording.loss(evaluation, unit());
  }
}
