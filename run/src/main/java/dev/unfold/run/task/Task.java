package dev.unfold.run.task;

import dev.unfold.data.source.Source;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.Provenance.DataFile;
import dev.unfold.head.Head;
import dev.unfold.kernels.Precision;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.output.Json;
import dev.unfold.sequence.Batch;
import dev.unfold.train.Evaluation;
import dev.unfold.train.TrainingMemory;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.Validator;
import dev.unfold.train.data.TrainingData;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// What a network learns: the data to train and to validate on, and how one speaks of them.
public interface Task {
  /// B, fewer than asked for if there are not as many sequences.
  int batch(TrainingOptions options);

  /// Sets the parameters of a new network that start from more than a draw.
  default void begin(Network network) {}

  /// What is learned from.
  TrainingData training(TrainingOptions options);

  /// A few sequences of one length to watch the error flow on.
  Batch sample(TrainingOptions options);

  /// What tells how well it does.
  Validator validator();

  /// The memory that it takes.
  TrainingMemory memory(NetworkSpec spec, Precision precision, TrainingOptions options);

  /// The network as a model, whose training is not known.
  Model model(Network network);

  /// The trained network as a model with what is measured of it at last, if there is such a thing.
  default Optional<Model> trained(Network network) {
    return Optional.empty();
  }

  /// The files that are learned from.
  List<Source> trainingFiles();

  /// The files that are validated on.
  List<Source> validationFiles();

  /// What programs call it: `char`.
  String kind();

  /// What one loss belongs to: `character`.
  String unit();

  /// What programs call that which has a loss: `token`, `step`.
  String counted();

  /// What is read so often a second: `tokens`, or else `steps`.
  default String pace() {
    return counted().equals("token") ? "tokens" : "steps";
  }

  /// What the outputs of its network mean.
  Head head();

  /// What its loss is called in JSON, after the unit of the head: `nats_per_token`.
  default String metric() {
    return head().unit().replace(' ', '_') + "_per_" + counted();
  }

  /// What `evaluation` is in JSON, by names: the loss, and what follows from it for this task. What is not finite is
  /// null.
  ///
  /// @param prefix of the name of the loss, such as `validation_`
  default Map<String, Double> metrics(String prefix, Evaluation evaluation) {
    Map<String, Double> metrics = new LinkedHashMap<>();
    metrics.put(prefix + metric(), Json.finite(evaluation.mean()));
    return metrics;
  }

  /// How many losses the training data have.
  long trainingSize();

  /// How many losses the validation data have.
  long validationSize();

  /// The first line of a run for people.
  String summary();

  /// `1.7102 nats per character (2.4673 bits, perplexity 5.530)`
  String loss(Evaluation evaluation);

  /// Sources as a model remembers them.
  static List<DataFile> files(List<Source> sources) {
    return sources.stream()
        .map(source -> new DataFile(source.name(), source.bytes(), source.sha256()))
        .toList();
  }
}
