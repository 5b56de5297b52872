package dev.unfold.model;

import dev.unfold.argument.Clause;
import dev.unfold.argument.Decimal;
import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Size;
import dev.unfold.cell.Sizes;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Layers as text, from the input on, each with its cell and its hidden units:
///
///     lstm:64,gru:32:both,lstm_projected:64:P=32:residual
///
/// `both` is a layer of both directions, `residual` one whose input is added to its output, `P=32` a size of the cell's
/// own, `heads=8` the blocks of its recurrent matrices.
public final class LayerText {
  /// What a layer looks like.
  public static final String FORM =
      "CELL:H for each layer, with :both or :residual after it where wanted, as in"
          + " lstm:64,gru:32:both";

  private static final String BOTH = "both";
  private static final String RESIDUAL = "residual";
  private static final String HEADS = "heads";

  private LayerText() {}

  /// The name of the cell, with its heads if there are several, if all layers are alike, and else what they are.
  public static String of(NetworkSpec spec) {
    return spec.isUniform() ? of(spec.cell()) : of(spec.stack());
  }

  /// The name of a cell, with its heads if there are several.
  public static String of(Cell cell) {
    return cell.name() + heads(cell);
  }

  private static String heads(Cell cell) {
    return cell.heads() == 1 ? "" : ":%s=%d".formatted(HEADS, cell.heads());
  }

  /// What [#parse] reads, without biases and without the wiring of the network as a whole.
  public static String of(List<LayerSpec> stack) {
    return stack.stream().map(LayerText::of).collect(Collectors.joining(","));
  }

  private static String of(LayerSpec layer) {
    StringBuilder text = new StringBuilder(layer.cell().name()).append(':').append(layer.hidden());
    Sizes sizes = layer.sizes(1);
    for (String letter : layer.cell().sizeLetters()) {
      text.append(':').append(letter).append('=').append(sizes.of(Size.own(letter)));
    }
    text.append(heads(layer.cell()));
    text.append(layer.has(Wiring.BIDIRECTIONAL) ? ":" + BOTH : "");
    text.append(layer.has(Wiring.RESIDUAL) ? ":" + RESIDUAL : "");
    return text.toString();
  }

  /// Reads layers.
  ///
  /// @param option which option it is, for messages
  /// @param usual H where a layer says nothing of it; empty if each has to
  /// @param cells the cell of a name; [IllegalArgumentException] if it is none that is known
  ///
  /// **Errors**: [IllegalArgumentException] for anything else.
  public static List<LayerSpec> parse(
      String option, String text, OptionalInt usual, Function<String, Cell> cells) {
    List<LayerSpec> stack = new ArrayList<>();
    Map<String, Cell> known = new HashMap<>();
    Clause read = Clause.sequence(option, FORM, text);
    for (Clause.Part part : read.parts()) {
      String[] pieces = part.text().split(":", -1);
      OptionalInt hidden = pieces.length == 1 ? OptionalInt.empty() : whole(pieces[1]);
      int from = hidden.isPresent() ? 2 : 1;
      if (hidden.isEmpty() && usual.isEmpty()) {
        throw read.refusal(part);
      }
      int units = hidden.orElseGet(usual::getAsInt);
      Expect.positive(option, "H", units);
      Cell cell = known.computeIfAbsent(pieces[0], name -> cell(option, name, cells));
      Set<Wiring> wiring = EnumSet.noneOf(Wiring.class);
      for (int i = from; i < pieces.length; i++) {
        String piece = pieces[i];
        switch (piece) {
          case BOTH -> wiring.add(Wiring.BIDIRECTIONAL);
          case RESIDUAL -> wiring.add(Wiring.RESIDUAL);
          default -> cell = sized(cell, piece).orElseThrow(() -> read.refusal(part));
        }
      }
      stack.add(new LayerSpec(cell, units, wiring));
    }
    return stack;
  }

  private static Cell cell(String option, String name, Function<String, Cell> cells) {
    try {
      return cells.apply(name);
    } catch (IllegalArgumentException _) {
      throw new Refusal(option, "the name of a cell that is known here", name);
    }
  }

  /// Empty if `piece` is neither a size of the cell's own nor a number of heads.
  private static Optional<Cell> sized(Cell cell, String piece) {
    int sign = Math.max(0, piece.indexOf('='));
    String name = piece.substring(0, sign);
    boolean isKnown = name.equals(HEADS) || cell.sizeLetters().contains(name);
    OptionalInt number = isKnown ? whole(piece.substring(sign + 1)) : OptionalInt.empty();
    if (number.isEmpty() || number.getAsInt() < 1) {
      return Optional.empty();
    }
    int count = number.getAsInt();
    return Optional.of(name.equals(HEADS) ? cell.withHeads(count) : cell.withSize(name, count));
  }

  private static OptionalInt whole(String text) {
    return Decimal.whole(Decimal.parse(text).orElse(Double.NaN));
  }
}
