package dev.unfold.serve.model;

import dev.unfold.formats.model.LanguageModel;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.formats.model.SetModel;
import dev.unfold.run.series.Forecaster;
import dev.unfold.run.session.ModelVersion;
import java.util.Locale;

/// What a model is good for.
public enum Kind {
  /// It goes on with texts.
  TEXT,
  /// It foresees series.
  SERIES,
  /// It tells the class of a sequence.
  CLASSES,
  /// It tells the tag of each step.
  TAGS,
  /// It foresees sets.
  SETS,
  /// A network of which no more is known.
  NETWORK;

  /// That of a version.
  public static Kind of(ModelVersion version) {
    return switch (version.model()) {
      case LanguageModel _ -> TEXT;
      case SetModel _ -> SETS;
      case NetworkModel network ->
          switch (network.task()) {
            case Forecaster.TASK -> SERIES;
            case "classify" -> CLASSES;
            case "tags" -> TAGS;
            default -> NETWORK;
          };
    };
  }

  /// As answers have it.
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
