package dev.unfold.run.series;

import dev.unfold.formats.model.NetworkModel;
import dev.unfold.formats.safetensors.FormatException;
import java.nio.file.Path;
import java.util.Map;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// A [SeriesSpec] in the description of a model.
final class SpecText {
  private static final String KEY = "series";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private SpecText() {}

  static Map<String, String> of(SeriesSpec spec) {
    return Map.of(NetworkModel.TASK, Forecaster.TASK, KEY, JSON.writeValueAsString(spec));
  }

  static SeriesSpec read(Path file, NetworkModel model) {
    String text = model.description().getOrDefault(KEY, "");
    try {
      SeriesSpec spec = JSON.readValue(text, SeriesSpec.class);
      int width = Window.numbers(spec);
      Output.of(model.network().spec().head());
      if (model.network().spec().encoder().width() != width) {
        throw new IllegalArgumentException(
            "expected I=%d numbers, got %d".formatted(width, model.network().spec().encoder().width()));
      }
      return spec;
    } catch (JacksonException | IllegalArgumentException e) {
      String cause = e instanceof JacksonException json ? json.getOriginalMessage() : e.getMessage();
      throw new FormatException(
          "%s: metadata about.%s: expected what a network of series reads: %s"
              .formatted(file, KEY, cause),
          e);
    }
  }
}
