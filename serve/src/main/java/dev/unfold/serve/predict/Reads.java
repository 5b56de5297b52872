package dev.unfold.serve.predict;

import dev.unfold.formats.model.LanguageModel;
import dev.unfold.model.Encoder;
import dev.unfold.run.label.LabelModel;
import dev.unfold.run.series.Forecaster;
import dev.unfold.run.series.SeriesSpec;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.serve.forecast.ForecastService;
import dev.unfold.serve.json.JsonBody;
import dev.unfold.serve.model.Kind;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// What a model reads, for whoever wants to send it.
public final class Reads {
  private Reads() {}

  /// That of a version: of series the columns and the horizon, of labels the form of their files and the labels, of
  /// texts what a token is, and else the width of a row.
  public static Map<String, Object> of(ModelVersion version) {
    return switch (Kind.of(version)) {
      case SERIES -> series(ForecastService.forecaster(version));
      case CLASSES, TAGS -> labels(LabelModel.of(Path.of(version.name()), version.model()));
      case TEXT -> text((LanguageModel) version.model());
      case SETS, NETWORK -> rows(version.network().spec().encoder());
    };
  }

  private static Map<String, Object> series(Forecaster forecaster) {
    SeriesSpec spec = forecaster.spec();
    return JsonBody.members(
        "time", spec.columns().time(),
        "by", spec.columns().by(),
        "targets", spec.columns().targets(),
        "known", spec.columns().known(),
        "past", spec.columns().past(),
        "static", spec.columns().statics(),
        "frequency", spec.frequency().text(),
        "context", spec.context(),
        "horizon", spec.horizon(),
        "quantiles", forecaster.output().levels());
  }

  private static Map<String, Object> labels(LabelModel model) {
    Map<String, Object> members = new LinkedHashMap<>(model.format().described());
    members.put("labels", model.labels());
    return members;
  }

  private static Map<String, Object> text(LanguageModel model) {
    return JsonBody.members(
        "unit", model.unit().toLowerCase(Locale.ROOT), "vocabulary", model.vocabulary().size());
  }

  private static Map<String, Object> rows(Encoder encoder) {
    List<Integer> categories =
        encoder.categories().stream().map(Encoder.Embedding::vocabulary).toList();
    return JsonBody.members("numbers", encoder.numbers(), "categories", categories);
  }
}
