package dev.unfold.serve.predict;

import dev.unfold.argument.Refusal;
import dev.unfold.data.table.DateOrder;
import dev.unfold.data.table.TableOptions;
import dev.unfold.serve.json.Fields;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/// What is said behind `?` about how a table is written: what the options of the same names say at the command line.
/// What is not said is found.
final class TableParameters {
  private final Function<String, Optional<String>> parameters;

  private TableParameters(Function<String, Optional<String>> parameters) {
    this.parameters = parameters;
  }

  /// Reads them.
  ///
  /// @param parameters gives the text of each
  ///
  /// **Errors**: [Refusal] that names what cannot be used.
  static TableOptions of(Function<String, Optional<String>> parameters) {
    return new TableParameters(parameters).options();
  }

  private TableOptions options() {
    TableOptions options =
        TableOptions.defaults()
            .withEncoding(encoding())
            .withMissing(new LinkedHashSet<>(list("na")))
            .withNames(list("names"));
    Optional<Character> delimiter = text("delimiter").map(own -> sign("delimiter", own));
    if (delimiter.isPresent()) {
      options = options.withDelimiter(delimiter.get());
    }
    Optional<Character> quote =
        text("quote").map(own -> own.equals("none") ? TableOptions.NO_QUOTE : sign("quote", own));
    if (quote.isPresent()) {
      options = options.withQuote(quote.get());
    }
    Optional<Character> decimal = text("decimal").map(own -> sign("decimal", own));
    if (decimal.isPresent()) {
      options = options.withDecimal(decimal.get());
    }
    Optional<DateOrder> dates = text("dates").map(TableParameters::order);
    return dates.isPresent() ? options.withDates(dates.get()) : options;
  }

  private Optional<String> text(String name) {
    return parameters.apply(name);
  }

  private List<String> list(String name) {
    return text(name).map(own -> List.of(own.split(",", -1))).orElse(List.of());
  }

  private Charset encoding() {
    String name = text("encoding").orElse("UTF-8");
    try {
      return Charset.forName(name);
    } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
      throw new Refusal(
          "encoding", "a name such as UTF-8, ISO-8859-1 or windows-1252", Fields.shown(name), e);
    }
  }

  private static char sign(String name, String text) {
    if (text.equals("tab")) {
      return '\t';
    }
    if (text.length() != 1) {
      throw new Refusal(name, "one character", Fields.shown(text));
    }
    return text.charAt(0);
  }

  private static DateOrder order(String text) {
    return Stream.of(DateOrder.values())
        .filter(order -> order.text().equals(text))
        .findFirst()
        .orElseThrow(() -> new Refusal("dates", "day-first or month-first", Fields.shown(text)));
  }
}
