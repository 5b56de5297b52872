package dev.unfold.run.report;

import dev.unfold.run.inspect.Inspection;
import dev.unfold.run.inspect.InspectionPage;
import dev.unfold.run.label.LabelEvaluation;
import dev.unfold.run.output.HtmlPage;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.Wording;
import dev.unfold.run.score.LabelScore;
import dev.unfold.run.score.SpanScore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/// How well labels are given, as one page for a browser. Of many classes it has the commonest, and says so.
///
/// @param evaluation that is told of
/// @param about what was done
/// @param flow of the model's errors; empty with a reason in `about`
public record LabelPage(LabelEvaluation evaluation, About about, Optional<Inspection> flow) {
  /// What was done, in words.
  ///
  /// @param command as it was typed
  /// @param files the names of the files, and how much is in them
  /// @param network what the model is
  /// @param flow what the error flow was measured on, or why it was not
  public record About(String command, String files, String network, String flow) {}

  /// Classes in the matrix, in tables, and in the chart.
  private static final int MATRIX = 16;

  private static final int ROWS = 100;
  private static final int BARS = 12;
  private static final int KINDS = 50;
  private static final int LETTERS = 60;
  private static final int LONGEST = 2000;

  /// The page.
  public String html() {
    return HtmlPage.of(
        "Labels",
        List.of(InspectionPage.flow(), HtmlPage.text(LabelPage.class, "labels.js")),
        Json.tree(data()));
  }

  private Map<String, Object> data() {
    LabelScore score = evaluation.score();
    List<Integer> common =
        IntStream.range(0, score.labels().size())
            .boxed()
            .filter(k -> score.came(k) + score.said(k) > 0)
            .sorted(Comparator.comparingLong((Integer k) -> score.came(k)).reversed())
            .toList();
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("command", PageText.cut(about.command(), LONGEST));
    data.put("data", PageText.cut(about.files(), LONGEST));
    data.put("model", PageText.cut(about.network(), LONGEST));
    data.put("verdict", verdict());
    data.put("scores", scores());
    data.put("classes", common.size());
    data.put("matrix", matrix(score, common.stream().limit(MATRIX).toList()));
    data.put("labels", common.stream().limit(ROWS).map(k -> label(score, k)).toList());
    data.put("errors", errors(score, common));
    data.put("spans", evaluation.spans().stream().map(LabelPage::spans).toList());
    data.put("parts", parts());
    data.put("gap", PageText.number(OptionalDouble.of(evaluation.reliability().gap())));
    data.put("flow", flow.<Object>map(PageText::rounded).orElse(null));
    data.put("flow_note", about.flow());
    return data;
  }

  private String verdict() {
    if (evaluation.total() == 0) {
      return "There is nothing to tell of.";
    }
    double own = evaluation.score().accuracy();
    double other = (double) baseline() / evaluation.total();
    String said =
        evaluation.words().isPresent()
            ? "giving each word the tag that it has most often"
            : "always saying " + name(evaluation.majority());
    String compared =
        own > other
            ? "%.2f points above that of %s".formatted(100 * (own - other), said)
            : "not above that of %s, which is %s".formatted(said, percent(other));
    return "%s of %s are right, %s."
        .formatted(percent(own), Wording.count(evaluation.total()), compared);
  }

  /// How many a sceptic would get right.
  private long baseline() {
    return evaluation
        .words()
        .map(LabelEvaluation.Words::usualRight)
        .orElse(evaluation.majorityRight());
  }

  private static String percent(double share) {
    return "%.2f %%".formatted(100 * share);
  }

  private static String name(String label) {
    return PageText.cut(label, LETTERS);
  }

  private List<List<String>> scores() {
    List<List<String>> rows = new ArrayList<>();
    long total = evaluation.total();
    rows.add(row("right", evaluation.score().right(), total));
    rows.add(row("always " + name(evaluation.majority()), evaluation.majorityRight(), total));
    evaluation
        .words()
        .ifPresent(words -> {
          rows.add(row("the usual tag of each word", words.usualRight(), total));
          rows.add(row("right, of words in training", words.knownRight(), words.known()));
          rows.add(row("right, of other words", words.unknownRight(), words.unknown()));
        });
    double macro = evaluation.score().macroF1();
    rows.add(List.of("macro F1", Double.isNaN(macro) ? "\u2013" : "%.4f".formatted(macro), ""));
    if (evaluation.unseen() > 0) {
      rows.add(row("labels that training has not", evaluation.unseen(), total));
    }
    return rows;
  }

  private static List<String> row(String name, long part, long all) {
    return List.of(
        name,
        all == 0 ? "\u2013" : percent((double) part / all),
        "%s of %s".formatted(Wording.count(part), Wording.count(all)));
  }

  /// Rows are what is right, columns what was said; the last of both are all other classes.
  private static Map<String, Object> matrix(LabelScore score, List<Integer> shown) {
    Map<String, Object> matrix = new LinkedHashMap<>();
    int n = shown.size();
    long[][] counts = new long[n + 1][n + 1];
    for (int i = 0; i < n; i++) {
      counts[i][n] = score.came(shown.get(i));
      for (int j = 0; j < n; j++) {
        counts[i][j] = score.count(shown.get(i), shown.get(j));
        counts[i][n] -= counts[i][j];
      }
    }
    for (int j = 0; j < n; j++) {
      counts[n][j] = score.said(shown.get(j));
      for (int i = 0; i < n; i++) {
        counts[n][j] -= counts[i][j];
      }
    }
    long others = score.total();
    for (int i = 0; i <= n; i++) {
      for (int j = 0; j <= n; j++) {
        others -= counts[i][j];
      }
    }
    counts[n][n] = others;
    matrix.put("names", shown.stream().map(k -> name(score.labels().get(k))).toList());
    matrix.put("counts", counts);
    return matrix;
  }

  private static Map<String, Object> label(LabelScore score, int k) {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("name", name(score.labels().get(k)));
    one.put("came", score.came(k));
    one.put("said", score.said(k));
    one.put("precision", number(score.precision(k)));
    one.put("recall", number(score.recall(k)));
    one.put("f1", number(score.f1(k)));
    one.put(
        "taken",
        score.mistakes().stream()
            .filter(mistake -> mistake.right() == k)
            .findFirst()
            .map(mistake ->
                "%s (%d)".formatted(name(score.labels().get(mistake.said())), mistake.count()))
            .orElse(""));
    return one;
  }

  private static Double number(double number) {
    return PageText.number(OptionalDouble.of(number));
  }

  /// The classes with most errors.
  private static List<Map<String, Object>> errors(LabelScore score, List<Integer> common) {
    return common.stream()
        .filter(k -> score.came(k) > score.count(k, k))
        .sorted(Comparator.comparingLong((Integer k) -> score.count(k, k) - score.came(k)))
        .limit(BARS)
        .map(k -> {
          Map<String, Object> one = new LinkedHashMap<>();
          one.put("name", name(score.labels().get(k)));
          one.put("wrong", score.came(k) - score.count(k, k));
          one.put("came", score.came(k));
          return one;
        })
        .toList();
  }

  private static Map<String, Object> spans(SpanScore spans) {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("convention", spans.convention().name().toLowerCase(Locale.ROOT));
    List<Map<String, Object>> rows = new ArrayList<>();
    rows.add(counts("all", spans.all()));
    spans.kinds().entrySet().stream()
        .sorted(
            Comparator.comparingLong(
                    (Map.Entry<String, SpanScore.Counts> each) -> each.getValue().there())
                .reversed())
        .limit(KINDS)
        .forEach(each -> rows.add(counts(name(each.getKey()), each.getValue())));
    one.put("rows", rows);
    return one;
  }

  private static Map<String, Object> counts(String kind, SpanScore.Counts counts) {
    Map<String, Object> one = new LinkedHashMap<>();
    one.put("kind", kind);
    one.put("f1", number(counts.f1()));
    one.put("precision", number(counts.precision()));
    one.put("recall", number(counts.recall()));
    one.put("there", counts.there());
    one.put("found", counts.found());
    return one;
  }

  private List<Map<String, Object>> parts() {
    return evaluation.reliability().parts().stream()
        .map(part -> {
          Map<String, Object> one = new LinkedHashMap<>();
          one.put("from", part.from());
          one.put("until", part.until());
          one.put("count", part.count());
          one.put("probability", number(part.probability()));
          one.put("right", number(part.right()));
          return one;
        })
        .toList();
  }
}
