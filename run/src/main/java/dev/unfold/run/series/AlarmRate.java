package dev.unfold.run.series;

import dev.unfold.argument.Decimal;
import dev.unfold.argument.Refusal;
import dev.unfold.data.profile.Frequency;
import dev.unfold.data.profile.FrequencyUnit;

/// How many false alarms are put up with: a number in a time, for each series.
///
/// @param alarms how many, above 0
/// @param unit `hour`, `day`, `week`, `month`, `year`, or a number of steps
public record AlarmRate(double alarms, String unit) {
  private static final double MOST = 1.0 / (2 * Score.MERGED + 1);
  private static final double MINUTE = 60;
  private static final double HOUR = 3600;
  private static final double DAY = 24 * HOUR;
  private static final double YEAR = 365.25 * DAY;

  /// Checks the number and the unit.
  public AlarmRate {
    if (!(alarms > 0 && alarms < Double.POSITIVE_INFINITY) || !(length(unit) > 0)) {
      throw refusal(alarms + "/" + unit);
    }
  }

  /// The one that `text` says: `1/week`, `0.5/day`, `1/1000` for one in a thousand steps.
  ///
  /// **Errors**: [Refusal] if it says none.
  public static AlarmRate parse(String text) {
    int slash = text.indexOf('/');
    double alarms = slash < 0 ? -1 : Decimal.parse(text.substring(0, slash)).orElse(-1.0);
    if (slash < 0 || !(alarms > 0)) {
      throw refusal(text);
    }
    return new AlarmRate(alarms, text.substring(slash + 1));
  }

  private static Refusal refusal(String text) {
    return new Refusal(
        "alarms",
        "a number an hour, day, week, month or year, or in so many steps, such as 1/week"
            + " or 1/1000",
        text);
  }

  /// Seconds; of steps their number; 0 if it is none.
  private static double length(String unit) {
    return switch (unit) {
      case "hour" -> HOUR;
      case "day" -> DAY;
      case "week" -> 7 * DAY;
      case "month" -> YEAR / 12;
      case "year" -> YEAR;
      default -> Math.max(0, Decimal.parse(unit).orElse(0));
    };
  }

  /// How many alarms a step may give.
  ///
  /// **Errors**: [Refusal] for a time if steps have none, and for more than one alarm in 25 steps, which
  /// would run into one another.
  double perStep(Frequency frequency) {
    boolean isOfSteps = Decimal.parse(unit).isPresent();
    if (!isOfSteps && frequency.unit() == FrequencyUnit.ORDER) {
      throw new Refusal(
          "alarms", "a number in so many steps, such as 1/1000, since they have no times", text());
    }
    double rate = alarms / length(unit) * (isOfSteps ? 1 : seconds(frequency));
    if (!(rate <= MOST)) {
      throw new Refusal("alarms", "at most one in 25 steps", text());
    }
    return rate;
  }

  private static double seconds(Frequency frequency) {
    double unit =
        switch (frequency.unit()) {
          case MICROSECOND, IRREGULAR -> 1e-6;
          case SECOND -> 1;
          case MINUTE -> MINUTE;
          case HOUR -> HOUR;
          case DAY -> DAY;
          case BUSINESS_DAY -> 7 * DAY / 5;
          case WEEK -> 7 * DAY;
          case MONTH -> YEAR / 12;
          case QUARTER -> YEAR / 4;
          case YEAR -> YEAR;
          case ORDER, UNKNOWN -> 1;
        };
    return unit * frequency.count();
  }

  /// As people write it.
  public String text() {
    String number = alarms == Math.rint(alarms) ? Long.toString((long) alarms) : alarms + "";
    return number + "/" + unit;
  }
}
