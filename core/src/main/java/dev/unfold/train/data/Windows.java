package dev.unfold.train.data;

import dev.unfold.argument.Clause;
import dev.unfold.argument.Decimal;
import dev.unfold.argument.Refusal;
import dev.unfold.argument.Term;
import java.util.OptionalInt;

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

  private static final String AUTO = "auto";

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
    Clause read = Clause.headed("steps", EXPECTED, text);
    Term term = Term.parse(read.head());
    boolean isAuto = term.word().equals(AUTO);
    double number = term.number().orElse(0);
    double most = isAuto ? read.number("most", MOST) : number;
    boolean isKnown = isAuto || (term.word().isEmpty() && read.parts().isEmpty());
    boolean isAlone = read.parts().stream().allMatch(part -> part.name().equals("most"));
    OptionalInt whole = Decimal.whole(most);
    if (!isKnown || !isAlone || !(number > 0) || whole.orElse(0) < 1) {
      throw refusal(text);
    }
    return new Windows(whole.getAsInt(), isAuto ? number : 0);
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
    return isAdaptive()
        ? Clause.of(Term.of(AUTO, tolerance).text()).with("most", most).text()
        : Integer.toString(most);
  }
}
