package dev.unfold.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.kernels.Pointwise.Instruction;
import dev.unfold.kernels.Pointwise.Kind;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import java.util.List;
import org.junit.jupiter.api.Test;

class PointwiseTest {
  private static final Slot OPERAND = new Slot(Kind.OPERAND, 0);
  private static final Slot TEMPORARY = new Slot(Kind.TEMPORARY, 0);

  private static Pointwise program(Slot target, Slot left) {
    Instruction instruction = new Instruction(Op.NEGATE, target, left, left);
    return new Pointwise(1, List.of(2.0), 1, 1, List.of(instruction));
  }

  private static void assertRejected(String message, Slot target, Slot left) {
    var thrown = assertThrows(IllegalArgumentException.class, () -> program(target, left));
    assertEquals(message, thrown.getMessage());
  }

  @Test
  void program_withUnknownSlot_namesIt() {
    assertRejected("O0 = NEGATE(O1): there is no O1", OPERAND, new Slot(Kind.OPERAND, 1));
    assertRejected("O0 = NEGATE(S1): there is no S1", OPERAND, new Slot(Kind.SCALAR, 1));
    assertRejected("O0 = NEGATE(C-1): there is no C-1", OPERAND, new Slot(Kind.CONSTANT, -1));
    assertRejected("T1 = NEGATE(O0): there is no T1", new Slot(Kind.TEMPORARY, 1), OPERAND);
  }

  @Test
  void program_thatReadsATemporaryTooEarly_namesIt() {
    assertRejected("O0 = NEGATE(T0): T0 has no value yet", OPERAND, TEMPORARY);
  }

  @Test
  void program_thatWritesAConstantOrScalar_isRejected() {
    Slot constant = new Slot(Kind.CONSTANT, 0);
    Slot scalar = new Slot(Kind.SCALAR, 0);
    assertRejected("C0 = NEGATE(O0): the target cannot be written", constant, OPERAND);
    assertRejected("S0 = NEGATE(O0): the target cannot be written", scalar, OPERAND);
  }

  @Test
  void program_thatMixesRowsAndElements_isRejected() {
    Slot column = new Slot(Kind.COLUMN, 0);
    Slot rowTemporary = new Slot(Kind.ROW_TEMPORARY, 0);
    String reason = ": mixes values of rows and of elements";
    assertRejected("T0 = NEGATE(OC0)" + reason, TEMPORARY, column);
    assertRejected("TR0 = NEGATE(O0)" + reason, rowTemporary, OPERAND);
    Pointwise.Builder builder = Pointwise.builder();
    Slot x = builder.operand();
    Slot m = builder.column();
    builder.emit(Op.ADD, x, x, m);
    assertRejected("O0 = ADD(O0, OC1)" + reason, builder);
    builder = Pointwise.builder();
    builder.emit(Op.SUM, builder.operand(), OPERAND, OPERAND);
    assertRejected("O0 = SUM(O0)" + reason, builder);
    builder = Pointwise.builder();
    builder.emit(Op.SPREAD, builder.operand(), OPERAND, OPERAND);
    assertRejected("O0 = SPREAD(O0)" + reason, builder);
  }

  @Test
  void program_thatTakesAnOperandForAColumnToo_isRejected() {
    Pointwise.Builder builder = Pointwise.builder();
    Slot x = builder.operand();
    builder.emit(Op.SUM, new Slot(Kind.COLUMN, 0), x, x);
    assertRejected("OC0 = SUM(O0): OC0 is O0 elsewhere", builder);
  }

  @Test
  void program_ofColumnsAlone_isRejected() {
    Pointwise.Builder builder = Pointwise.builder();
    Slot m = builder.column();
    builder.emit(Op.NEGATE, m, m, m);
    assertRejected(
        "operands: expected one that is no column and no row, got columns and rows only", builder);
  }

  @Test
  void program_thatReadsARowOrWritesItByAnotherOperation_isRejected() {
    String reason = ": mixes values of rows and of elements";
    Pointwise.Builder builder = Pointwise.builder();
    Slot x = builder.operand();
    Slot row = builder.row();
    builder.emit(Op.SUM, row, x, x).emit(Op.ADD, x, x, row);
    assertRejected("O0 = ADD(O0, OR1)" + reason, builder);
    builder = Pointwise.builder();
    x = builder.operand();
    builder.emit(Op.COPY, builder.row(), x, x);
    assertRejected("OR1 = COPY(O0)" + reason, builder);
    builder = Pointwise.builder();
    x = builder.operand();
    builder.emit(Op.SPREAD, x, builder.row(), new Slot(Kind.ROW, 1));
    assertRejected("O0 = SPREAD(OR1)" + reason, builder);
  }

  private static void assertRejected(String message, Pointwise.Builder builder) {
    assertEquals(
        message, assertThrows(IllegalArgumentException.class, builder::build).getMessage());
  }

  @Test
  void program_thatIsSound_isAccepted() {
    assertEquals(1, program(TEMPORARY, OPERAND).instructions().size());
  }

  @Test
  void builder_sameConstantTwice_keepsOne() {
    Pointwise.Builder builder = Pointwise.builder();
    assertEquals(builder.constant(0.5), builder.constant(0.5));
    builder.constant(0.25);
    assertEquals(List.of(0.5, 0.25), builder.build().constants());
  }

  @Test
  void builder_program_countsItsSlots() {
    Pointwise.Builder builder = Pointwise.builder();
    Slot x = builder.operand();
    Slot y = builder.operand();
    builder.emit(Op.ADD, y, builder.compute(Op.MULTIPLY, x, builder.scalar()), y);
    Pointwise program = builder.build();
    assertEquals(2, program.operands());
    assertEquals(1, program.scalars());
    assertEquals(1, program.temporaries());
    assertEquals("[T0 = MULTIPLY(O0, S0), O1 = ADD(T0, O1)]", program.instructions().toString());
  }
}
