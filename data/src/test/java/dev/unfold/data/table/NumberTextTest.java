package dev.unfold.data.table;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class NumberTextTest {
  private static Reading reading(String text) {
    return NumberText.reading(text.toCharArray(), 0, text.length());
  }

  private static double parse(String text, char decimal) {
    return NumberText.parse(text.toCharArray(), 0, text.length(), decimal);
  }

  @Test
  void reading_ofEachForm_isItsKind() {
    Map<String, Reading> cases =
        Map.ofEntries(
            Map.entry("12", Reading.WHOLE),
            Map.entry("-0", Reading.WHOLE),
            Map.entry("1.", Reading.FRACTION),
            Map.entry(".5", Reading.FRACTION),
            Map.entry("1e-3", Reading.FRACTION),
            Map.entry("1.234", Reading.FRACTION),
            Map.entry("1,5", Reading.COMMA),
            Map.entry("0,123", Reading.COMMA),
            Map.entry("1234,567", Reading.COMMA),
            Map.entry("1,5e3", Reading.COMMA),
            Map.entry("-1,234", Reading.COMMA_OR_THOUSANDS),
            Map.entry("1,234,567", Reading.THOUSANDS),
            Map.entry("1,234.5", Reading.THOUSANDS),
            Map.entry("12.345,6", Reading.THOUSANDS),
            Map.entry("1 000", Reading.THOUSANDS),
            Map.entry("1,23,456", Reading.OTHER),
            Map.entry("1.2.3", Reading.OTHER),
            Map.entry(".", Reading.OTHER),
            Map.entry("-", Reading.OTHER),
            Map.entry("1e", Reading.OTHER),
            Map.entry("e5", Reading.OTHER),
            Map.entry("0x10", Reading.OTHER),
            Map.entry("1f", Reading.OTHER),
            Map.entry("INF", Reading.INFINITE),
            Map.entry("12 kg", Reading.OTHER));
    cases.forEach((text, expected) -> assertEquals(expected, reading(text), text));
  }

  @Test
  void parse_ofRandomNumbers_isWhatJavaReads() {
    long seed = 5;
    System.out.println("NumberTextTest: seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 20_000; i++) {
      String text =
          switch (i % 4) {
            case 0 -> Double.toString(random.nextDouble(-1e9, 1e9));
            case 1 ->
                new BigDecimal(random.nextLong()).movePointLeft(random.nextInt(25)).toPlainString();
            case 2 -> Double.toString(Double.longBitsToDouble(random.nextLong() & ~(1L << 62)));
            default -> BigDecimal.valueOf(random.nextInt(), random.nextInt(12)).toPlainString();
          };
      assertEquals(Double.parseDouble(text), parse(text, '.'), text);
      assertEquals(Double.parseDouble(text), parse(text.replace('.', ','), ','), text);
    }
  }

  /// Numbers of up to 18 digits as near as that to the middle between two doubles, and those middles themselves.
  @Test
  void parse_nearTheMiddleOfTwoDoubles_isWhatJavaReads() {
    long seed = 6;
    System.out.println("NumberTextTest: seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 20_000; i++) {
      double one = Math.scalb(1 + random.nextDouble(), random.nextInt(-40, 60));
      if (i % 10 == 0) {
        one = Math.scalb(1.0, random.nextInt(-40, 60));
      }
      double other = i % 3 == 0 ? Math.nextDown(one) : Math.nextUp(one);
      BigDecimal middle =
          new BigDecimal(one)
              .add(new BigDecimal(other))
              .divide(BigDecimal.valueOf(2))
              .round(new MathContext(16 + random.nextInt(3), RoundingMode.HALF_EVEN));
      for (int step = -1; step <= 1; step++) {
        BigDecimal near = middle.add(middle.ulp().multiply(BigDecimal.valueOf(step)));
        for (String text : List.of(near.toPlainString(), near.toString(), "-" + near)) {
          assertEquals(Double.parseDouble(text), parse(text, '.'), text);
        }
      }
    }
    for (String text :
        List.of(
            "9007199254740993",
            "9007199254740992.5",
            "9007199254740993.0",
            "0.500000000000000111",
            "1e22",
            "1e23",
            "123456789e-22",
            "-0e99",
            "-0.0",
            "1E+05",
            "9e99999999",
            "1e-400",
            "999999999999999999e-22")) {
      assertEquals(Double.parseDouble(text), parse(text, '.'), text);
    }
  }
}
