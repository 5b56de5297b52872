package dev.unfold.cli.report;

import dev.unfold.data.label.LabelledSequence;
import dev.unfold.run.label.LabelModel;
import dev.unfold.run.label.LabelPrediction;
import dev.unfold.run.output.Json;
import java.io.PrintWriter;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// What a model says of sequences.
public final class PredictionReport {
  /// Sequences that are looked at before they are told.
  private static final int PART = 256;

  /// Instead of a class that is not likely enough.
  private static final String UNSURE = "?";

  /// How it is told.
  public enum Form {
    /// Columns with tabs between them.
    TABLE,
    /// An object a line.
    JSON,
    /// Words and tags.
    CONLL
  }

  private final PrintWriter out;
  private final Form form;
  private final int top;
  private final double threshold;
  private final LabelModel model;

  /// @param top how many classes are told
  /// @param threshold how likely they have to be
  public PredictionReport(PrintWriter out, Form form, int top, double threshold, LabelModel model) {
    this.out = out;
    this.form = form;
    this.top = top;
    this.threshold = threshold;
    this.model = model;
  }

  /// Prints what is said of each.
  public void print(List<LabelledSequence> sequences) {
    if (form == Form.TABLE) {
      out.println(model.isOfSteps() ? "line\tword\ttag\tprobability" : header());
    }
    for (int from = 0; from < sequences.size() && !out.checkError(); from += PART) {
      List<LabelledSequence> part =
          sequences.subList(from, Math.min(from + PART, sequences.size()));
      List<LabelPrediction> said = model.predict(part);
      for (int i = 0; i < part.size(); i++) {
        print(part.get(i), said.get(i));
      }
    }
    out.flush();
  }

  private String header() {
    StringBuilder header = new StringBuilder("line\tlabel\tprobability");
    for (int i = 2; i <= Math.min(top, model.labels().size()); i++) {
      header.append("\tlabel%d\tprobability%d".formatted(i, i));
    }
    return header.toString();
  }

  private record Likely(String label, double probability) {}

  /// Those that are told, the one that is said first.
  private List<Likely> likely(String said, double... shares) {
    return IntStream.range(0, shares.length)
        .mapToObj(k -> new Likely(model.labels().get(k), shares[k]))
        .sorted(
            Comparator.comparing((Likely each) -> !each.label.equals(said))
                .thenComparing(Comparator.comparingDouble(Likely::probability).reversed()))
        .limit(top)
        .filter(each -> each.probability >= threshold)
        .toList();
  }

  private void print(LabelledSequence sequence, LabelPrediction said) {
    if (form == Form.JSON) {
      json(sequence, said);
      return;
    }
    int width = sequence.texts().size() / sequence.steps();
    for (int i = 0; i < said.labels().size(); i++) {
      List<Likely> likely = likely(said.labels().get(i), said.probabilities().get(i));
      String label = likely.isEmpty() ? UNSURE : likely.getFirst().label;
      String word = width == 0 ? Integer.toString(i + 1) : sequence.texts().get(i * width);
      if (form == Form.CONLL) {
        out.println(word + "\t" + label);
        continue;
      }
      StringBuilder line = new StringBuilder(Long.toString(sequence.place().line()));
      if (model.isOfSteps()) {
        line.append('\t').append(field(word));
      }
      if (likely.isEmpty()) {
        line.append('\t').append(UNSURE);
      }
      likely.forEach(
          each -> line.append("\t%s\t%.4f".formatted(field(each.label), each.probability)));
      out.println(line);
    }
    if (model.isOfSteps()) {
      out.println();
    }
  }

  /// A text that a table would not be read with stands in quotes, as in CSV.
  private static String field(String text) {
    boolean isPlain =
        !text.startsWith("\"") && text.chars().noneMatch(c -> "\t\n\r".indexOf(c) >= 0);
    return isPlain ? text : '"' + text.replace("\"", "\"\"") + '"';
  }

  private void json(LabelledSequence sequence, LabelPrediction said) {
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("file", sequence.place().file());
    line.put("line", sequence.place().line());
    List<Map<String, Double>> classes =
        IntStream.range(0, said.labels().size())
            .mapToObj(i -> {
              Map<String, Double> shares = new LinkedHashMap<>();
              likely(said.labels().get(i), said.probabilities().get(i))
                  .forEach(each -> shares.put(each.label, each.probability));
              return shares;
            })
            .toList();
    if (!model.isOfSteps()) {
      line.put("label", classes.getFirst().isEmpty() ? null : said.labels().getFirst());
      line.put("probabilities", classes.getFirst());
    } else {
      if (sequence.texts().size() == sequence.steps()) {
        line.put("words", sequence.texts());
      }
      line.put(
          "tags",
          IntStream.range(0, said.labels().size())
              .mapToObj(i -> classes.get(i).isEmpty() ? UNSURE : said.labels().get(i))
              .toList());
      line.put("probabilities", classes);
    }
    Json.print(out, line);
  }
}
