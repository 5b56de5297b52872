package dev.unfold.data.table;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// What is said about a table beforehand; the rest is found.
///
/// @param delimiter what stands between two values; found if empty
/// @param quote what stands around a value that holds delimiters or line breaks, 0 for nothing; found if empty
/// @param decimal point or comma; found if empty
/// @param dates the order in dates such as 03/04/2025; found if empty
/// @param missing texts that mean that there is no value, beside [#MISSING]
/// @param names the columns' names, for files whose first line is a row already; none if it has the names
/// @param encoding of the characters
/// @param shape how series are laid out
public record TableOptions(
    Optional<Character> delimiter,
    Optional<Character> quote,
    Optional<Character> decimal,
    Optional<DateOrder> dates,
    Set<String> missing,
    List<String> names,
    Charset encoding,
    TableShape shape) {
  /// Texts that always mean that there is no value, as does an empty one.
  public static final Set<String> MISSING = Set.of("NA", "NaN", "nan", "?");

  /// The quote of a file in which nothing is one.
  public static final char NO_QUOTE = 0;

  private static final TableOptions DEFAULTS =
      new TableOptions(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Set.of(),
          List.of(),
          StandardCharsets.UTF_8,
          TableShape.LONG);

  /// **Errors**: a [Refusal] of a delimiter, quote or decimal sign that cannot be one.
  public TableOptions {
    delimiter.ifPresent(c -> separating("delimiter", c));
    quote.filter(c -> c != NO_QUOTE).ifPresent(c -> separating("quote", c));
    decimal.ifPresent(TableOptions::decimal);
    if (delimiter.isPresent() && delimiter.equals(quote)) {
      throw new Refusal("quote", "another character than the delimiter", quote.get());
    }
    missing = Set.copyOf(missing);
    names = List.copyOf(names);
    Expect.given("encoding", encoding);
    Expect.given("shape", shape);
  }

  private static void separating(String argument, char c) {
    boolean isControl = c < ' ' && c != '\t';
    if (Character.isLetterOrDigit(c) || isControl || Character.isSurrogate(c)) {
      throw new Refusal(argument, "a sign that is no letter, digit or line break", c);
    }
  }

  private static void decimal(char c) {
    if (c != '.' && c != ',') {
      throw new Refusal("decimal", "a point or a comma", c);
    }
  }

  /// Nothing said: UTF-8, and the rest is found.
  public static TableOptions defaults() {
    return DEFAULTS;
  }

  public TableOptions withDelimiter(char c) {
    return new TableOptions(Optional.of(c), quote, decimal, dates, missing, names, encoding, shape);
  }

  public TableOptions withQuote(char c) {
    return new TableOptions(
        delimiter, Optional.of(c), decimal, dates, missing, names, encoding, shape);
  }

  public TableOptions withDecimal(char c) {
    return new TableOptions(
        delimiter, quote, Optional.of(c), dates, missing, names, encoding, shape);
  }

  public TableOptions withDates(DateOrder order) {
    return new TableOptions(
        delimiter, quote, decimal, Optional.of(order), missing, names, encoding, shape);
  }

  public TableOptions withMissing(Set<String> texts) {
    return new TableOptions(delimiter, quote, decimal, dates, texts, names, encoding, shape);
  }

  public TableOptions withNames(List<String> columns) {
    return new TableOptions(delimiter, quote, decimal, dates, missing, columns, encoding, shape);
  }

  public TableOptions withEncoding(Charset charset) {
    return new TableOptions(delimiter, quote, decimal, dates, missing, names, charset, shape);
  }

  public TableOptions withShape(TableShape layout) {
    return new TableOptions(delimiter, quote, decimal, dates, missing, names, encoding, layout);
  }
}
