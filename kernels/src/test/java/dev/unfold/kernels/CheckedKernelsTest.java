package dev.unfold.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.PackedMatrix;
import dev.unfold.kernels.storage.WeightFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

/// A call with a wrong shape names the argument, what was expected and what came, and computes nothing.
class CheckedKernelsTest {
  private final Kernels kernels = Backends.named("scalar", Precision.FLOAT);

  private static Matrix matrix(int rows, int cols) {
    return Matrix.allocate(ElementType.FLOAT32, rows, cols);
  }

  private static Matrix repeated(int rows, int cols) {
    return Matrix.repeated(HostBuffer.allocate(ElementType.FLOAT32, cols), 0, rows, cols);
  }

  private static void assertRejected(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
  }

  @Test
  void allocatePacked_noElements_isRejected() {
    assertRejected("k x n: expected 1 or more, got 0 x 3", () -> kernels.allocatePacked(0, 3));
  }

  @Test
  void pack_wrongShape_isRejected() {
    PackedMatrix packed = kernels.allocatePacked(2, 3);
    assertRejected("source: expected [2, 3], got [3, 2]", () -> kernels.pack(matrix(3, 2), packed));
    assertRejected(
        "source: expected [3, 2], got [2, 3]", () -> kernels.packTransposed(matrix(2, 3), packed));
  }

  @Test
  void multiply_wrongShapes_areRejected() {
    PackedMatrix b = kernels.allocatePacked(2, 3);
    assertRejected(
        "a: expected [4, 2], got [4, 3]",
        () -> kernels.multiply(matrix(4, 3), Factor.of(b, matrix(4, 3))));
    assertRejected(
        "target: expected [4, 3], got [4, 2]",
        () -> kernels.multiply(matrix(4, 2), Factor.of(b, matrix(4, 2))));
    assertRejected(
        "target: expected a matrix with a row for each result, got a repeated row",
        () -> kernels.multiply(matrix(4, 2), Factor.of(b, repeated(4, 3))));
  }

  @Test
  void multiply_ontoTheTargetOfAnotherFactor_isRejected() {
    PackedMatrix b = kernels.allocatePacked(2, 3);
    Matrix c = matrix(4, 3);
    Factor own = new Factor(b, c, c);
    kernels.multiply(matrix(4, 2), own);
    assertRejected(
        "onto: expected no target of another factor, got one",
        () -> kernels.multiply(matrix(4, 2), own, new Factor(b, c.rows(0, 4), matrix(4, 3))));
  }

  @Test
  void multiply_otherPrecision_isRejected() {
    PackedMatrix b = kernels.allocatePacked(2, 3);
    Matrix a = Matrix.allocate(ElementType.FLOAT64, 4, 2);
    assertRejected(
        "a: expected FLOAT32, got FLOAT64", () -> kernels.multiply(a, Factor.of(b, matrix(4, 3))));
  }

  @Test
  void multiplyTransposedAdd_wrongShapes_areRejected() {
    assertRejected(
        "b: expected [5, 3], got [4, 3]",
        () -> kernels.multiplyTransposedAdd(matrix(5, 2), matrix(4, 3), matrix(2, 3)));
    assertRejected(
        "c: expected [2, 3], got [3, 2]",
        () -> kernels.multiplyTransposedAdd(matrix(5, 2), matrix(5, 3), matrix(3, 2)));
  }

  @Test
  void run_wrongArguments_areRejected() {
    Pointwise.Builder builder = Pointwise.builder();
    Pointwise.Slot target = builder.operand();
    builder.emit(Pointwise.Op.ADD, target, builder.operand(), builder.scalar());
    PointwiseKernel kernel = kernels.prepare(builder.build());
    assertRejected("operands: expected 2, got 1", () -> kernel.run(new Matrix[] {matrix(2, 2)}, 1));
    assertRejected(
        "scalars: expected 1, got 0", () -> kernel.run(new Matrix[] {matrix(2, 2), matrix(2, 2)}));
    assertRejected(
        "operand 1: expected [2, 2], got [2, 3]",
        () -> kernel.run(new Matrix[] {matrix(2, 2), matrix(2, 3)}, 1));
  }

  @Test
  void run_operandThatIsWrittenAndRepeated_isRejected() {
    Pointwise.Builder builder = Pointwise.builder();
    Pointwise.Slot target = builder.operand();
    builder.emit(Pointwise.Op.NEGATE, target, builder.operand(), target);
    PointwiseKernel kernel = kernels.prepare(builder.build());
    assertRejected(
        "operand 0: expected a matrix with a row for each result, got a repeated row",
        () -> kernel.run(new Matrix[] {repeated(2, 2), matrix(2, 2)}));
    kernel.run(new Matrix[] {matrix(2, 2), repeated(2, 2)});
  }

  @Test
  void run_rowOfAnotherShape_isRejected() {
    Pointwise.Builder builder = Pointwise.builder();
    Pointwise.Slot x = builder.operand();
    builder.emit(Pointwise.Op.SUM, builder.row(), x, x);
    PointwiseKernel kernel = kernels.prepare(builder.build());
    Matrix[] operands = {Matrix.of(new float[4][3]), Matrix.of(new float[4][3])};
    assertRejected("operand 1: expected [1, 3], got [4, 3]", () -> kernel.run(operands));
  }

  @Test
  void run_columnOfAnotherShape_isRejected() {
    Pointwise.Builder builder = Pointwise.builder();
    Pointwise.Slot sums = builder.column();
    Pointwise.Slot x = builder.operand();
    builder.emit(Pointwise.Op.SUM, sums, x, x);
    PointwiseKernel kernel = kernels.prepare(builder.build());
    assertRejected(
        "operand 0: expected [3, 1], got [3, 2]",
        () -> kernel.run(new Matrix[] {matrix(3, 2), matrix(3, 2)}));
    assertRejected(
        "operand 0: expected [3, 1], got [2, 1]",
        () -> kernel.run(new Matrix[] {matrix(2, 1), matrix(3, 2)}));
    assertRejected(
        "operand 0: expected a matrix with a row for each result, got a repeated row",
        () -> kernel.run(new Matrix[] {repeated(3, 1), matrix(3, 2)}));
  }

  @Test
  void sumRowsAdd_wrongTarget_isRejected() {
    assertRejected(
        "target: expected [1, 3], got [2, 3]",
        () -> kernels.sumRowsAdd(matrix(4, 3), matrix(2, 3)));
    assertRejected(
        "target: expected [1, 3], got [1, 4]",
        () -> kernels.sumRowsAdd(matrix(4, 3), matrix(1, 3), matrix(1, 4)));
  }

  @Test
  void gather_wrongArguments_areRejected() {
    assertRejected(
        "table: expected [5, 3], got [5, 2]",
        () -> kernels.gather(matrix(5, 2), new int[2], 0, matrix(2, 3)));
    assertRejected(
        "indices[1]: expected 0 to 4, got 5",
        () -> kernels.gather(matrix(5, 3), new int[] {0, 5}, 0, matrix(2, 3)));
    assertRejected(
        "indices: expected 2 from 1 on, got a length of 2",
        () -> kernels.gather(matrix(5, 3), new int[2], 1, matrix(2, 3)));
  }

  @Test
  void scatterAdd_wrongArguments_areRejected() {
    assertRejected(
        "source: expected [2, 3], got [2, 2]",
        () -> kernels.scatterAdd(matrix(2, 2), new int[2], 0, matrix(5, 3)));
    assertRejected(
        "indices[0]: expected 0 to 4, got -1",
        () -> kernels.scatterAdd(matrix(1, 3), new int[] {-1}, 0, matrix(5, 3)));
  }

  @Test
  void softmaxCrossEntropy_wrongArguments_areRejected() {
    Matrix logits = matrix(2, 3);
    double[] losses = new double[2];
    double[] scales = {1, 1};
    assertRejected(
        "scales: expected 2 from 0 on, got a length of 1",
        () -> kernels.softmaxCrossEntropy(logits, new int[2], 0, new double[1], logits, losses));
    assertRejected(
        "gradient: expected [2, 3], got [2, 2]",
        () -> kernels.softmaxCrossEntropy(logits, new int[2], 0, scales, matrix(2, 2), losses));
    assertRejected(
        "targets[0]: expected 0 to 2, got 3",
        () -> kernels.softmaxCrossEntropy(logits, new int[] {3, 0}, 0, scales, logits, losses));
    assertRejected(
        "losses: expected 2 from 0 on, got a length of 1",
        () -> kernels.softmaxCrossEntropy(logits, new int[2], 0, scales, logits, new double[1]));
    assertRejected(
        "targets: expected [2, 3], got [3, 3]",
        () -> kernels.softmaxCrossEntropy(logits, matrix(3, 3), 0, scales, logits, losses));
  }

  @Test
  void pack_into16Bits_isRejected() {
    PackedMatrix packed = kernels.allocatePacked(2, 3, WeightFormat.BFLOAT16);
    assertRejected(
        "target: expected one in 32 bits, got bf16", () -> kernels.pack(matrix(2, 3), packed));
  }

  /// A packed matrix that this backend knows nothing of.
  private record Foreign(int rows, int cols) implements PackedMatrix {
    @Override
    public WeightFormat format() {
      return WeightFormat.FLOAT32;
    }

    @Override
    public PackedMatrix columns(int from, int count) {
      return new Foreign(rows, count);
    }
  }

  @Test
  void packedMatrix_ofAnotherBackend_isRejected() {
    PackedMatrix foreign = new Foreign(2, 3);
    String rest = ": expected a matrix packed by the scalar backend, got one of another";
    assertRejected("target" + rest, () -> kernels.pack(matrix(2, 3), foreign));
    assertRejected("target" + rest, () -> kernels.packTransposed(matrix(3, 2), foreign));
    assertRejected(
        "b" + rest, () -> kernels.multiply(matrix(4, 2), Factor.of(foreign, matrix(4, 3))));
  }

  @Test
  void multiply_otherPrecisionWithoutFactors_isRejected() {
    Matrix a = Matrix.allocate(ElementType.FLOAT64, 4, 2);
    assertRejected("a: expected FLOAT32, got FLOAT64", () -> kernels.multiply(a));
  }
}
