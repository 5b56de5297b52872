package dev.unfold.kernels.vector;

import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Instruction;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.PointwiseKernel;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/// Interprets a [Pointwise] program block by block: each instruction runs over a block that fits the
/// first-level cache before the next one does. Operands are read and written where they are; constants
/// and scalars are kept as rows of equal numbers, so that every argument is memory.
///
/// A block has several rows if these are short. Matrices without gaps between their rows are one long row.
///
/// **Memory**: 4 KiB for each constant, scalar and temporary.
final class VectorPointwise implements PointwiseKernel {
  /// Floats of one value in a block: a dozen values of 4 KiB fit the first-level cache, and the choice of
  /// the loop is spread over 64 vectors or more.
  private static final int BLOCK = 1024;

  private static final long VALUE_BYTES = (long) BLOCK * Float.BYTES;

  private record Step(Op op, Place target, Place left, Place right) {}

  private final Place[] operands;
  private final Place[] constants;
  private final Place[] scalars;
  private final Place[] temporaries;
  private final Step[] steps;

  VectorPointwise(Pointwise program) {
    operands = places(program.operands());
    constants = places(program.constants().size());
    scalars = places(program.scalars());
    temporaries = places(program.temporaries());
    place(constants);
    place(scalars);
    place(temporaries);
    for (int i = 0; i < constants.length; i++) {
      fill(constants[i], program.constants().get(i).floatValue());
    }
    List<Instruction> instructions = program.instructions();
    steps = new Step[instructions.size()];
    for (int i = 0; i < steps.length; i++) {
      Instruction instruction = instructions.get(i);
      steps[i] =
          new Step(
              instruction.op(),
              placeOf(instruction.target()),
              placeOf(instruction.left()),
              placeOf(instruction.right()));
    }
  }

  private static Place[] places(int count) {
    Place[] places = new Place[count];
    for (int i = 0; i < count; i++) {
      places[i] = new Place();
    }
    return places;
  }

  /// Gives each place a value's room of its own.
  private static void place(Place[] places) {
    MemorySegment segment = Tiling.allocate(places.length * VALUE_BYTES);
    for (int i = 0; i < places.length; i++) {
      places[i].set(segment, i * VALUE_BYTES, 0);
    }
  }

  private static void fill(Place place, float value) {
    for (int i = 0; i < BLOCK; i++) {
      long at = place.rowAt(0) + (long) i * Float.BYTES;
      place.segment().set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, value);
    }
  }

  private Place placeOf(Slot slot) {
    return switch (slot.kind()) {
      case OPERAND -> operands[slot.index()];
      case CONSTANT -> constants[slot.index()];
      case SCALAR -> scalars[slot.index()];
      case TEMPORARY -> temporaries[slot.index()];
    };
  }

  @Override
  public void run(Matrix[] matrices, double... values) {
    if (matrices.length == 0) {
      return;
    }
    for (int i = 0; i < scalars.length; i++) {
      setScalar(scalars[i], (float) values[i]);
    }
    for (int i = 0; i < operands.length; i++) {
      operands[i].set(matrices[i]);
    }
    int rows = matrices[0].rows();
    int cols = matrices[0].cols();
    if (rows > 1 && haveNoGaps(matrices) && (long) rows * cols <= Integer.MAX_VALUE) {
      runBlocks(1, rows * cols);
    } else {
      runBlocks(rows, cols);
    }
  }

  /// Most scalars are the same in every run: what is there already is not written again.
  private static void setScalar(Place place, float value) {
    float current = place.segment().get(ValueLayout.JAVA_FLOAT_UNALIGNED, place.rowAt(0));
    if (Float.floatToRawIntBits(current) != Float.floatToRawIntBits(value)) {
      fill(place, value);
    }
  }

  private static boolean haveNoGaps(Matrix[] matrices) {
    for (Matrix matrix : matrices) {
      if (matrix.stride() != matrix.cols()) {
        return false;
      }
    }
    return true;
  }

  private void runBlocks(int rows, int cols) {
    int width = Math.min(cols, BLOCK);
    int rowFloats = (width + Lanes.LANES - 1) / Lanes.LANES * Lanes.LANES;
    int height = Math.max(1, Math.min(rows, BLOCK / Math.max(1, rowFloats)));
    for (Place temporary : temporaries) {
      temporary.setRowBytes((long) rowFloats * Float.BYTES);
    }
    Block block = Block.of(height, width);
    for (int row = 0; row < rows; row += height) {
      for (int col = 0; col < cols; col += width) {
        int blockRows = Math.min(height, rows - row);
        int blockCols = Math.min(width, cols - col);
        boolean same = blockRows == height && blockCols == width;
        for (Place operand : operands) {
          operand.moveTo(row, col);
        }
        runSteps(same ? block : Block.of(blockRows, blockCols));
      }
    }
  }

  private void runSteps(Block block) {
    for (Step step : steps) {
      Place target = step.target();
      Place x = step.left();
      switch (step.op()) {
        case COPY -> PointwiseLoops.copy(block, target, x);
        case NEGATE -> PointwiseLoops.negate(block, target, x);
        case ONE_MINUS -> PointwiseLoops.oneMinus(block, target, x);
        case SIGMOID -> PointwiseLoops.sigmoid(block, target, x);
        case TANH -> PointwiseLoops.tanh(block, target, x);
        case RELU -> PointwiseLoops.relu(block, target, x);
        case STEP -> PointwiseLoops.step(block, target, x);
        case EXP -> PointwiseLoops.exp(block, target, x);
        case LOG -> PointwiseLoops.log(block, target, x);
        case SOFTPLUS -> PointwiseLoops.softplus(block, target, x);
        case SQRT -> PointwiseLoops.sqrt(block, target, x);
        case ADD -> PointwiseLoops.add(block, target, x, step.right());
        case SUBTRACT -> PointwiseLoops.subtract(block, target, x, step.right());
        case MULTIPLY -> PointwiseLoops.multiply(block, target, x, step.right());
        case DIVIDE -> PointwiseLoops.divide(block, target, x, step.right());
      }
    }
  }
}
