package dev.unfold.run.output;

import dev.unfold.data.text.Unit;
import dev.unfold.gradient.Engine;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.Wiring;
import dev.unfold.online.InfluenceWatch;
import dev.unfold.train.Evaluation;
import dev.unfold.train.update.UpdateRule;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.util.Locale;

/// Numbers as people read them.
public final class Wording {
  private Wording() {}

  /// 1,234,567
  public static String count(long count) {
    return "%,d".formatted(count);
  }

  /// `1 layer`, `2 layers`
  public static String count(long count, String noun) {
    return count(count) + " " + noun + (count == 1 ? "" : "s");
  }

  /// `1.5 GB`, `24.0 MB`
  public static String bytes(long bytes) {
    return bytes < 1e9 ? "%.1f MB".formatted(bytes / 1e6) : "%.1f GB".formatted(bytes / 1e9);
  }

  /// A share as `10 %`, `0.5 %`: what was asked for is told as it was.
  public static String percent(double share) {
    BigDecimal percent = new BigDecimal(100 * share).round(new MathContext(4));
    return percent.stripTrailingZeros().toPlainString() + " %";
  }

  /// What one token is called.
  public static String token(Unit unit) {
    return switch (unit) {
      case CHAR -> "character";
      case WORD -> "word";
      case BYTE -> "byte";
    };
  }

  /// `1.7102 nats per character (2.4673 bits, perplexity 5.530)`
  public static String loss(Evaluation evaluation, String unit) {
    return "%.4f nats per %s (%.4f bits, perplexity %.3f)"
        .formatted(evaluation.mean(), unit, evaluation.bitsPerToken(), evaluation.perplexity());
  }

  /// `8.5012 nats per step`
  public static String setLoss(Evaluation evaluation) {
    return "%.4f nats per step".formatted(evaluation.mean());
  }

  /// `1:02:03` or `2:03`
  public static String time(double seconds) {
    Duration time = Duration.ofSeconds(Math.round(seconds));
    return time.toHours() > 0
        ? "%d:%02d:%02d".formatted(time.toHours(), time.toMinutesPart(), time.toSecondsPart())
        : "%d:%02d".formatted(time.toMinutes(), time.toSecondsPart());
  }

  /// What a network has beyond its layers, as `, residual, tied, dropout between=0.5`.
  public static String more(NetworkSpec spec) {
    StringBuilder more = new StringBuilder();
    for (Wiring wiring : Wiring.values()) {
      if (spec.wiring().contains(wiring)) {
        more.append(", ").append(wiring.name().toLowerCase(Locale.ROOT));
      }
    }
    if (!spec.noise().equals(Noise.NONE)) {
      more.append(", dropout ").append(spec.noise().text());
    }
    return more.toString();
  }

  /// How parameters are changed: `adam, lr 0.002`, and what is not as usual.
  public static String rule(UpdateRule rule) {
    UpdateRule usual = UpdateRule.defaults();
    StringBuilder text = new StringBuilder(rule.optimizer().text() + ", lr " + rule.learningRate());
    add("schedule", rule.schedule().text(), usual.schedule().text(), text);
    add("decay", Double.toString(rule.decay()), Double.toString(usual.decay()), text);
    add("clip", rule.clip().text(), usual.clip().text(), text);
    add("accumulate", Integer.toString(rule.accumulation()), "1", text);
    add("average", rule.averaging().text(), usual.averaging().text(), text);
    rule.groups().forEach(group -> text.append(", group ").append(group.text()));
    return text.toString();
  }

  private static void add(String name, String value, String usual, StringBuilder text) {
    if (!value.equals(usual)) {
      text.append(", ").append(name).append(' ').append(value);
    }
  }

  /// How large the influence of an online rule is, to stand behind other numbers.
  public static String influence(InfluenceWatch watch) {
    String limited =
        watch.timesLimited() == 0
            ? ""
            : " (limited %s)".formatted(count(watch.timesLimited(), "time"));
    return "  influence %.3g%s".formatted(watch.norm(), limited);
  }

  /// What memory that is neither for parameters nor for a validation is for.
  public static String propagation(Engine engine) {
    return engine instanceof Engine.Online
        ? "a step and its influence"
        : "back-propagation through time";
  }

  /// How the error is followed back, and what that costs.
  ///
  /// @param time how many times that of keeping all steps
  public static String engine(Engine engine, double time) {
    return switch (engine) {
      case Engine.Full _ -> "all steps kept";
      case Engine.Truncated cut ->
          "window %d, reach %d: about %.2f times the time of no cut"
              .formatted(cut.truncation().window(), cut.truncation().reach(), time);
      case Engine.Budgeted _ ->
          "parts computed again: about %.2f times the time of keeping all steps".formatted(time);
      case Engine.Online online ->
          "%s: gradients come with the steps, an update every %s"
              .formatted(
                  online.rule(),
                  online.updateEvery() == 1 ? "step" : online.updateEvery() + " steps");
    };
  }
}
