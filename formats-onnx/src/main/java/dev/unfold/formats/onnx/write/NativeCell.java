package dev.unfold.formats.onnx.write;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.cell.library.LstmVariants;
import java.util.List;
import java.util.Optional;

/// The operators that are recurrent layers by themselves, for cells whose equations are theirs.
///
/// @param operator its name
/// @param cell the equations, whatever the cell is called
/// @param gates the affine maps in the order of the operator's rows of `W`
/// @param recurrent the same for `R`, where the names differ
/// @param peepholes the vectors in the order of its `P`
/// @param activation the function, where it is not the usual one
/// @param isResetAfter whether a GRU's reset gate comes after the product, `linear_before_reset`
record NativeCell(
    String operator,
    Cell cell,
    List<String> gates,
    List<String> recurrent,
    List<String> peepholes,
    Optional<String> activation,
    boolean isResetAfter) {

  private static final List<String> IOFC = List.of("net_i", "net_o", "net_f", "net_g");

  private static final List<NativeCell> ALL =
      List.of(
          rnn(Activation.TANH, Optional.empty()),
          rnn(Activation.RELU, Optional.of("Relu")),
          rnn(Activation.SIGMOID, Optional.of("Sigmoid")),
          lstm(Cells.lstm(), List.of()),
          lstm(LstmVariants.peephole(), List.of("peephole_i", "peephole_o", "peephole_f")),
          gru(Cells.gru(), List.of("net_z", "net_r", "in"), List.of("net_z", "net_r", "hn"), true),
          gru(
              Cells.gruResetBefore(),
              List.of("net_z", "net_r", "net_n"),
              List.of("net_z", "net_r", "net_n"),
              false));

  private static NativeCell rnn(Activation function, Optional<String> activation) {
    List<String> gates = List.of("net_h");
    return new NativeCell("RNN", Cells.elman(function), gates, gates, List.of(), activation, false);
  }

  private static NativeCell lstm(Cell cell, List<String> peepholes) {
    return new NativeCell("LSTM", cell, IOFC, IOFC, peepholes, Optional.empty(), false);
  }

  private static NativeCell gru(
      Cell cell, List<String> gates, List<String> recurrent, boolean isResetAfter) {
    return new NativeCell("GRU", cell, gates, recurrent, List.of(), Optional.empty(), isResetAfter);
  }

  /// The operator whose equations are those of `cell`.
  static Optional<NativeCell> of(Cell cell) {
    List<String> equations = cell.withBias(dev.unfold.cell.Bias.PER_OPERAND).equations();
    return ALL.stream()
        .filter(one -> one.cell.equations().equals(equations))
        .filter(one -> one.cell.states().equals(cell.states()))
        .filter(one -> one.cell.output().toString().equals(cell.output().toString()))
        .findFirst();
  }
}
