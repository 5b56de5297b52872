package dev.unfold.run.job;

import dev.unfold.argument.Clause;
import dev.unfold.argument.Decimal;
import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.head.Head;
import dev.unfold.model.Encoder;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.LayerText;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.Wiring;
import dev.unfold.model.Wirings;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;

/// The network that options ask for: `cell`, `size`, `heads`, `hidden`, `layers`, `wiring` and `dropout`.
final class NetworkChoice {
  static final Set<String> NAMES =
      Set.of("cell", "size", "heads", "hidden", "layers", "wiring", "dropout");

  /// What is usual where nothing else is said.
  private static final Map<String, String> USUAL =
      Map.of("cell", "elman", "hidden", "256", "layers", "1", "dropout", "none");

  private static final String AUTO = "auto";

  private final NamedOptions options;

  NetworkChoice(NamedOptions options) {
    this.options = options.or(USUAL);
  }

  /// The cells of the layers.
  List<Cell> cells() {
    return isList() ? stack(1).stream().map(LayerSpec::cell).toList() : List.of(cell());
  }

  private Cell cell() {
    Cell cell = Cells.named(options.text("cell", ""));
    Clause sizes = Clause.list("size", "P=N", options.list("size"));
    for (Clause.Part part : sizes.parts()) {
      OptionalInt number = Decimal.whole(part.number().orElse(Double.NaN));
      if (part.isBare() || number.isEmpty()) {
        throw new Refusal("size", "P=N with a whole number", part.text());
      }
      cell = cell.withSize(part.name(), number.getAsInt());
    }
    return cell.withHeads(options.whole("heads", 1));
  }

  /// H, of all layers or of the last.
  int hidden(int usual) {
    return isList() ? stack(usual).getLast().hidden() : width(usual);
  }

  private int width(int usual) {
    int hidden = options.text("hidden", AUTO).equals(AUTO) ? usual : options.whole("hidden", usual);
    Expect.positive("hidden", "H", hidden);
    return hidden;
  }

  /// Whether `layers` says what each layer is.
  private boolean isList() {
    return Decimal.parse(options.text("layers", "")).isEmpty();
  }

  private List<LayerSpec> stack(int usual) {
    String layers = options.text("layers", "");
    return LayerText.parse("layers", layers, OptionalInt.of(width(usual)), Cells::named);
  }

  /// Whether the readout's matrix is that of the embedding.
  boolean isTied() {
    return wirings().ofNetwork().contains(Wiring.TIED);
  }

  private Wirings wirings() {
    return Wirings.parse(options.list("wiring"));
  }

  /// The network.
  ///
  /// @param usual H where it follows from the data
  NetworkSpec spec(Encoder encoder, Head head, int usual) {
    Wirings asked = wirings();
    Head own =
        asked
            .head(head)
            .orElseThrow(() ->
                new Refusal(
                    "wiring", "no factored softmax for a head without classes", head.text()));
    Noise noise = Noise.parse(options.text("dropout", ""));
    return isList()
        ? new NetworkSpec(encoder, stack(usual), own, asked.ofNetwork(), noise)
        : new NetworkSpec(
            cell(),
            encoder,
            width(usual),
            options.whole("layers", 1),
            own,
            asked.ofNetwork(),
            noise);
  }
}
