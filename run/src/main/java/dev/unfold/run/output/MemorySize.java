package dev.unfold.run.output;

import dev.unfold.argument.Decimal;
import dev.unfold.argument.Refusal;
import java.util.Locale;

/// An amount of memory as a user writes it: `64MB`, `1.5GiB`, `800000`, or `5%` of what keeping everything takes.
///
/// @param number how many of the unit
/// @param unit in bytes; 0 for percent
public record MemorySize(double number, double unit) {
  /// What a number is written with here.
  private static final String NUMBER = "0123456789.";

  /// **Errors**: [IllegalArgumentException] if it is no amount of memory above 0.
  public static MemorySize parse(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    if (!text.equals(text.strip())) {
      throw wrong(text);
    }
    int end = 0;
    while (end < lower.length() && NUMBER.indexOf(lower.charAt(end)) >= 0) {
      end++;
    }
    double number = Decimal.parse(lower.substring(0, end)).orElseThrow(() -> wrong(text));
    double unit =
        switch (lower.substring(end).stripLeading()) {
          case "%" -> 0;
          case "", "b" -> 1;
          case "kb" -> 1e3;
          case "mb" -> 1e6;
          case "gb" -> 1e9;
          case "kib" -> 1L << 10;
          case "mib" -> 1L << 20;
          case "gib" -> 1L << 30;
          default -> throw wrong(text);
        };
    MemorySize size = new MemorySize(number, unit);
    if (!(size.number > 0) || size.number * unit > Long.MAX_VALUE / 2.0) {
      throw wrong(text);
    }
    return size;
  }

  private static Refusal wrong(String text) {
    return new Refusal("memory", "an amount such as 64MB, 1.5GiB or 5%", text);
  }

  /// The bytes, if all is `whole` bytes.
  public long bytes(long whole) {
    return Math.max(1, (long) (unit == 0 ? number / 100 * whole : number * unit));
  }
}
