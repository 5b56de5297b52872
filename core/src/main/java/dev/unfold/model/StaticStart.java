package dev.unfold.model;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Sizes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Lets sequences start from what never changes in them, and not from zeros: each state of each layer and direction is
///
///     s_0 = W x + b
///
/// with x what comes in of those columns at a sequence's first step, P numbers. They are the last of the numbers and
/// the last of the categories, with their embeddings, and stay an input of each step as well. A sequence that goes on
/// from a state is not started.
///
/// **Parameters**: for each state, such as `h_l0`, `start.h_l0.weight [F, P]` and `start.h_l0.bias [F]`. New ones are
/// zero, so that a network starts to learn as one that starts from zeros.
///
/// @param numbers how many numbers are in x
/// @param categories how many categories are
public record StaticStart(int numbers, int categories) {
  private static final Pattern TEXT = Pattern.compile("numbers=(\\d{1,9}),categories=(\\d{1,9})");

  /// Checks that there is a column.
  public StaticStart {
    if (numbers < 0 || categories < 0 || (numbers == 0 && categories == 0)) {
      throw new Refusal(
          "start", "a static number or category", "%d and %d".formatted(numbers, categories));
    }
  }

  /// P
  public int width(Encoder encoder) {
    return numbers + categories(encoder).stream().mapToInt(Encoder.Embedding::width).sum();
  }

  /// What is looked up for its categories.
  private List<Encoder.Embedding> categories(Encoder encoder) {
    List<Encoder.Embedding> all = encoder.categories();
    return all.subList(all.size() - categories, all.size());
  }

  /// **Errors**: [Refusal] if `encoder` has not these columns.
  void check(Encoder encoder) {
    boolean fits =
        !(encoder instanceof Encoder.Embedding)
            && numbers <= encoder.numbers()
            && categories <= encoder.categories().size();
    if (!fits) {
      throw new Refusal(
          "start",
          "an encoder with %d numbers and %d categories".formatted(numbers, categories),
          encoder);
    }
  }

  /// `numbers=2,categories=1`
  public String text() {
    return "numbers=%d,categories=%d".formatted(numbers, categories);
  }

  /// The one that `text` says.
  ///
  /// **Errors**: [IllegalArgumentException] for any text that [#text] does not give.
  public static StaticStart parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new Refusal("start", "static columns as in numbers=2,categories=1", text);
    }
    return new StaticStart(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  /// How many numbers each state has, in the order of [State#names].
  static List<Integer> sizes(NetworkSpec spec) {
    List<Integer> all = new ArrayList<>();
    for (int l = 0; l < spec.layers(); l++) {
      LayerSpec layer = spec.stack().get(l);
      Sizes sizes = layer.sizes(spec.inputSize(l));
      for (int d = 0; d < layer.directions(); d++) {
        for (Cell.Recurrence recurrence : layer.cell().recurrences()) {
          all.add(sizes.of(recurrence.state().size()));
        }
      }
    }
    return all;
  }

  /// The name of the matrix that gives a state.
  public static String weight(String state) {
    return "start." + state + ".weight";
  }

  /// The name of the vector that is added.
  public static String bias(String state) {
    return "start." + state + ".bias";
  }

  /// The names and shapes of the parameters.
  Map<String, List<Integer>> shapes(NetworkSpec spec) {
    Map<String, List<Integer>> shapes = new LinkedHashMap<>();
    List<String> states = State.names(spec);
    List<Integer> sizes = sizes(spec);
    for (int s = 0; s < states.size(); s++) {
      shapes.put(weight(states.get(s)), List.of(sizes.get(s), width(spec.encoder())));
      shapes.put(bias(states.get(s)), List.of(sizes.get(s)));
    }
    return shapes;
  }
}
