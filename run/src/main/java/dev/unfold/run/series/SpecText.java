package dev.unfold.run.series;

import dev.unfold.argument.Expect;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.model.Encoder;
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
      SeriesSpec spec = Expect.given(KEY, JSON.readValue(text, SeriesSpec.class));
      Output.of(model.network().spec().head());
      Encoder expected = Windows.encoder(spec);
      if (!model.network().spec().encoder().equals(expected)) {
        throw new IllegalArgumentException(
            "expected an encoder %s, got %s".formatted(expected, model.network().spec().encoder()));
      }
      return spec;
    } catch (JacksonException | IllegalArgumentException | NullPointerException e) {
      String cause =
          e instanceof JacksonException json ? json.getOriginalMessage() : e.getMessage();
      throw new FormatException(
          "%s: metadata about.%s: expected what a network of series reads: %s"
              .formatted(file, KEY, cause),
          e);
    }
  }
}
