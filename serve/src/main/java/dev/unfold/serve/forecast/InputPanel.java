package dev.unfold.serve.forecast;

import dev.unfold.argument.Refusal;
import dev.unfold.data.series.Panel;
import dev.unfold.data.series.Series;
import dev.unfold.run.series.SeriesSpec;
import dev.unfold.serve.json.Fields;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.JsonNode;

/// The series of a request as a model reads them: the same panel that a table with these values would be.
final class InputPanel {
  private final SeriesSpec spec;
  private final List<Map<String, Integer>> dictionary = new ArrayList<>();

  private InputPanel(SeriesSpec spec) {
    this.spec = spec;
    spec.texts().forEach(_ -> dictionary.add(new LinkedHashMap<>()));
  }

  /// The panel of `inputs`.
  ///
  /// **Errors**: [Refusal] for a column that the model reads and that is not there.
  static Panel of(List<SeriesInput> inputs, SeriesSpec spec) {
    InputPanel panel = new InputPanel(spec);
    List<Series> series = new ArrayList<>();
    for (SeriesInput input : inputs) {
      series.add(panel.series(input));
    }
    return new Panel(
        spec.columns(),
        spec.frequency(),
        spec.numbers(),
        spec.texts(),
        panel.dictionary.stream().map(words -> List.copyOf(words.keySet())).toList(),
        series);
  }

  private Series series(SeriesInput input) {
    int steps = steps(input);
    double[][] numbers = new double[spec.numbers().size()][];
    int targets = spec.columns().targets().size();
    for (int c = 0; c < numbers.length; c++) {
      String column = spec.numbers().get(c);
      numbers[c] =
          c < targets
              ? extended(input.targets()[c], steps)
              : input.numbers(kind(column), column, steps);
    }
    int[][] texts = new int[spec.texts().size()][];
    for (int c = 0; c < texts.length; c++) {
      texts[c] = texts(input, c, steps);
    }
    return new Series(input.name(), List.of(input.name()), input.timeline(), numbers, texts);
  }

  /// With those of which only what is known of the future is there.
  private int steps(SeriesInput input) {
    int steps = input.steps();
    for (String column : spec.columns().known()) {
      steps = Math.max(steps, input.column("known", column).size());
    }
    return steps;
  }

  private static double[] extended(double[] values, int steps) {
    double[] all = Arrays.copyOf(values, steps);
    Arrays.fill(all, values.length, steps, Double.NaN);
    return all;
  }

  /// When a column is known, as requests group them.
  private String kind(String column) {
    if (spec.columns().statics().contains(column)) {
      return "static";
    }
    return spec.columns().known().contains(column) ? "known" : "past";
  }

  private int[] texts(SeriesInput input, int c, int steps) {
    String column = spec.texts().get(c);
    String kind = kind(column);
    int[] texts = new int[steps];
    Arrays.fill(texts, Series.NO_TEXT);
    boolean isName = kind.equals("static") && spec.columns().by().equals(List.of(column));
    if (isName && input.fields().maybeObject(kind).flatMap(all -> all.maybe(column)).isEmpty()) {
      // What tells series apart is their name.
      Arrays.fill(texts, number(c, input.name()));
      return texts;
    }
    List<JsonNode> values = input.column(kind, column);
    for (int t = 0; t < steps && t < values.size(); t++) {
      texts[t] =
          text("%s.%s[%d]".formatted(input.fields().path(kind), column, t), c, values.get(t));
    }
    if (kind.equals("static")) {
      Arrays.fill(texts, texts[0]);
    }
    return texts;
  }

  private int text(String argument, int c, JsonNode node) {
    if (node.isNull()) {
      return Series.NO_TEXT;
    }
    if (node.isContainer()) {
      throw new Refusal(argument, "a text", Fields.kind(node));
    }
    return number(c, node.isString() ? node.stringValue() : node.toString());
  }

  private int number(int c, String text) {
    Map<String, Integer> words = dictionary.get(c);
    return words.computeIfAbsent(text, _ -> words.size());
  }
}
