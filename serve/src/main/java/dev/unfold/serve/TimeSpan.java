package dev.unfold.serve;

import dev.unfold.argument.Decimal;
import dev.unfold.argument.Refusal;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A time as it is typed: `30m`, `500ms`, `1.5h`, `30d`.
final class TimeSpan {
  private static final Pattern FORM = Pattern.compile("([0-9.]+)(ms|s|m|h|d)");
  private static final double MILLIS = 1e6;

  private TimeSpan() {}

  /// **Errors**: [Refusal] of `option` if it is none above 0, or one of more than 100,000 days.
  static Duration parse(String option, String text) {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches() || Decimal.parse(matcher.group(1)).isEmpty()) {
      throw wrong(option, text);
    }
    double unit =
        switch (matcher.group(2)) {
          case "ms" -> 0.001;
          case "s" -> 1;
          case "m" -> 60;
          case "h" -> 3600;
          default -> 86_400;
        };
    double seconds = Decimal.parse(matcher.group(1)).getAsDouble() * unit;
    if (!(seconds >= 0.001) || seconds > 100_000 * 86_400.0) {
      throw wrong(option, text);
    }
    return Duration.ofNanos(Math.round(seconds * 1000) * (long) MILLIS);
  }

  private static Refusal wrong(String option, String text) {
    return new Refusal(option, "a time such as 500ms, 30s, 30m, 2h or 30d", text);
  }
}
