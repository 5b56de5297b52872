package dev.unfold.kernels;

import dev.unfold.kernels.Pointwise.Instruction;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;

/// Interprets a [Pointwise] program one element at a time; temporaries are kept in double.
final class ScalarPointwise implements PointwiseKernel {
  private final Pointwise program;
  private final double[] constants;
  private final double[] temporaries;

  ScalarPointwise(Pointwise program) {
    this.program = program;
    constants = program.constants().stream().mapToDouble(Double::doubleValue).toArray();
    temporaries = new double[program.temporaries()];
  }

  @Override
  public void run(Matrix[] operands, double... scalars) {
    if (operands.length == 0) {
      return;
    }
    for (int r = 0; r < operands[0].rows(); r++) {
      for (int c = 0; c < operands[0].cols(); c++) {
        for (Instruction instruction : program.instructions()) {
          double x = read(instruction.left(), operands, scalars, r, c);
          double y = read(instruction.right(), operands, scalars, r, c);
          write(instruction.target(), operands, r, c, apply(instruction.op(), x, y));
        }
      }
    }
  }

  private double read(Slot slot, Matrix[] operands, double[] scalars, int r, int c) {
    return switch (slot.kind()) {
      case OPERAND -> operands[slot.index()].get(r, c);
      case CONSTANT -> constants[slot.index()];
      case SCALAR -> scalars[slot.index()];
      case TEMPORARY -> temporaries[slot.index()];
    };
  }

  private void write(Slot slot, Matrix[] operands, int r, int c, double value) {
    if (slot.kind() == Pointwise.Kind.OPERAND) {
      operands[slot.index()].set(r, c, value);
    } else {
      temporaries[slot.index()] = value;
    }
  }

  private static double apply(Op op, double x, double y) {
    return switch (op) {
      case COPY -> x;
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
    };
  }
}
