package dev.unfold.serve.predict;

import dev.unfold.argument.Decimal;
import dev.unfold.argument.Refusal;
import dev.unfold.data.table.TableOptions;
import dev.unfold.serve.json.Fields;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/// What is said behind `?` of a request.
///
/// @param history values before a forecast that are told with it
/// @param paths drawn step by step by a model of steps; 0 for none
/// @param ahead how many steps those go on
/// @param seed of those
/// @param top classes that are told, at most
/// @param threshold how likely they have to be
/// @param isLabelled whether the rows have labels, which are left out
/// @param table how a table is written
public record PredictOptions(
    int history,
    int paths,
    int ahead,
    long seed,
    int top,
    double threshold,
    boolean isLabelled,
    TableOptions table) {
  private static final int MOST_HISTORY = 10_000;
  private static final int MOST_PATHS = 10_000;
  private static final int MOST_AHEAD = 10_000;
  private static final int MOST_TOP = 100;

  /// Reads them.
  ///
  /// @param parameters gives the text of each
  ///
  /// **Errors**: [Refusal] that names what cannot be used.
  public static PredictOptions of(Function<String, Optional<String>> parameters) {
    Numbers numbers = new Numbers(parameters);
    int paths = (int) numbers.whole("paths", 0, 0, MOST_PATHS);
    if (paths == 0 && parameters.apply("ahead").isPresent()) {
      throw new Refusal("ahead", "paths beside it", "none");
    }
    return new PredictOptions(
        (int) numbers.whole("history", 0, 0, MOST_HISTORY),
        paths,
        (int) numbers.whole("ahead", 1, 1, MOST_AHEAD),
        numbers.whole("seed", 0, Long.MIN_VALUE, Long.MAX_VALUE),
        (int) numbers.whole("top", 1, 1, MOST_TOP),
        numbers.share("threshold"),
        numbers.flag("labelled"),
        TableParameters.of(parameters));
  }

  private record Numbers(Function<String, Optional<String>> parameters) {
    long whole(String name, long usual, long least, long most) {
      Optional<String> text = parameters.apply(name);
      if (text.isEmpty()) {
        return usual;
      }
      boolean isThere = text.get().matches("-?[0-9]{1,18}");
      long value = isThere ? Long.parseLong(text.get()) : 0;
      if (!isThere || value < least || value > most) {
        throw new Refusal(
            name,
            "a whole number from %,d to %,d".formatted(least, most),
            Fields.shown(text.get()));
      }
      return value;
    }

    double share(String name) {
      Optional<String> text = parameters.apply(name);
      OptionalDouble value = text.map(Decimal::parse).orElseGet(OptionalDouble::empty);
      boolean isRight =
          text.isEmpty()
              || (value.isPresent() && value.getAsDouble() >= 0 && value.getAsDouble() <= 1);
      if (!isRight) {
        throw new Refusal(name, "a probability from 0 to 1", Fields.shown(text.get()));
      }
      return value.orElse(0);
    }

    boolean flag(String name) {
      Optional<String> text = parameters.apply(name);
      return text.isPresent()
          && switch (text.get()) {
            case "true" -> true;
            case "false" -> false;
            default -> throw new Refusal(name, "true or false", Fields.shown(text.get()));
          };
    }
  }
}
