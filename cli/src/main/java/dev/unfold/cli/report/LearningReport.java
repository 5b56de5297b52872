package dev.unfold.cli.report;

import dev.unfold.data.text.Replaced;
import dev.unfold.data.text.Unit;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.Wording;
import dev.unfold.run.task.TextLearning;
import dev.unfold.run.task.TextLearning.Outcome;
import dev.unfold.run.task.TextLearning.Rule;
import dev.unfold.train.Evaluation;
import dev.unfold.train.dynamic.Learned;
import dev.unfold.train.dynamic.RateSearch;
import java.io.PrintWriter;
import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;

/// Tells what learning while evaluating is worth.
///
/// @param model its file
/// @param unit of its tokens
/// @param tuning the file that was chosen on; empty for none
/// @param replaced which tokens of the data it lacks
public record LearningReport(
    String model,
    Unit unit,
    TextLearning.Options options,
    Outcome outcome,
    String tuning,
    Replaced replaced) {
  private record Line(
      String model,
      String unit,
      long tokens,
      int unknownTokens,
      String part,
      double natsPerToken,
      double bitsPerToken,
      Double perplexity,
      double seconds,
      double unchangedNatsPerToken,
      Double unchangedPerplexity,
      double unchangedSeconds,
      String learn,
      double rate,
      double decay,
      int segment,
      String only,
      double choosingSeconds,
      List<Try> tried) {}

  private record Try(double rate, double decay, Double natsPerToken) {}

  /// One object.
  public void json(PrintWriter out) {
    Evaluation with = outcome.learning().evaluation();
    Evaluation without = outcome.unchanged().evaluation();
    Json.print(
        out,
        new Line(
            model,
            unit.name().toLowerCase(Locale.ROOT),
            with.count(),
            replaced.count(),
            outcome.isOfSecondHalf() ? "second half" : "all",
            with.mean(),
            with.bitsPerToken(),
            Json.finite(with.perplexity()),
            outcome.learning().seconds(),
            without.mean(),
            Json.finite(without.perplexity()),
            outcome.unchanged().seconds(),
            options.rule().name().toLowerCase(Locale.ROOT),
            outcome.rule().rate(),
            outcome.rule().decay(),
            options.segment(),
            options.learned().name().toLowerCase(Locale.ROOT),
            outcome.choosing(),
            outcome.tried().stream().map(LearningReport::line).toList()));
  }

  private static Try line(RateSearch.Tried tried) {
    return new Try(tried.rate(), tried.decay(), Json.finite(tried.loss()));
  }

  /// Lines for people.
  public void print(PrintWriter out) {
    Evaluation with = outcome.learning().evaluation();
    Evaluation without = outcome.unchanged().evaluation();
    String token = Wording.token(unit);
    out.printf("without learning: %s%n", Wording.loss(without, token));
    out.printf("learning:         %s%n", Wording.loss(with, token));
    double gain = with.mean() - without.mean();
    double share = 100 * Math.expm1(gain);
    // A rate that is far too large makes losses whose perplexity is no number any more.
    String perplexity = share < 1e6 ? "%+.1f %% of the perplexity, ".formatted(share) : "";
    out.printf(
        "%+.4f nats, %s%.1f s after %.1f s without%n",
        gain, perplexity, outcome.learning().seconds(), outcome.unchanged().seconds());
    out.printf("%s%n", how());
    if (!outcome.tried().isEmpty()) {
      out.printf(
          "chosen on %s, %s, %.1f s%n",
          outcome.isOfSecondHalf() ? "the first half of the data" : tuning,
          Wording.count(outcome.tried().size(), "trial"),
          outcome.choosing());
    }
    out.printf(
        "%s of %s predicted, %s%n",
        Wording.count(with.count(), token),
        outcome.isOfSecondHalf() ? "the second half" : "all",
        replaced);
  }

  private String how() {
    boolean isAll = options.learned() == Learned.ALL;
    String numbers = "rate " + plain(outcome.rule().rate());
    if (outcome.rule().decay() > 0) {
      numbers += ", decay " + plain(outcome.rule().decay());
    }
    return "%s, %s, %s a segment, %s"
        .formatted(
            options.rule() == Rule.SGD ? "sgd" : "rms",
            numbers,
            Wording.count(options.segment(), Wording.token(unit)),
            isAll ? "all parameters" : "the readout alone");
  }

  private static String plain(double number) {
    return BigDecimal.valueOf(number).stripTrailingZeros().toPlainString();
  }
}
