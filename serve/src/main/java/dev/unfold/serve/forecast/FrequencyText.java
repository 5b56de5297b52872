package dev.unfold.serve.forecast;

import dev.unfold.argument.Refusal;
import dev.unfold.data.profile.Frequency;
import dev.unfold.data.profile.FrequencyUnit;
import dev.unfold.serve.json.Fields;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Frequencies as requests say them: `hour` or `H`, and with a number before it for those that the contract has no name
/// for, `15 minutes` or `15T`.
final class FrequencyText {
  private static final Pattern TEXT = Pattern.compile("([0-9]{1,9})? ?([A-Za-z ]{1,20})");

  /// What a unit is called, and how many of another it is.
  private record Name(String word, String letter, FrequencyUnit unit, long count) {}

  private static final List<Name> NAMES =
      List.of(
          new Name("microsecond", "us", FrequencyUnit.MICROSECOND, 1),
          new Name("millisecond", "ms", FrequencyUnit.MICROSECOND, 1000),
          new Name("second", "S", FrequencyUnit.SECOND, 1),
          new Name("minute", "T", FrequencyUnit.MINUTE, 1),
          new Name("hour", "H", FrequencyUnit.HOUR, 1),
          new Name("day", "D", FrequencyUnit.DAY, 1),
          new Name("business day", "B", FrequencyUnit.BUSINESS_DAY, 1),
          new Name("week", "W", FrequencyUnit.WEEK, 1),
          new Name("month", "M", FrequencyUnit.MONTH, 1),
          new Name("quarter", "Q", FrequencyUnit.QUARTER, 1),
          new Name("year", "Y", FrequencyUnit.YEAR, 1));

  private FrequencyText() {}

  /// Checks that a text means the frequency of a model. Where steps of the model have no times, any does.
  ///
  /// **Errors**: [Refusal] that has the model's.
  static void expect(String argument, String text, Frequency frequency) {
    boolean fits =
        frequency.unit() == FrequencyUnit.ORDER
            || parse(text).filter(own -> normal(own).equals(normal(frequency))).isPresent();
    if (!fits) {
      throw new Refusal(argument, text(frequency) + ", as the model has it", Fields.shown(text));
    }
  }

  private static Optional<Frequency> parse(String text) {
    Matcher matcher = TEXT.matcher(text.strip());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long count = matcher.group(1) == null ? 1 : Long.parseLong(matcher.group(1));
    String word = matcher.group(2).strip();
    return NAMES.stream()
        .filter(name ->
            name.letter.equals(word) || name.word.equals(word) || (name.word + "s").equals(word))
        .findFirst()
        .map(name -> new Frequency(name.unit, name.count * count));
  }

  /// The same in the longest unit that it is a whole number of.
  private static Frequency normal(Frequency of) {
    long count = of.count();
    return switch (of.unit()) {
      case MICROSECOND -> count % 1_000_000 == 0 && count > 0 ? seconds(count / 1_000_000) : of;
      case SECOND -> seconds(count);
      case MINUTE -> seconds(60 * count);
      case HOUR -> seconds(3600 * count);
      case WEEK -> new Frequency(FrequencyUnit.DAY, 7 * count);
      case QUARTER -> new Frequency(FrequencyUnit.MONTH, 3 * count);
      case YEAR -> new Frequency(FrequencyUnit.MONTH, 12 * count);
      default -> of;
    };
  }

  private static Frequency seconds(long count) {
    return new Frequency(FrequencyUnit.SECOND, count);
  }

  /// As a request would say it: `hour`, `15 minutes`.
  static String text(Frequency frequency) {
    for (Name name : NAMES) {
      if (name.unit == frequency.unit() && frequency.count() == name.count) {
        return name.word;
      }
    }
    return frequency.text().replaceFirst("^every ", "");
  }
}
