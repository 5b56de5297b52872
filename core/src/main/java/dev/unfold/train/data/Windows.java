package dev.unfold.train.data;

import dev.unfold.argument.Decimal;
import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// How long the windows are that a text is learned in: always T steps, or as many as a gradient within a tolerance
/// needs.
///
/// As text: `64`; `auto:0.1`; `auto:0.1,most=256`.
///
/// @param most T, the most steps of a window
/// @param tolerance the relative error of the gradient that shorter windows may have ([AdaptiveText]); 0 for windows of
/// T
public record Windows(int most, double tolerance) {
  /// T where only a tolerance is given.
  private static final int MOST = 128;

  private static final Pattern AUTO = Pattern.compile("auto:([^,]*)(?:,most=([0-9]{1,9}))?");

  private static final String EXPECTED =
      "T of 1 or more, auto:X or auto:X,most=T with a tolerance X above 0";

  /// Checks the ranges.
  public Windows {
    if (most < 1 || !(tolerance >= 0) || Double.isInfinite(tolerance)) {
      throw refusal(most + (tolerance == 0 ? "" : " and " + tolerance));
    }
  }

  /// Windows of T = `steps`.
  public static Windows of(int steps) {
    return new Windows(steps, 0);
  }

  /// What `text` says.
  ///
  /// **Errors**: [IllegalArgumentException] if it says nothing that can be.
  public static Windows parse(String text) {
    try {
      Matcher auto = AUTO.matcher(Expect.given("steps", text));
      if (!auto.matches()) {
        return of(Integer.parseInt(text));
      }
      double tolerance = Decimal.parse(auto.group(1)).orElse(0);
      if (!(tolerance > 0)) {
        throw refusal(text);
      }
      return new Windows(auto.group(2) == null ? MOST : Integer.parseInt(auto.group(2)), tolerance);
    } catch (NumberFormatException e) {
      throw refusal(text);
    }
  }

  private static Refusal refusal(String got) {
    return new Refusal("steps", EXPECTED, got);
  }

  /// Whether they follow the measured error of shorter windows.
  public boolean isAdaptive() {
    return tolerance > 0;
  }

  /// As [#parse] reads it.
  public String text() {
    return isAdaptive() ? "auto:" + tolerance + ",most=" + most : Integer.toString(most);
  }
}
