package dev.unfold.data.table;

import java.util.HashSet;
import java.util.Set;

/// Numbers as files write them.
final class NumberText {
  /// The largest power of ten that a double holds exactly.
  private static final int LARGEST_POWER = 22;

  /// Powers of ten that a double holds exactly.
  private static final double[] POWERS = new double[LARGEST_POWER + 1];

  static {
    POWERS[0] = 1;
    for (int i = 1; i < POWERS.length; i++) {
      POWERS[i] = POWERS[i - 1] * 10;
    }
  }

  /// Up to which a double holds all whole numbers.
  private static final long EXACT = 1L << 53;

  /// The most digits that a long holds, whatever they are, from the first that is not 0 on.
  private static final int MOST_DIGITS = 18;

  /// A power of ten for which nothing is exact.
  private static final int TOO_LARGE = 1_000_000;

  private NumberText() {}

  /// What a text is among numbers; [Reading#OTHER] if it is none.
  static Reading reading(char[] c, int from, int to) {
    int i = from;
    if (i < to && (c[i] == '-' || c[i] == '+')) {
      i++;
    }
    int start = i;
    i = digits(c, i, to);
    int before = i - start;
    if (i == to) {
      return before > 0 ? Reading.WHOLE : Reading.OTHER;
    }
    char sign = c[i];
    if (before == 0 && sign != '.' && sign != ',') {
      return infinite(c, i, to);
    }
    if (sign == '.' || sign == ',') {
      int fraction = ++i;
      i = digits(c, i, to);
      int after = i - fraction;
      if (before + after == 0) {
        return Reading.OTHER;
      }
      if (i == to) {
        if (sign == '.') {
          return Reading.FRACTION;
        }
        boolean grouped = after == 3 && before >= 1 && before <= 3 && c[start] != '0';
        return grouped ? Reading.COMMA_OR_THOUSANDS : Reading.COMMA;
      }
      if (c[i] != 'e' && c[i] != 'E') {
        return thousands(c, start, to);
      }
    }
    if (c[i] == 'e' || c[i] == 'E') {
      return exponent(c, from, i, to, sign == ',');
    }
    return thousands(c, start, to);
  }

  private static Reading exponent(char[] c, int from, int at, int to, boolean hasComma) {
    int i = at + 1;
    if (i < to && (c[i] == '-' || c[i] == '+')) {
      i++;
    }
    if (i == to || digits(c, i, to) != to || to - i > 9) {
      return Reading.OTHER;
    }
    if (Double.isInfinite(parse(c, from, to, hasComma ? ',' : '.'))) {
      return Reading.INFINITE;
    }
    return hasComma ? Reading.COMMA : Reading.FRACTION;
  }

  private static int digits(char[] c, int from, int to) {
    int i = from;
    while (i < to && c[i] >= '0' && c[i] <= '9') {
      i++;
    }
    return i;
  }

  private static Reading infinite(char[] c, int from, int to) {
    if (to - from != 3 && to - from != 8) {
      return Reading.OTHER;
    }
    String word = new String(c, from, to - from);
    return word.equalsIgnoreCase("inf") || word.equalsIgnoreCase("infinity")
        ? Reading.INFINITE
        : Reading.OTHER;
  }

  /// Groups of three digits with one sign between them, and perhaps a fraction behind another.
  private static Reading thousands(char[] c, int start, int to) {
    int i = digits(c, start, to);
    if (i == start || i - start > 3 || i == to) {
      return Reading.OTHER;
    }
    char sign = c[i];
    if (sign != ','
        && sign != '.'
        && sign != '\''
        && sign != '\u2019'
        && sign != ' '
        && sign != '\u00A0'
        && sign != '\u202F') {
      return Reading.OTHER;
    }
    while (i < to && c[i] == sign) {
      int next = digits(c, i + 1, to);
      if (next - i != 4) {
        return Reading.OTHER;
      }
      i = next;
    }
    if (i < to && (c[i] == '.' || c[i] == ',')) {
      i = digits(c, i + 1, to);
    }
    return i == to ? Reading.THOUSANDS : Reading.OTHER;
  }

  /// Those of `texts` that are numbers.
  static Set<Double> numbers(Set<String> texts) {
    Set<Double> numbers = new HashSet<>();
    for (String text : texts) {
      char[] c = text.toCharArray();
      Reading reading = reading(c, 0, c.length);
      if (reading == Reading.WHOLE || reading == Reading.FRACTION) {
        numbers.add(parse(c, 0, c.length, '.'));
      }
    }
    return numbers;
  }

  /// The number that a text is.
  ///
  /// @param decimal its decimal sign
  static double parse(char[] c, int from, int to, char decimal) {
    int i = from;
    boolean isNegative = c[i] == '-';
    if (isNegative || c[i] == '+') {
      i++;
    }
    long mantissa = 0;
    int digits = 0;
    int scale = 0;
    boolean isFraction = false;
    for (; i < to; i++) {
      char d = c[i];
      if (d >= '0' && d <= '9') {
        if (digits == MOST_DIGITS) {
          return slow(c, from, to);
        }
        mantissa = 10 * mantissa + (d - '0');
        digits += mantissa == 0 ? 0 : 1;
        scale -= isFraction ? 1 : 0;
      } else if (d == decimal && !isFraction) {
        isFraction = true;
      } else if (d == 'e' || d == 'E') {
        scale += power(c, i + 1, to);
        break;
      } else {
        return slow(c, from, to);
      }
    }
    double number = scaled(mantissa, scale);
    if (Double.isNaN(number)) {
      return slow(c, from, to);
    }
    return isNegative ? -number : number;
  }

  /// What stands behind an e; a number too large for [#scaled] if it has many digits or is none.
  private static int power(char[] c, int from, int to) {
    boolean isNegative = from < to && c[from] == '-';
    int start = isNegative || (from < to && c[from] == '+') ? from + 1 : from;
    if (start == to || to - start > 4 || digits(c, start, to) != to) {
      return TOO_LARGE;
    }
    int power = 0;
    for (int i = start; i < to; i++) {
      power = 10 * power + (c[i] - '0');
    }
    return isNegative ? -power : power;
  }

  /// The double nearest to mantissa * 10^scale; NaN where a few operations do not tell.
  private static double scaled(long mantissa, int scale) {
    if (scale < -LARGEST_POWER || scale > LARGEST_POWER) {
      return Double.NaN;
    }
    if (mantissa <= EXACT) {
      // Both are held exactly, so that one operation rounds to the nearest double.
      return scale < 0 ? mantissa / POWERS[-scale] : mantissa * POWERS[scale];
    }
    return scale > 0 ? Double.NaN : quotient(mantissa, POWERS[-scale]);
  }

  /// The same of a mantissa of two doubles, high + low: the quotient of the first leaves a remainder that is held
  /// exactly, and what that and the second add to it is off by less than 2^-50 of itself. If more than that makes no
  /// difference to the sum, the sum is the nearest double.
  private static double quotient(long mantissa, double divisor) {
    double high = mantissa;
    double low = mantissa - (long) high;
    double quotient = high / divisor;
    double rest = (Math.fma(-quotient, divisor, high) + low) / divisor;
    double doubt = rest * 0x1p-45;
    double number = quotient + (rest + doubt);
    return number == quotient + (rest - doubt) ? number : Double.NaN;
  }

  private static double slow(char[] c, int from, int to) {
    return Double.parseDouble(new String(c, from, to - from).replace(',', '.'));
  }
}
