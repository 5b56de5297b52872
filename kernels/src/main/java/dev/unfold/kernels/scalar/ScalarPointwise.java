package dev.unfold.kernels.scalar;

import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Instruction;
import dev.unfold.kernels.Pointwise.Kind;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;

/// Interprets a [Pointwise] program row by row, one instruction after the other; temporaries are kept in
/// double.
final class ScalarPointwise implements PointwiseKernel {
  private final Instruction[] instructions;
  private final double[] constants;
  private final int shaping;
  private double[][] temporaries;

  ScalarPointwise(Pointwise program) {
    instructions = program.instructions().toArray(Instruction[]::new);
    constants = program.constants().stream().mapToDouble(Double::doubleValue).toArray();
    temporaries = new double[program.temporaries()][0];
    shaping = program.firstWide();
  }

  @Override
  public void run(Matrix[] operands, double... scalars) {
    if (operands.length == 0) {
      return;
    }
    int cols = operands[shaping].cols();
    if (cols == 0) {
      return;
    }
    if (temporaries.length > 0 && temporaries[0].length < cols) {
      temporaries = new double[temporaries.length][cols];
    }
    for (int r = 0; r < operands[shaping].rows(); r++) {
      for (Instruction instruction : instructions) {
        run(instruction, operands, scalars, r, cols);
      }
    }
  }

  private void run(Instruction instruction, Matrix[] operands, double[] scalars, int r, int cols) {
    if (instruction.target().kind() == Kind.ROW) {
      Matrix sums = operands[instruction.target().index()];
      for (int c = 0; c < cols; c++) {
        double before = r == 0 ? 0 : sums.get(0, c);
        sums.set(0, c, before + read(instruction.left(), operands, scalars, r, c));
      }
      return;
    }
    if (instruction.op() == Op.SUM) {
      double sum = 0;
      for (int c = 0; c < cols; c++) {
        sum += read(instruction.left(), operands, scalars, r, c);
      }
      write(instruction.target(), operands, r, 0, sum);
      return;
    }
    int count = instruction.target().kind().isOfRow() ? 1 : cols;
    for (int c = 0; c < count; c++) {
      double x = read(instruction.left(), operands, scalars, r, c);
      double y = read(instruction.right(), operands, scalars, r, c);
      write(instruction.target(), operands, r, c, apply(instruction.op(), x, y));
    }
  }

  private double read(Slot slot, Matrix[] operands, double[] scalars, int r, int c) {
    return switch (slot.kind()) {
      case OPERAND -> operands[slot.index()].get(r, c);
      case COLUMN -> operands[slot.index()].get(r, 0);
      case CONSTANT -> constants[slot.index()];
      case SCALAR -> scalars[slot.index()];
      case TEMPORARY -> temporaries[slot.index()][c];
      case ROW_TEMPORARY -> temporaries[slot.index()][0];
      case ROW -> throw new IllegalStateException(slot + " cannot be read");
    };
  }

  private void write(Slot slot, Matrix[] operands, int r, int c, double value) {
    switch (slot.kind()) {
      case OPERAND, COLUMN -> operands[slot.index()].set(r, c, value);
      case TEMPORARY, ROW_TEMPORARY -> temporaries[slot.index()][c] = value;
      case ROW, CONSTANT, SCALAR -> throw new IllegalStateException(slot + " cannot be written");
    }
  }

  private static double apply(Op op, double x, double y) {
    return switch (op) {
      case COPY, SPREAD -> x;
      case NEGATE -> -x;
      case ONE_MINUS -> 1 - x;
      case SIGMOID -> 1 / (1 + StrictMath.exp(-x));
      case TANH -> StrictMath.tanh(x);
      case RELU -> Math.max(x, 0);
      case STEP -> x > 0 ? 1 : 0;
      case EXP -> StrictMath.exp(x);
      case LOG -> StrictMath.log(x);
      case SOFTPLUS -> Math.max(x, 0) + StrictMath.log1p(StrictMath.exp(-Math.abs(x)));
      case SQRT -> Math.sqrt(x);
      case ADD -> x + y;
      case SUBTRACT -> x - y;
      case MULTIPLY -> x * y;
      case DIVIDE -> x / y;
      case SUM -> throw new IllegalStateException("a sum has no single element");
    };
  }
}
