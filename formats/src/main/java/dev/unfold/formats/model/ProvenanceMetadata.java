package dev.unfold.formats.model;

import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.gradient.Engine;
import dev.unfold.model.init.Initialization;
import dev.unfold.sequence.Truncation;
import dev.unfold.train.Budget;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.data.Windows;
import dev.unfold.train.update.Averaging;
import dev.unfold.train.update.Clip;
import dev.unfold.train.update.OptimizerSpec;
import dev.unfold.train.update.ParameterGroup;
import dev.unfold.train.update.Schedule;
import dev.unfold.train.update.UpdateRule;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// [Provenance] as metadata of a model file.
final class ProvenanceMetadata {
  static final String VERSION = "training.version";
  private static final String SEED = "training.seed";
  private static final String INIT = "training.init";
  private static final String FROM = "training.from";
  private static final String DATA = "training.data";
  private static final String VALIDATION_DATA = "training.validation_data";
  private static final String STEPS = "training.steps";
  private static final String BATCH = "training.batch";
  private static final String WINDOW = "training.window";
  private static final String REACH = "training.reach";
  private static final String MEMORY = "training.memory";
  private static final String ENGINE = "training.engine";
  private static final String UPDATE_EVERY = "training.update_every";
  private static final String EPOCHS = "training.epochs";
  private static final String MINUTES = "training.minutes";
  private static final String LEARNING_RATE = "training.lr";
  private static final String OPTIMIZER = "training.optimizer";
  private static final String DECAY = "training.decay";
  private static final String GROUPS = "training.group";
  private static final String SCHEDULE = "training.schedule";
  private static final String ACCUMULATE = "training.accumulate";
  private static final String AVERAGE = "training.average";
  private static final String PATIENCE = "training.patience";
  private static final String CLIP = "training.clip";
  private static final String INTERVAL = "training.interval";
  private static final String SAMPLED = "training.sampled";
  private static final String BLOCKS = "training.blocks";
  private static final String UPDATES_DONE = "training.updates_done";
  private static final String EPOCHS_BEGUN = "training.epochs_begun";
  private static final String VALIDATION = "training.validation_nats_per_token";

  /// What says how far a training got.
  static final List<String> PROGRESS = List.of(UPDATES_DONE, EPOCHS_BEGUN, VALIDATION);

  private static final int MOST_GROUPS = 1000;

  private ProvenanceMetadata() {}

  static void write(Provenance provenance, Map<String, String> metadata) {
    metadata.put(VERSION, provenance.version());
    metadata.put(SEED, Long.toString(provenance.beginning().seed()));
    metadata.put(INIT, provenance.beginning().initialization().text());
    provenance
        .beginning()
        .from()
        .ifPresent(file -> metadata.put(FROM, JsonText.ofFiles(List.of(file))));
    metadata.put(DATA, JsonText.ofFiles(provenance.training()));
    metadata.put(VALIDATION_DATA, JsonText.ofFiles(provenance.validation()));
    TrainingOptions options = provenance.options();
    metadata.put(STEPS, options.windows().text());
    metadata.put(BATCH, Integer.toString(options.batch()));
    switch (options.engine()) {
      case Engine.Full _ -> {}
      case Engine.Truncated cut -> {
        metadata.put(WINDOW, Integer.toString(cut.truncation().window()));
        metadata.put(REACH, Integer.toString(cut.truncation().reach()));
      }
      case Engine.Budgeted budget -> metadata.put(MEMORY, Long.toString(budget.bytes()));
      case Engine.Online online -> {
        metadata.put(ENGINE, online.rule());
        metadata.put(UPDATE_EVERY, Integer.toString(online.updateEvery()));
      }
    }
    switch (options.budget()) {
      case Budget.Epochs epochs -> metadata.put(EPOCHS, Integer.toString(epochs.count()));
      case Budget.Minutes minutes -> metadata.put(MINUTES, Double.toString(minutes.count()));
    }
    UpdateRule rule = options.rule();
    metadata.put(OPTIMIZER, rule.optimizer().text());
    metadata.put(LEARNING_RATE, Double.toString(rule.learningRate()));
    metadata.put(DECAY, Double.toString(rule.decay()));
    metadata.put(
        GROUPS, JsonText.ofStrings(rule.groups().stream().map(ParameterGroup::text).toList()));
    metadata.put(CLIP, rule.clip().text());
    metadata.put(SCHEDULE, rule.schedule().text());
    metadata.put(ACCUMULATE, Integer.toString(rule.accumulation()));
    metadata.put(AVERAGE, rule.averaging().text());
    metadata.put(PATIENCE, Integer.toString(options.patience()));
    metadata.put(INTERVAL, Integer.toString(options.interval()));
    metadata.put(SAMPLED, Integer.toString(options.sampled()));
    if (options.blocks() > 1) {
      metadata.put(BLOCKS, Integer.toString(options.blocks()));
    }
    metadata.put(UPDATES_DONE, Long.toString(provenance.progress().updates()));
    metadata.put(EPOCHS_BEGUN, Integer.toString(provenance.progress().epochs()));
    metadata.put(VALIDATION, Double.toString(provenance.progress().validationNats()));
  }

  /// Empty if there is none: a model may come from elsewhere.
  static Optional<Provenance> read(String file, Metadata metadata) {
    if (!metadata.has(VERSION)) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new Provenance(
              metadata.text(VERSION),
              beginning(metadata),
              options(metadata),
              metadata.parse(DATA, "a JSON array of files", JsonText::files),
              metadata.parse(VALIDATION_DATA, "a JSON array of files", JsonText::files),
              new Provenance.Progress(
                  metadata.whole(UPDATES_DONE, 0, Long.MAX_VALUE),
                  (int) metadata.whole(EPOCHS_BEGUN, 0, Integer.MAX_VALUE),
                  metadata.number(VALIDATION))));
    } catch (IllegalArgumentException e) {
      throw new FormatException(file + ": metadata of the training: " + e.getMessage(), e);
    }
  }

  /// Models that were made before there was a choice say nothing about it.
  private static Provenance.Beginning beginning(Metadata metadata) {
    return new Provenance.Beginning(
        metadata.whole(SEED, Long.MIN_VALUE, Long.MAX_VALUE),
        metadata.has(INIT)
            ? metadata.parse(INIT, "an initialisation", Initialization::parse)
            : Initialization.defaults(),
        metadata.has(FROM)
            ? Optional.of(metadata.parse(FROM, "a JSON array of one file", ProvenanceMetadata::one))
            : Optional.empty());
  }

  private static Provenance.DataFile one(String text) {
    List<Provenance.DataFile> files = JsonText.files(text);
    if (files.size() != 1) {
      throw new IllegalArgumentException("got " + files.size());
    }
    return files.getFirst();
  }

  /// One block, as all had before there was a choice, says nothing.
  private static TrainingOptions options(Metadata metadata) {
    Budget budget =
        metadata.has(MINUTES)
            ? new Budget.Minutes(metadata.number(MINUTES))
            : new Budget.Epochs(metadata.size(EPOCHS));
    return new TrainingOptions(
        metadata.parse(STEPS, "T or auto:X", Windows::parse),
        metadata.size(BATCH),
        engine(metadata),
        budget,
        rule(metadata),
        (int) metadata.whole(INTERVAL, 0, Integer.MAX_VALUE),
        metadata.has(PATIENCE) ? (int) metadata.whole(PATIENCE, 0, Integer.MAX_VALUE) : 0,
        metadata.has(SAMPLED) ? (int) metadata.whole(SAMPLED, 0, Integer.MAX_VALUE) : 0,
        metadata.has(BLOCKS) ? metadata.size(BLOCKS) : 1);
  }

  /// An infinite limit, which cuts nothing, could be given once.
  private static Clip clip(String text) {
    return text.endsWith("Infinity") ? new Clip.None() : Clip.parse(text);
  }

  /// Models that were made before there was a choice say nothing about it.
  private static UpdateRule rule(Metadata metadata) {
    UpdateRule rule =
        UpdateRule.defaults()
            .withRate(metadata.number(LEARNING_RATE))
            .with(
                metadata.parse(
                    CLIP, "a largest norm, value=NUMBER or none", ProvenanceMetadata::clip));
    if (!metadata.has(OPTIMIZER)) {
      return rule;
    }
    return new UpdateRule(
        metadata.parse(OPTIMIZER, "an optimizer", OptimizerSpec::parse),
        rule.learningRate(),
        metadata.number(DECAY),
        metadata.parse(
            GROUPS,
            "a JSON array of groups",
            text ->
                JsonText.strings(text, MOST_GROUPS).stream().map(ParameterGroup::parse).toList()),
        rule.clip(),
        metadata.parse(SCHEDULE, "a schedule", Schedule::parse),
        metadata.size(ACCUMULATE),
        metadata.parse(AVERAGE, "an average", Averaging::parse));
  }

  /// Full back-propagation says nothing.
  private static Engine engine(Metadata metadata) {
    if (metadata.has(MEMORY)) {
      return new Engine.Budgeted(metadata.whole(MEMORY, 1, Long.MAX_VALUE));
    }
    if (metadata.has(ENGINE)) {
      int updateEvery = metadata.size(UPDATE_EVERY);
      return metadata.parse(ENGINE, "an online rule", rule -> new Engine.Online(rule, updateEvery));
    }
    return metadata.has(WINDOW)
        ? new Engine.Truncated(new Truncation(metadata.size(WINDOW), metadata.size(REACH)))
        : new Engine.Full();
  }
}
