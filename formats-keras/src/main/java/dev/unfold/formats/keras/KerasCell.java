package dev.unfold.formats.keras;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.Activation;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.ActivatedCells;
import dev.unfold.cell.library.Cells;
import java.util.Locale;

/// A cell as Keras has it.
///
/// @param type the class of its layer
/// @param activation by Keras's name
/// @param gates the function at its gates; empty if it has none
/// @param isResetAfter whether the reset gate of a GRU is after the product
record KerasCell(String type, String activation, String gates, boolean isResetAfter) {
  /// How many blocks of H rows it has.
  int count() {
    return switch (type) {
      case "LSTM" -> 4;
      case "GRU" -> 3;
      default -> 1;
    };
  }

  /// That of a cell here.
  ///
  /// **Errors**: [IllegalArgumentException] that names one that Keras has not.
  static KerasCell of(Cell cell) {
    for (Activation activation : Activation.values()) {
      if (isSame(cell, Cells.elman(activation))) {
        return new KerasCell("SimpleRNN", name(activation), "", false);
      }
      for (ActivatedCells.Gate gate : ActivatedCells.Gate.values()) {
        for (ActivatedCells.Kind kind : ActivatedCells.Kind.values()) {
          if (isSame(cell, ActivatedCells.of(kind, gate, activation))) {
            if (gate == ActivatedCells.Gate.HARD_SIGMOID_FIFTH) {
              throw new Refusal("model", "a hard sigmoid of slope 1/6 for Keras 3", cell.name());
            }
            return new KerasCell(
                kind == ActivatedCells.Kind.LSTM ? "LSTM" : "GRU",
                name(activation),
                gate.name().toLowerCase(Locale.ROOT),
                kind == ActivatedCells.Kind.GRU);
          }
        }
      }
    }
    throw new Refusal(
        "model",
        "a cell that Keras has: lstm, gru, gru_reset_before or elman, with its functions",
        cell.name());
  }

  private static boolean isSame(Cell a, Cell b) {
    return a.name().equals(b.name()) && a.equations().equals(b.equations());
  }

  private static String name(Activation activation) {
    return activation == Activation.IDENTITY
        ? "linear"
        : activation.name().toLowerCase(Locale.ROOT);
  }
}
