package dev.unfold.cli.report;

import dev.unfold.run.label.LabelEvaluation;
import dev.unfold.run.output.Json;
import dev.unfold.run.score.LabelScore;
import dev.unfold.run.score.SpanScore;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// How well a model gives labels, in lines for people or as JSON.
public final class LabelReport {
  /// The most classes whose confusion is shown as a table.
  private static final int WIDEST = 20;

  private final PrintWriter out;
  private final boolean isJson;

  /// @param isJson whether a program reads the output
  public LabelReport(PrintWriter out, boolean isJson) {
    this.out = out;
    this.isJson = isJson;
  }

  /// Tells the accuracy on a part of the data in a line.
  public void tell(String part, LabelEvaluation evaluation) {
    if (isJson) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("event", "scored");
      line.put("part", part);
      line.putAll(json(evaluation));
      Json.print(out, line);
      return;
    }
    out.printf("%-11s%s%n", part, accuracy(evaluation));
    words(evaluation);
    spans(evaluation).forEach(out::println);
    out.flush();
  }

  private static String accuracy(LabelEvaluation evaluation) {
    return "%s right of %,d; always %s: %s"
        .formatted(
            percent(evaluation.score().right(), evaluation.total()),
            evaluation.total(),
            evaluation.majority(),
            percent(evaluation.majorityRight(), evaluation.total()));
  }

  private void words(LabelEvaluation evaluation) {
    evaluation
        .words()
        .ifPresent(words ->
            out.printf(
                "%-10s%s of %,d known words, %s of %,d unknown ones; the usual tag of each word:"
                    + " %s%n",
                "",
                percent(words.knownRight(), words.known()),
                words.known(),
                percent(words.unknownRight(), words.unknown()),
                words.unknown(),
                percent(words.usualRight(), evaluation.total())));
  }

  private static List<String> spans(LabelEvaluation evaluation) {
    List<String> lines = new ArrayList<>();
    evaluation
        .spans()
        .forEach(score -> {
          lines.add("spans     %-10s %s".formatted(name(score), counts(score.all())));
          score
              .kinds()
              .forEach((kind, counts) ->
                  lines.add("          %-10s %s".formatted(kind, counts(counts))));
        });
    return lines;
  }

  private static String name(SpanScore score) {
    return score.convention().name().toLowerCase(Locale.ROOT);
  }

  private static String counts(SpanScore.Counts counts) {
    return "F1 %s  precision %s  recall %s  of %,d"
        .formatted(
            share(counts.f1()), share(counts.precision()), share(counts.recall()), counts.there());
  }

  /// Tells all that was counted.
  public void print(String model, LabelEvaluation evaluation) {
    if (isJson) {
      Map<String, Object> line = new LinkedHashMap<>();
      line.put("model", model);
      line.putAll(json(evaluation));
      Json.print(out, line);
      return;
    }
    out.printf("accuracy  %s%n", accuracy(evaluation));
    words(evaluation);
    if (evaluation.unseen() > 0) {
      out.printf(
          "          %,d have a label that the training part has not%n", evaluation.unseen());
    }
    out.println();
    labels(evaluation.score());
    spans(evaluation).forEach(out::println);
    confusion(evaluation.score());
    out.flush();
  }

  private void labels(LabelScore score) {
    int width = width(score.labels(), 5);
    out.printf(
        "%-" + width + "s  %8s  %9s  %7s  %7s%n", "label", "came", "precision", "recall", "F1");
    for (int k = 0; k < score.labels().size(); k++) {
      out.printf(
          "%-" + width + "s  %,8d  %9s  %7s  %7s%n",
          shown(score.labels().get(k)),
          score.came(k),
          share(score.precision(k)),
          share(score.recall(k)),
          share(score.f1(k)));
    }
    out.printf("macro F1  %s%n", share(score.macroF1()));
  }

  private void confusion(LabelScore score) {
    int classes = score.labels().size();
    out.println();
    if (classes > WIDEST) {
      most(score);
      return;
    }
    int width = width(score.labels(), 5);
    out.print(" ".repeat(width));
    score.labels().forEach(label -> out.printf("  %" + width + "s", shown(label)));
    out.println("  <- said");
    for (int right = 0; right < classes; right++) {
      out.printf("%-" + width + "s", shown(score.labels().get(right)));
      for (int said = 0; said < classes; said++) {
        out.printf("  %" + width + "d", score.count(right, said));
      }
      out.println();
    }
  }

  private void most(LabelScore score) {
    out.println("most frequent mistakes");
    score.mistakes().stream()
        .limit(WIDEST)
        .forEach(mistake ->
            out.printf(
                "%,8d  %s said to be %s%n",
                mistake.count(),
                shown(score.labels().get(mistake.right())),
                shown(score.labels().get(mistake.said()))));
  }

  private static int width(List<String> labels, int least) {
    return Math.max(
        least, labels.stream().mapToInt(label -> shown(label).length()).max().orElse(0));
  }

  private static String shown(String label) {
    return label.length() <= 16 ? label : label.substring(0, 15) + "~";
  }

  private static String percent(long part, long all) {
    return all == 0 ? "none" : "%.2f %%".formatted(100.0 * part / all);
  }

  private static String share(double share) {
    return Double.isNaN(share) ? "-" : "%.4f".formatted(share);
  }

  private static Map<String, Object> json(LabelEvaluation evaluation) {
    LabelScore score = evaluation.score();
    Map<String, Object> line = new LinkedHashMap<>();
    line.put("count", evaluation.total());
    line.put("accuracy", Json.finite(score.accuracy()));
    line.put("macro_f1", Json.finite(score.macroF1()));
    line.put("majority", evaluation.majority());
    line.put(
        "majority_accuracy", Json.finite((double) evaluation.majorityRight() / evaluation.total()));
    line.put("unseen_labels", evaluation.unseen());
    evaluation
        .words()
        .ifPresent(words -> {
          line.put("known_words", words.known());
          line.put("known_accuracy", Json.finite((double) words.knownRight() / words.known()));
          line.put("unknown_words", words.unknown());
          line.put(
              "unknown_accuracy", Json.finite((double) words.unknownRight() / words.unknown()));
          line.put(
              "usual_tag_accuracy", Json.finite((double) words.usualRight() / evaluation.total()));
        });
    evaluation.spans().forEach(spans -> line.put("spans_" + name(spans), json(spans)));
    line.put("labels", score.labels());
    List<List<Long>> confusion = new ArrayList<>();
    for (int right = 0; right < score.labels().size(); right++) {
      confusion.add(List.of((long) right, (long) right, score.count(right, right)));
    }
    score
        .mistakes()
        .forEach(
            each -> confusion.add(List.of((long) each.right(), (long) each.said(), each.count())));
    line.put("confusion", confusion);
    return line;
  }

  private static Map<String, Object> json(SpanScore spans) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("all", json(spans.all()));
    spans.kinds().forEach((kind, counts) -> all.put(kind, json(counts)));
    return all;
  }

  private static Map<String, Object> json(SpanScore.Counts counts) {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("there", counts.there());
    all.put("found", counts.found());
    all.put("right", counts.right());
    all.put("f1", Json.finite(counts.f1()));
    return all;
  }
}
