package dev.unfold.cli.report;

import dev.unfold.data.text.Unit;
import dev.unfold.run.output.Json;
import dev.unfold.run.output.Wording;
import dev.unfold.run.task.TextCache;
import dev.unfold.train.Evaluation;
import java.io.PrintWriter;
import java.util.Locale;

/// Tells what a neural cache is worth.
///
/// @param model its file
/// @param unit of its tokens
/// @param size N, steps that are remembered
/// @param tuning the file that was chosen on; empty for the first half of the data
/// @param isLearning whether the network learns meanwhile
public record CacheReport(
    String model,
    Unit unit,
    int size,
    TextCache.Outcome outcome,
    String tuning,
    boolean isLearning) {
  private record Line(
      String model,
      String unit,
      long tokens,
      String part,
      int cache,
      double share,
      double sharpness,
      double natsPerToken,
      double bitsPerToken,
      Double perplexity,
      double seconds,
      String beside,
      double besideNatsPerToken,
      double besideSeconds,
      double choosingSeconds) {}

  /// One object.
  public void json(PrintWriter out) {
    Evaluation with = outcome.with().evaluation();
    Json.print(
        out,
        new Line(
            model,
            unit.name().toLowerCase(Locale.ROOT),
            with.count(),
            outcome.isOfSecondHalf() ? "second half" : "all",
            size,
            outcome.setting().share(),
            outcome.setting().sharpness(),
            with.mean(),
            with.bitsPerToken(),
            Json.finite(with.perplexity()),
            outcome.with().seconds(),
            isLearning ? "learning" : "nothing",
            outcome.without().evaluation().mean(),
            outcome.without().seconds(),
            outcome.choosing()));
  }

  /// Lines for people.
  public void print(PrintWriter out) {
    String token = Wording.token(unit);
    Evaluation with = outcome.with().evaluation();
    double gain = with.mean() - outcome.without().evaluation().mean();
    if (!isLearning) {
      out.printf("without a cache:  %s%n", Wording.loss(outcome.without().evaluation(), token));
    }
    out.printf("with a cache:     %s%n", Wording.loss(with, token));
    out.printf(
        "%+.4f nats, %+.1f %% of the perplexity%s, %.1f s after %.1f s without%n",
        gain,
        100 * Math.expm1(gain),
        isLearning ? " with learning alone" : "",
        outcome.with().seconds(),
        outcome.without().seconds());
    out.printf(
        "cache of %s: a share of %s, sharpness %s, chosen on %s, %.1f s%n",
        Wording.count(size, token),
        outcome.setting().share(),
        outcome.setting().sharpness(),
        tuning.isEmpty() ? "the first half of the data" : tuning,
        outcome.choosing());
  }
}
