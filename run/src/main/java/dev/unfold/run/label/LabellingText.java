package dev.unfold.run.label;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.run.output.Json;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/// A [Labelling] as the texts by key of a model file:
///
/// | key | text |
/// |---|---|
/// | `task` | `classify` or `tags` |
/// | `labels`, `counts` | JSON arrays: names, and how many of the training part have each |
/// | `decode` | [Decoding#text] |
/// | `numbers`, `means`, `deviations`, `lacking` | JSON arrays of channels: names, numbers, and 1 for a mask beside it |
/// | `texts` | JSON array of the names of the texts of a step |
/// | `category.I` | for each category a JSON object: `text` that it looks at, `part`, `values` |
/// | `words` | JSON object: the most frequent label of each word of the training part |
/// | `files.*` | how files are read |
final class LabellingText {
  private static final String FILES = "files.";
  private static final String CATEGORY = "category.";

  private LabellingText() {}

  static Map<String, String> of(Labelling labelling) {
    Map<String, String> text = new TreeMap<>();
    text.put(NetworkModel.TASK, labelling.kind().task());
    text.put("labels", Json.text(labelling.labels()));
    text.put("counts", Json.text(labelling.counts()));
    text.put("decode", labelling.decoding().text());
    StepEncoding steps = labelling.steps();
    text.put("numbers", Json.text(steps.channels().stream().map(Channel::name).toList()));
    text.put("means", Json.text(steps.channels().stream().map(Channel::mean).toList()));
    text.put("deviations", Json.text(steps.channels().stream().map(Channel::deviation).toList()));
    text.put(
        "lacking",
        Json.text(steps.channels().stream().map(each -> each.mayLack() ? 1 : 0).toList()));
    text.put("texts", Json.text(steps.texts()));
    for (int i = 0; i < steps.categories().size(); i++) {
      Category category = steps.categories().get(i);
      Map<String, Object> all = new TreeMap<>();
      all.put("text", category.text());
      all.put("part", category.part().text());
      all.put("values", category.values());
      text.put(CATEGORY + i, Json.text(all));
    }
    if (!labelling.words().isEmpty()) {
      text.put("words", Json.text(new TreeMap<>(labelling.words())));
    }
    labelling.files().forEach((key, value) -> text.put(FILES + key, value));
    return text;
  }

  /// **Errors**: [IllegalArgumentException] if it says none.
  static Labelling parse(Map<String, String> text) {
    try {
      List<Channel> channels = channels(text);
      List<String> texts = strings(text, "texts");
      StepEncoding steps = new StepEncoding(channels, texts, categories(text, texts.size()));
      List<String> labels = strings(text, "labels");
      List<Long> counts =
          numbers(text, "counts", labels.size()).stream().map(Double::longValue).toList();
      if (labels.isEmpty() || labels.stream().distinct().count() < labels.size()) {
        throw new Refusal("labels", "different ones", labels);
      }
      Map<String, String> files = new HashMap<>();
      text.forEach((key, value) -> {
        if (key.startsWith(FILES)) {
          files.put(key.substring(FILES.length()), value);
        }
      });
      return new Labelling(
          kind(text.getOrDefault(NetworkModel.TASK, "")),
          steps,
          labels,
          counts,
          Decoding.parse(text.getOrDefault("decode", "")),
          words(text, labels.size()),
          files);
    } catch (JacksonException e) {
      throw new IllegalArgumentException(e.getOriginalMessage(), e);
    }
  }

  private static Labelling.Kind kind(String task) {
    for (Labelling.Kind kind : Labelling.Kind.values()) {
      if (kind.task().equals(task)) {
        return kind;
      }
    }
    throw new Refusal(NetworkModel.TASK, "classify or tags", task);
  }

  private static List<Channel> channels(Map<String, String> text) {
    List<String> names = strings(text, "numbers");
    List<Double> means = numbers(text, "means", names.size());
    List<Double> deviations = numbers(text, "deviations", names.size());
    List<Double> lacking = numbers(text, "lacking", names.size());
    List<Channel> channels = new ArrayList<>();
    for (int n = 0; n < names.size(); n++) {
      if (!(deviations.get(n) > 0)) {
        throw new Refusal("deviations", "numbers above 0", deviations.get(n));
      }
      channels.add(new Channel(names.get(n), means.get(n), deviations.get(n), lacking.get(n) != 0));
    }
    return channels;
  }

  private static List<Category> categories(Map<String, String> text, int texts) {
    List<Category> categories = new ArrayList<>();
    for (int i = 0; text.containsKey(CATEGORY + i); i++) {
      JsonNode all = Json.read(text.get(CATEGORY + i));
      int place = all.path("text").isInt() ? all.path("text").intValue() : -1;
      if (place < 0 || place >= texts) {
        throw new Refusal(CATEGORY + i, "a text of %d".formatted(texts), place);
      }
      String part = all.path("part").isString() ? all.path("part").asString() : "";
      categories.add(
          new Category(place, WordPart.parse(part), strings(CATEGORY + i, all.path("values"))));
    }
    return categories;
  }

  private static Map<String, Integer> words(Map<String, String> text, int labels) {
    Map<String, Integer> words = new HashMap<>();
    JsonNode all = Json.read(text.getOrDefault("words", "{}"));
    all.forEachEntry((word, label) -> {
      if (!label.isInt() || label.intValue() < 0 || label.intValue() >= labels) {
        throw new Refusal("words", "places of labels", label);
      }
      words.put(word, label.intValue());
    });
    return words;
  }

  private static List<String> strings(Map<String, String> text, String key) {
    return strings(key, Json.read(text.getOrDefault(key, "")));
  }

  private static List<String> strings(String key, JsonNode array) {
    List<String> strings = new ArrayList<>();
    if (!array.isArray()) {
      throw new Refusal(key, "a JSON array of strings", "another");
    }
    for (JsonNode each : array) {
      if (!each.isString()) {
        throw new Refusal(key, "a JSON array of strings", each);
      }
      strings.add(each.asString());
    }
    return strings;
  }

  private static List<Double> numbers(Map<String, String> text, String key, int count) {
    List<Double> numbers = new ArrayList<>();
    for (JsonNode each : Json.read(text.getOrDefault(key, ""))) {
      if (!each.isNumber() || !Double.isFinite(each.doubleValue())) {
        throw new Refusal(key, "a JSON array of numbers", each);
      }
      numbers.add(each.doubleValue());
    }
    if (numbers.size() != count) {
      throw new Refusal(key, "%d numbers".formatted(count), numbers.size());
    }
    return numbers;
  }
}
