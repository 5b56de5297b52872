package dev.unfold.kernels.vector.pointwise;

import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Instruction;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.vector.lanes.Lanes;
import dev.unfold.kernels.vector.product.Tiling;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.ref.Reference;
import java.util.List;

/// Runs a [Pointwise] program block by block: each [Stretch] of its instructions is a loop of its own and runs over a
/// block that fits the first-level cache before the next one does. Operands are read and written where they are;
/// constants and scalars are kept as rows of equal numbers, so that every argument is memory.
///
/// A block has several rows if these are short. Matrices without gaps between their rows are one long row. A
/// program with values of rows runs over whole rows, and its columns are blocks of their own.
///
/// **Memory**: 4 KiB for each constant, scalar and temporary, or a row of them if a program with values of rows
/// meets longer ones.
public final class VectorPointwise implements PointwiseKernel {
  /// Floats of one value in a block: a dozen values of 4 KiB fit the first-level cache, and the choice of
  /// the loop is spread over 64 vectors or more.
  private static final int BLOCK = 1024;

  /// The same for programs with values of rows, which have dozens of values: a smaller block of each is nearer. With
  /// 512 a training step of the LSTM with layer normalisation takes four fifths of the time that it takes with 1024.
  private static final int ROWS_BLOCK = 512;

  private final Pointwise program;
  private final boolean hasRowValues;
  private final int shaping;
  private final boolean[] columns;
  private final boolean[] rowSums;
  private final Place[] operands;
  private final Place[] constants;
  private final Place[] scalars;
  private final Place[] temporaries;
  private final boolean[] temporaryOfRow;
  private final Step[] steps;
  private final Block.Cache blocks = new Block.Cache();

  /// Floats that there is room for in each value of our own.
  private int room;

  /// The memory of these values.
  private List<MemorySegment> own;

  public VectorPointwise(Pointwise program) {
    this.program = program;
    hasRowValues = program.hasRowValues();
    shaping = program.firstWide();
    columns = program.columns();
    rowSums = program.rows();
    operands = places(program.operands());
    constants = places(program.constants().size());
    scalars = places(program.scalars());
    Halves halves = Halves.of(program);
    temporaries = places(halves.temporaries());
    temporaryOfRow = new boolean[halves.temporaries()];
    makeRoom(BLOCK);
    steps = Step.of(halves.instructions(), this::placeOf);
    for (Instruction instruction : halves.instructions()) {
      if (instruction.target().kind() == Pointwise.Kind.ROW_TEMPORARY) {
        temporaryOfRow[instruction.target().index()] = true;
      }
    }
  }

  private static Place[] places(int count) {
    Place[] places = new Place[count];
    for (int i = 0; i < count; i++) {
      places[i] = new Place();
    }
    return places;
  }

  /// Gives each value of our own room for `floats` numbers.
  private void makeRoom(int floats) {
    room = floats;
    own = List.of(place(constants), place(scalars), place(temporaries));
    for (int i = 0; i < constants.length; i++) {
      fill(constants[i], program.constants().get(i).floatValue());
    }
  }

  private MemorySegment place(Place[] places) {
    long bytes = (long) room * Float.BYTES;
    MemorySegment segment = Tiling.allocate(places.length * bytes);
    for (int i = 0; i < places.length; i++) {
      places[i].set(segment, i * bytes, 0);
    }
    return segment;
  }

  private void fill(Place place, float value) {
    for (int i = 0; i < room; i++) {
      long at = place.rowAt(0) + (long) i * Float.BYTES;
      Lanes.MEMORY.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, value);
    }
  }

  private Place placeOf(Slot slot) {
    return switch (slot.kind()) {
      case OPERAND, COLUMN, ROW -> operands[slot.index()];
      case CONSTANT -> constants[slot.index()];
      case SCALAR -> scalars[slot.index()];
      case TEMPORARY, ROW_TEMPORARY -> temporaries[slot.index()];
    };
  }

  @Override
  public void run(Matrix[] matrices, double... values) {
    try {
      runAll(matrices, values);
    } finally {
      Reference.reachabilityFence(matrices);
      Reference.reachabilityFence(own);
    }
  }

  private void runAll(Matrix[] matrices, double... values) {
    if (matrices.length == 0) {
      return;
    }
    int rows = matrices[shaping].rows();
    int cols = matrices[shaping].cols();
    if (rows == 0 || cols == 0) {
      return;
    }
    if (hasRowValues && rowFloats(cols) > room) {
      makeRoom(rowFloats(cols));
    }
    for (int i = 0; i < scalars.length; i++) {
      setScalar(scalars[i], (float) values[i]);
    }
    for (int i = 0; i < operands.length; i++) {
      operands[i].set(matrices[i]);
    }
    if (hasRowValues) {
      runRows(matrices, rows, cols);
    } else if (rows > 1 && haveNoGaps(matrices) && (long) rows * cols <= Integer.MAX_VALUE) {
      runBlocks(1, rows * cols);
    } else {
      runBlocks(rows, cols);
    }
  }

  /// Most scalars are the same in every run: what is there already is not written again.
  private void setScalar(Place place, float value) {
    float current = Lanes.MEMORY.get(ValueLayout.JAVA_FLOAT_UNALIGNED, place.rowAt(0));
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

  private static int rowFloats(int cols) {
    return (cols + Lanes.LANES - 1) / Lanes.LANES * Lanes.LANES;
  }

  /// Whole rows, as many at a time as fit a block.
  private void runRows(Matrix[] matrices, int rows, int cols) {
    boolean dense = haveDenseColumns(matrices);
    int height = heightOf(rows, cols);
    for (int i = 0; i < operands.length; i++) {
      if (rowSums[i]) {
        RowLoops.clear(operands[i], cols);
      }
    }
    for (int row = 0; row < rows; row += height) {
      int count = Math.min(height, rows - row);
      for (int i = 0; i < operands.length; i++) {
        operands[i].moveTo(rowSums[i] ? 0 : row, 0);
      }
      runSteps(blocks.of(count, cols), dense ? blocks.of(1, count) : blocks.of(count, 1));
    }
  }

  /// Whether the numbers of each column follow each other without gaps, so that a column is like a row.
  private boolean haveDenseColumns(Matrix[] matrices) {
    for (int i = 0; i < matrices.length; i++) {
      if (columns[i] && matrices[i].stride() != 1) {
        return false;
      }
    }
    return true;
  }

  /// Rows of a block whose rows have `width` numbers, and sets how far apart the rows of temporaries are.
  private int heightOf(int rows, int width) {
    long rowBytes = (long) rowFloats(width) * Float.BYTES;
    for (int i = 0; i < temporaries.length; i++) {
      temporaries[i].setRowBytes(temporaryOfRow[i] ? Float.BYTES : rowBytes);
    }
    int block = hasRowValues ? ROWS_BLOCK : BLOCK;
    return Math.max(1, Math.min(rows, block / Math.max(1, rowFloats(width))));
  }

  private void runBlocks(int rows, int cols) {
    int width = Math.min(cols, BLOCK);
    int height = heightOf(rows, width);
    Block block = blocks.of(height, width);
    for (int row = 0; row < rows; row += height) {
      for (int col = 0; col < cols; col += width) {
        int blockRows = Math.min(height, rows - row);
        int blockCols = Math.min(width, cols - col);
        boolean same = blockRows == height && blockCols == width;
        for (Place operand : operands) {
          operand.moveTo(row, col);
        }
        runSteps(same ? block : blocks.of(blockRows, blockCols), null);
      }
    }
  }

  private void runSteps(Block wide, Block column) {
    for (Step step : steps) {
      step.run(wide, column);
    }
  }
}
