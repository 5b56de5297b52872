package dev.unfold.run.series;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.model.Encoder;
import dev.unfold.model.StaticStart;
import dev.unfold.run.output.KnownAnnotations;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A [SeriesSpec] in the description of a model.
final class SpecText {
  private static final String KEY = "series";
  private static final String HOLIDAYS = "holidays";
  private static final String DETECTION = "detection";
  private static final JsonMapper JSON = KnownAnnotations.mapper().build();

  private SpecText() {}

  /// @param calibration of a model that detects
  static Map<String, String> of(SeriesSpec spec, Optional<Calibration> calibration) {
    Map<String, String> all = new HashMap<>();
    all.put(NetworkModel.TASK, Forecaster.TASK);
    ObjectNode text = JSON.valueToTree(spec);
    if (spec.holidays().isEmpty()) {
      // As models say it that were written before there were any.
      text.remove(HOLIDAYS);
    }
    all.put(KEY, JSON.writeValueAsString(text));
    calibration.ifPresent(each -> all.put(DETECTION, JSON.writeValueAsString(each)));
    return all;
  }

  /// How the scores of a model that detects are distributed; empty for another.
  static Optional<Calibration> calibration(Path file, NetworkModel model) {
    String text = model.description().get(DETECTION);
    if (text == null) {
      return Optional.empty();
    }
    try {
      Calibration calibration = Expect.given(DETECTION, JSON.readValue(text, Calibration.class));
      int targets = read(file, model).targets();
      if (calibration.targets().size() != targets) {
        throw new Refusal(DETECTION, targets + " targets", calibration.targets().size());
      }
      return Optional.of(calibration);
    } catch (JacksonException | IllegalArgumentException | NullPointerException e) {
      throw refusal(file, DETECTION, "how the scores of a network are distributed", e);
    }
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
      if (spec.state() == StateUse.CARRIED && model.network().spec().directions() > 1) {
        throw new IllegalArgumentException("expected layers of one direction, got both");
      }
      Optional<StaticStart> start = model.network().spec().start();
      if (start.isPresent() && !start.equals(Windows.start(spec))) {
        throw new IllegalArgumentException(
            "expected a start from %s, got one from %s".formatted(Windows.start(spec), start));
      }
      return spec;
    } catch (JacksonException | IllegalArgumentException | NullPointerException e) {
      throw refusal(file, KEY, "what a network of series reads", e);
    }
  }

  private static FormatException refusal(
      Path file, String key, String expected, RuntimeException e) {
    String cause = e instanceof JacksonException json ? json.getOriginalMessage() : e.getMessage();
    return new FormatException(
        "%s: metadata about.%s: expected %s: %s".formatted(file, key, expected, cause), e);
  }
}
