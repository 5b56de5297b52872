package dev.unfold.serve.predict;

import dev.unfold.argument.Refusal;
import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.label.LabelledSequence;
import dev.unfold.data.source.DataException;
import dev.unfold.data.table.TableFile;
import dev.unfold.run.label.LabelModel;
import dev.unfold.run.label.LabelPrediction;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/// Labels that a model gives: the numbers of `unfold predict`.
public final class Predictions {
  /// What messages call what was sent.
  static final String BODY = "body";

  /// Of a sequence.
  private static final int LONGEST = 1 << 14;

  /// Steps that are run side by side, those that fill up shorter sequences among them.
  private static final int PIECE = 1 << 14;

  /// Of all sequences: seconds of work.
  private static final long MOST_STEPS = 1 << 18;

  /// Probabilities of an answer.
  private static final long MOST = 1 << 20;

  private final LabelModel model;
  private final PredictOptions options;

  /// @param options how much is told
  public Predictions(LabelModel model, PredictOptions options) {
    this.model = model;
    this.options = options;
  }

  /// What the model says of what `body` has, in the form of the files that it was trained on.
  ///
  /// @param rows is told how many steps are read
  ///
  /// **Errors**: [DataException] that names line and column; [Refusal] for what would be too much.
  public Map<String, Object> of(byte[] body, LongConsumer rows) {
    LabelledData data =
        model
            .format()
            .read(
                List.of(TableFile.of(BODY, body)),
                options.table(),
                options.isLabelled() ? LabelFormat.Labels.REQUIRED : LabelFormat.Labels.UNKNOWN);
    List<LabelledSequence> sequences = data.sequences();
    expectFew(sequences);
    rows.accept(data.steps());
    Map<String, Object> members = new LinkedHashMap<>();
    members.put("kind", model.isOfSteps() ? "tags" : "classes");
    members.put("labels", model.labels());
    List<Map<String, Object>> all = new ArrayList<>();
    for (List<LabelledSequence> part : parts(sequences)) {
      List<LabelPrediction> said = model.predict(part);
      for (int i = 0; i < part.size(); i++) {
        all.add(members(part.get(i), said.get(i)));
      }
    }
    members.put("sequences", all);
    return members;
  }

  private void expectFew(List<LabelledSequence> sequences) {
    long told = 0;
    long steps = 0;
    for (LabelledSequence each : sequences) {
      if (each.steps() > LONGEST) {
        throw each.place()
            .refusal(
                "a sequence of at most %,d steps".formatted(LONGEST),
                "%,d".formatted(each.steps()));
      }
      told += model.isOfSteps() ? each.steps() : 1;
      steps += each.steps();
    }
    if (steps > MOST_STEPS) {
      throw new Refusal(
          BODY, "at most %,d steps in all".formatted(MOST_STEPS), "%,d".formatted(steps));
    }
    long all = told * Math.min(options.top(), model.labels().size());
    if (all > MOST) {
      throw new Refusal(
          BODY,
          "few enough sequences that an answer has at most %,d probabilities".formatted(MOST),
          "%,d".formatted(all));
    }
  }

  /// Neighbours that take bounded memory side by side; what is said of a sequence does not depend on others.
  private static List<List<LabelledSequence>> parts(List<LabelledSequence> sequences) {
    List<List<LabelledSequence>> parts = new ArrayList<>();
    List<LabelledSequence> part = new ArrayList<>();
    int longest = 0;
    for (LabelledSequence each : sequences) {
      int with = Math.max(longest, each.steps());
      if (!part.isEmpty() && (long) with * (part.size() + 1) > PIECE) {
        parts.add(part);
        part = new ArrayList<>();
        with = each.steps();
      }
      longest = with;
      part.add(each);
    }
    parts.add(part);
    return parts;
  }

  private Map<String, Object> members(LabelledSequence sequence, LabelPrediction said) {
    Map<String, Object> own = new LinkedHashMap<>();
    own.put("line", sequence.place().line());
    List<Map<String, Double>> likely =
        IntStream.range(0, said.labels().size())
            .mapToObj(i -> likely(said.labels().get(i), said.probabilities().get(i)))
            .toList();
    if (!model.isOfSteps()) {
      own.put("label", likely.getFirst().isEmpty() ? null : said.labels().getFirst());
      own.put("probabilities", likely.getFirst());
      return own;
    }
    if (sequence.texts().size() == sequence.steps()) {
      own.put("words", sequence.texts());
    }
    List<String> tags = new ArrayList<>();
    for (int i = 0; i < likely.size(); i++) {
      tags.add(likely.get(i).isEmpty() ? null : said.labels().get(i));
    }
    own.put("tags", tags);
    own.put("probabilities", likely);
    return own;
  }

  private record Likely(String label, double probability) {}

  /// Those that are told, the one that is said first.
  private Map<String, Double> likely(String said, double... shares) {
    Map<String, Double> told = new LinkedHashMap<>();
    IntStream.range(0, shares.length)
        .mapToObj(k -> new Likely(model.labels().get(k), shares[k]))
        .sorted(
            Comparator.comparing((Likely each) -> !each.label.equals(said))
                .thenComparing(Comparator.comparingDouble(Likely::probability).reversed()))
        .limit(options.top())
        .filter(each -> each.probability >= options.threshold())
        .forEach(each -> told.put(each.label, each.probability));
    return told;
  }
}
