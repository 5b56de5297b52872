package dev.unfold.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unfold.kernels.Cases.Memory;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.PackedMatrix;
import dev.unfold.kernels.work.Team;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Every operation of every backend takes every kind of memory, with the same bits.
public abstract class MemoryContract {
  private static final List<Memory> ALL = List.of(Memory.values());
  private static final int ROWS = 5;

  /// More than a vector, and no multiple of one.
  private static final int COLS = 21;

  private static final int[] INDICES = {9, 2, 0, 2, 3, 1};
  private static final double[] SCALES = {9, 1, 0.5, 2, 0, 1};

  private final Kernels kernels;
  private final Cases cases;

  /// The contract of `kernels`.
  protected MemoryContract(Kernels kernels) {
    this.kernels = kernels;
    cases = new Cases(kernels.precision());
  }

  /// A method of [Kernels] with its matrices, all of them in one list.
  ///
  /// @param method its name and the types of its parameters
  /// @param name what it is called in messages
  /// @param shapes rows and columns of each matrix
  /// @param results how many matrices are written, from the first on
  /// @param call computes, and returns what is no matrix
  private record Operation(String method, String name, int[][] shapes, int results, Call call) {
    Operation(String method, int[][] shapes, int results, Call call) {
      this(method, method, shapes, results, call);
    }
  }

  /// Runs an operation on matrices of its shapes.
  @FunctionalInterface
  private interface Call {
    double[] run(Matrix... m);
  }

  private static int[] shape(int rows, int cols) {
    return new int[] {rows, cols};
  }

  private List<Operation> operations() {
    List<Operation> operations = new ArrayList<>();
    int[] wide = shape(ROWS, COLS);
    int[] row = shape(1, COLS);
    operations.add(
        new Operation(
            "pack(Matrix, PackedMatrix)",
            new int[][] {shape(ROWS, COLS)},
            0,
            m -> {
              PackedMatrix packed = kernels.allocatePacked(ROWS, COLS);
              kernels.pack(m[0], packed);
              return unpacked(packed);
            }));
    operations.add(
        new Operation(
            "packTransposed(Matrix, PackedMatrix)",
            new int[][] {shape(ROWS, COLS)},
            0,
            m -> {
              PackedMatrix packed = kernels.allocatePacked(COLS, ROWS);
              kernels.packTransposed(m[0], packed);
              return unpacked(packed);
            }));
    PackedMatrix b = packed(COLS, COLS + 2);
    operations.add(
        new Operation(
            "multiply(Matrix, Factor[])",
            new int[][] {shape(ROWS, COLS + 2), shape(ROWS, COLS + 2), shape(ROWS, COLS + 2), wide},
            2,
            m -> {
              kernels.multiply(m[3], new Factor(b, m[2], m[0]), new Factor(b, m[1], m[1]));
              return new double[0];
            }));
    operations.add(
        new Operation(
            "multiply(Matrix, Factor[])",
            "multiply by nothing",
            new int[][] {wide},
            0,
            m -> {
              kernels.multiply(m[0]);
              return new double[0];
            }));
    operations.add(
        new Operation(
            "multiplyTransposedAdd(Matrix, Matrix, Matrix)",
            new int[][] {shape(COLS, 7), wide, shape(ROWS, 7)},
            1,
            m -> {
              kernels.multiplyTransposedAdd(m[1], m[2], m[0]);
              return new double[0];
            }));
    operations.add(
        new Operation(
            "sumRowsAdd(Matrix, Matrix[])",
            new int[][] {row, row, wide},
            2,
            m -> {
              kernels.sumRowsAdd(m[2], m[0], m[1]);
              return new double[0];
            }));
    operations.add(
        new Operation(
            "gather(Matrix, int[], int, Matrix)",
            new int[][] {wide, shape(4, COLS)},
            1,
            m -> {
              kernels.gather(m[1], INDICES, 1, m[0]);
              return new double[0];
            }));
    operations.add(
        new Operation(
            "scatterAdd(Matrix, int[], int, Matrix)",
            new int[][] {shape(4, COLS), wide},
            1,
            m -> {
              kernels.scatterAdd(m[1], INDICES, 1, m[0]);
              return new double[0];
            }));
    operations.add(
        new Operation(
            "softmaxCrossEntropy(Matrix, int[], int, double[], Matrix, double[])",
            new int[][] {wide, wide},
            1,
            m -> {
              double[] losses = new double[ROWS + 1];
              kernels.softmaxCrossEntropy(m[1], INDICES, 1, SCALES, m[0], losses);
              return losses;
            }));
    operations.add(
        new Operation(
            "softmaxCrossEntropy(Matrix, Matrix, int, double[], Matrix, double[])",
            new int[][] {wide, wide, wide},
            1,
            m -> {
              double[] losses = new double[ROWS + 1];
              kernels.softmaxCrossEntropy(m[1], m[2], 1, SCALES, m[0], losses);
              return losses;
            }));
    operations.add(
        new Operation(
            "sumOfSquares(Matrix)",
            new int[][] {wide},
            0,
            m -> new double[] {kernels.sumOfSquares(m[0])}));
    operations.add(
        new Operation(
            "sumOfProducts(Matrix, Matrix)",
            new int[][] {wide, wide},
            0,
            m -> new double[] {kernels.sumOfProducts(m[0], m[1])}));
    for (Op op : Op.values()) {
      operations.add(pointwise(op));
    }
    return operations;
  }

  /// target = op(x, y) s, where an operation on numbers of rows has a column.
  private Operation pointwise(Op op) {
    Pointwise.Builder builder = Pointwise.builder();
    Slot target = op == Op.SUM ? builder.column() : builder.operand();
    Slot left = op == Op.SPREAD ? builder.column() : builder.operand();
    Slot right = op.arity() == 2 ? builder.operand() : left;
    Slot scale = builder.scalar();
    builder.emit(op, target, left, right).emit(Op.MULTIPLY, target, target, scale);
    PointwiseKernel kernel = kernels.prepare(builder.build());
    int[][] shapes = new int[op.arity() + 1][];
    for (int i = 0; i < shapes.length; i++) {
      boolean column = (i == 0 && op == Op.SUM) || (i == 1 && op == Op.SPREAD);
      shapes[i] = shape(ROWS, column ? 1 : COLS);
    }
    return new Operation(
        "prepare(Pointwise)",
        op.toString(),
        shapes,
        1,
        m -> {
          kernel.run(m, 0.5);
          return new double[0];
        });
  }

  private PackedMatrix packed(int rows, int cols) {
    PackedMatrix packed = kernels.allocatePacked(rows, cols);
    kernels.pack(cases.matrix(rows, cols), packed);
    return packed;
  }

  /// The numbers of a packed matrix: its product with the identity.
  private double[] unpacked(PackedMatrix packed) {
    Matrix one = Matrix.allocate(kernels.type(), packed.rows(), packed.rows());
    for (int i = 0; i < packed.rows(); i++) {
      one.set(i, i, 1);
    }
    Matrix all = Matrix.allocate(kernels.type(), packed.rows(), packed.cols());
    kernels.multiply(one, Factor.of(packed, all));
    return Cases.values(all);
  }

  /// A new method of [Kernels] is no operation here before somebody has added it.
  @Test
  void operations_ofThisTest_areAllOfTheInterface() {
    Set<String> expected = new TreeSet<>();
    for (Method method : Kernels.class.getMethods()) {
      if (Arrays.stream(method.getParameterTypes())
          .anyMatch(type -> !type.isPrimitive() && !type.isEnum())) {
        String parameters =
            Arrays.stream(method.getParameterTypes())
                .map(Class::getSimpleName)
                .collect(Collectors.joining(", "));
        expected.add(method.getName() + "(" + parameters + ")");
      }
    }
    Set<String> actual = new TreeSet<>();
    operations().forEach(operation -> actual.add(operation.method()));
    assertEquals(expected, actual);
  }

  @Test
  void everyOperation_inEveryMixtureOfMemory_sameBits() {
    for (Operation operation : operations()) {
      int count = operation.shapes().length;
      double[][] numbers = new double[count][];
      for (int i = 0; i < count; i++) {
        numbers[i] = Cases.values(cases.dense(operation.shapes()[i][0], operation.shapes()[i][1]));
      }
      double[][] expected = null;
      int mixtures = (int) Math.pow(ALL.size(), count);
      for (int mixture = 0; mixture < mixtures; mixture++) {
        Memory[] memory = memory(mixture, count);
        String what = operation.name() + " in " + Arrays.toString(memory);
        double[][] actual = run(what, operation, memory, numbers);
        if (expected == null) {
          expected = actual;
        }
        for (int i = 0; i < actual.length; i++) {
          assertArrayEquals(expected[i], actual[i], what + ", result " + i);
        }
      }
    }
  }

  private static Memory[] memory(int mixture, int count) {
    Memory[] memory = new Memory[count];
    int rest = mixture;
    for (int i = 0; i < count; i++) {
      memory[i] = ALL.get(rest % ALL.size());
      rest /= ALL.size();
    }
    return memory;
  }

  private double[][] run(String what, Operation operation, Memory[] memory, double[][] numbers) {
    Matrix[] matrices = new Matrix[memory.length];
    for (int i = 0; i < matrices.length; i++) {
      int[] shape = operation.shapes()[i];
      matrices[i] = cases.in(memory[i], shape[0], shape[1], numbers[i]);
    }
    double[][] results = new double[operation.results() + 1][];
    results[operation.results()] = operation.call().run(matrices);
    for (int i = 0; i < matrices.length; i++) {
      Cases.assertNeighboursUntouched(what + ", matrix " + i, matrices[i]);
      if (i < operation.results()) {
        results[i] = Cases.values(matrices[i]);
      } else {
        assertArrayEquals(numbers[i], Cases.values(matrices[i]), what + ": argument " + i);
      }
    }
    return results;
  }

  /// Matrices that are one in the heap are one for the kernel, too.
  @Test
  void run_windowsOfOneBufferInTheHeap_readWhatTheOtherHasWritten() {
    Pointwise.Builder builder = Pointwise.builder();
    Slot x = builder.operand();
    Slot same = builder.operand();
    Slot beside = builder.operand();
    builder.emit(Op.ADD, same, x, x).emit(Op.ADD, beside, x, same);
    PointwiseKernel kernel = kernels.prepare(builder.build());
    Matrix all = Matrix.onHeap(kernels.type(), ROWS, 2 * COLS);
    Matrix left = all.columns(0, COLS);
    Matrix right = all.columns(COLS, COLS);
    cases.fill(all, 1);
    double[] before = Cases.values(left);
    kernel.run(new Matrix[] {left, all.columns(0, COLS), right});
    for (int i = 0; i < before.length; i++) {
      assertEquals(2 * before[i], Cases.values(left)[i], "left " + i);
      assertEquals(4 * before[i], Cases.values(right)[i], "right " + i);
    }
  }

  @Test
  void multiply_inTheHeapOntoARepeatedRow_sameBits() {
    PackedMatrix b = packed(COLS, 7);
    Matrix a = cases.matrix(ROWS, COLS);
    Matrix row = cases.matrix(1, 7);
    Matrix expected = cases.matrix(ROWS, 7);
    Matrix onto = Matrix.repeated(row.buffer(), row.offset(), ROWS, 7);
    kernels.multiply(a, new Factor(b, onto, expected));
    Matrix heapRow = cases.in(Memory.HEAP_WINDOW, 1, 7, Cases.values(row));
    Matrix heapOnto = Matrix.repeated(heapRow.buffer(), heapRow.offset(), ROWS, 7);
    Matrix heapA = cases.in(Memory.HEAP, ROWS, COLS, Cases.values(a));
    Matrix actual = Matrix.onHeap(kernels.type(), ROWS, 7);
    kernels.multiply(heapA, new Factor(b, heapOnto, actual));
    assertArrayEquals(Cases.values(expected), Cases.values(actual));
  }

  @Test
  void softmaxCrossEntropy_inPlaceInTheHeap_sameBits() {
    Matrix logits = cases.matrix(ROWS, COLS);
    Matrix inPlace = cases.in(Memory.HEAP_WINDOW, ROWS, COLS, Cases.values(logits));
    double[] losses = new double[ROWS + 1];
    double[] expected = new double[ROWS + 1];
    kernels.softmaxCrossEntropy(logits, INDICES, 1, SCALES, logits, expected);
    kernels.softmaxCrossEntropy(inPlace, INDICES, 1, SCALES, inPlace, losses);
    assertArrayEquals(expected, losses);
    assertArrayEquals(Cases.values(logits), Cases.values(inPlace));
    Cases.assertNeighboursUntouched("logits", inPlace);
  }

  /// What lies between a thread's results belongs to others.
  @Test
  void multiply_columnsOfOneBufferInTheHeapBySeveralThreads_sameBits() {
    Matrix a = cases.matrix(40, COLS);
    PackedMatrix b = packed(COLS, 4);
    Matrix expected = cases.matrix(40, 4);
    kernels.multiply(a, Factor.of(b, expected));
    for (int round = 0; round < 50; round++) {
      Matrix all = Matrix.onHeap(kernels.type(), 40, 12);
      Team.of(3).run((part, parts) -> kernels.multiply(a, Factor.of(b, all.columns(4 * part, 4))));
      for (int part = 0; part < 3; part++) {
        assertArrayEquals(
            Cases.values(expected), Cases.values(all.columns(4 * part, 4)), "part " + part);
      }
    }
  }

  @Test
  void everyOperation_onNothingInTheHeap_doesNothing() {
    Matrix nothing = Matrix.onHeap(kernels.type(), 0, COLS);
    kernels.multiply(nothing, Factor.of(packed(COLS, COLS), nothing));
    kernels.gather(nothing, INDICES, 0, nothing);
    kernels.scatterAdd(nothing, INDICES, 0, nothing);
    kernels.softmaxCrossEntropy(nothing, INDICES, 0, SCALES, nothing, new double[0]);
    assertEquals(0, kernels.sumOfSquares(nothing));
    Matrix sums = cases.in(Memory.HEAP, 1, 1, 3);
    kernels.sumRowsAdd(Matrix.onHeap(kernels.type(), 0, 1), sums);
    assertEquals(3, sums.get(0, 0));
  }
}
