package dev.unfold.bench.peer.unfold;

import static dev.unfold.cell.Expr.constant;
import static dev.unfold.cell.Expr.sigmoid;
import static dev.unfold.cell.Expr.tanh;

import dev.unfold.bench.problem.CellKind;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;

/// The equations of standard cells as a user would write them, who knows nothing of the library's own: with other
/// names, and no names for the gates.
final class OwnCells {
  private OwnCells() {}

  static Cell of(CellKind kind) {
    return switch (kind) {
      case ELMAN -> elman();
      case GRU -> gru();
      case LSTM -> lstm();
    };
  }

  private static Cell elman() {
    return Cell.define(
        "my_elman",
        step -> step.next("h", tanh(step.affine("sum", step.input(), step.state("h")))));
  }

  private static Cell gru() {
    return Cell.define(
        "my_gru",
        step -> {
          Expr x = step.input();
          Expr h = step.state("h");
          Expr reset = sigmoid(step.affine("reset", x, h));
          Expr keep = sigmoid(step.affine("keep", x, h));
          Expr fromInput = step.affine("from_input", x);
          Expr proposal = tanh(fromInput.plus(reset.times(step.affine("from_state", h))));
          step.next("h", keep.times(h).plus(constant(1).minus(keep).times(proposal)));
        });
  }

  private static Cell lstm() {
    return Cell.define(
        "my_lstm",
        step -> {
          Expr x = step.input();
          Expr h = step.state("h");
          Expr memory = step.state("c");
          Expr write = sigmoid(step.affine("write", x, h));
          Expr keep = sigmoid(step.affine("keep", x, h));
          Expr content = tanh(step.affine("content", x, h));
          Expr show = sigmoid(step.affine("show", x, h));
          Expr next = step.next("c", write.times(content).plus(memory.times(keep)));
          step.next("h", tanh(next).times(show));
        });
  }
}
