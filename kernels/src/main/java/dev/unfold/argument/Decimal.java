package dev.unfold.argument;

import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.regex.Pattern;

/// A number as people write it in an option: `3`, `-0.5`, `.5`, `1e-3`.
///
/// [Double#parseDouble] takes more than that: `1f`, `0x1p3`, blanks around it, and `1e400` as infinity.
public final class Decimal {
  private static final Pattern FORM =
      Pattern.compile(
          "[+-]?(?:[0-9]{1,400}\\.?[0-9]{0,400}|\\.[0-9]{1,400})(?:[eE][+-]?[0-9]{1,9})?");

  private static final Pattern ZERO = Pattern.compile("[+-]?[0.]+(?:[eE].*)?");

  private Decimal() {}

  /// The number; empty if it is none, or none that a double can hold: `1e400` and `1e-400` are too far from 1.
  public static OptionalDouble parse(String text) {
    if (!FORM.matcher(text).matches()) {
      return OptionalDouble.empty();
    }
    double number = Double.parseDouble(text);
    boolean held = Double.isFinite(number) && (number != 0 || ZERO.matcher(text).matches());
    return held ? OptionalDouble.of(number) : OptionalDouble.empty();
  }

  /// The same number as a whole one; empty if it has a fraction, or an int cannot hold it.
  public static OptionalInt whole(double number) {
    int whole = (int) number;
    return whole == number ? OptionalInt.of(whole) : OptionalInt.empty();
  }
}
