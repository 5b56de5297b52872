package dev.unfold.kernels;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.PackedMatrix;
import dev.unfold.kernels.storage.Precision;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Checks every call, then lets a backend compute it: shapes, precisions, indices, who has packed a matrix. All
/// matrices that a backend gets are outside the heap ([Staging]). What is left to a backend are the windows onto its
/// packed matrices ([PackedMatrix#columns]); what nobody checks is that matrices do not overlap where they must not.
final class CheckedKernels implements Kernels {
  private final Kernels backend;
  private final Class<? extends PackedMatrix> packed;

  CheckedKernels(Kernels backend) {
    this.backend = backend;
    packed = backend.allocatePacked(1, 1).getClass();
  }

  @Override
  public String name() {
    return backend.name();
  }

  @Override
  public String description() {
    return backend.description();
  }

  @Override
  public Precision precision() {
    return backend.precision();
  }

  @Override
  public PackedMatrix allocatePacked(int k, int n) {
    if (k < 1 || n < 1) {
      throw new Refusal("k x n", "1 or more", k + " x " + n);
    }
    return backend.allocatePacked(k, n);
  }

  @Override
  public void pack(Matrix source, PackedMatrix target) {
    expectOwn("target", target);
    expect("source", source, target.rows(), target.cols());
    if (source.isOnHeap()) {
      try (Staging staging = Staging.of(source)) {
        backend.pack(staging.outside(source), target);
      }
    } else {
      backend.pack(source, target);
    }
  }

  @Override
  public void packTransposed(Matrix source, PackedMatrix target) {
    expectOwn("target", target);
    expect("source", source, target.cols(), target.rows());
    if (source.isOnHeap()) {
      try (Staging staging = Staging.of(source)) {
        backend.packTransposed(staging.outside(source), target);
      }
    } else {
      backend.packTransposed(source, target);
    }
  }

  @Override
  public int alignment() {
    return backend.alignment();
  }

  @Override
  public void multiply(Matrix a, Factor... factors) {
    expect("a", a, a.rows(), a.cols());
    boolean onHeap = a.isOnHeap();
    for (int f = 0; f < factors.length; f++) {
      Factor factor = factors[f];
      expectOwn("b", factor.b());
      expect("a", a, a.rows(), factor.b().rows());
      expectOutput("target", factor.target(), a.rows(), factor.b().cols());
      onHeap |= factor.target().isOnHeap();
      if (factor.onto() != null) {
        expect("onto", factor.onto(), a.rows(), factor.b().cols());
        expectNoTarget(factor.onto(), f, factors);
        onHeap |= factor.onto().isOnHeap();
      }
    }
    if (onHeap) {
      multiplyStaged(a, factors);
    } else {
      backend.multiply(a, factors);
    }
  }

  private void multiplyStaged(Matrix a, Factor[] factors) {
    List<Matrix> all = new ArrayList<>();
    all.add(a);
    for (Factor factor : factors) {
      all.add(factor.onto());
      all.add(factor.target());
    }
    try (Staging staging = Staging.of(all.toArray(Matrix[]::new))) {
      Factor[] outside = new Factor[factors.length];
      for (int f = 0; f < factors.length; f++) {
        Matrix onto = staging.outside(factors[f].onto());
        outside[f] = new Factor(factors[f].b(), onto, staging.outside(factors[f].target()));
      }
      backend.multiply(staging.outside(a), outside);
      for (Factor factor : factors) {
        staging.takeBack(factor.target());
      }
    }
  }

  /// Factors are computed in turns, block by block of k, so none can start from what another computes.
  private static void expectNoTarget(Matrix onto, int own, Factor[] factors) {
    for (int f = 0; f < factors.length; f++) {
      Matrix target = factors[f].target();
      boolean same = target.buffer() == onto.buffer() && target.offset() == onto.offset();
      if (f != own && same) {
        throw new Refusal("onto", "no target of another factor", "one");
      }
    }
  }

  @Override
  public void multiplyTransposedAdd(Matrix a, Matrix b, Matrix c) {
    expect("b", b, a.rows(), b.cols());
    expect("a", a, a.rows(), a.cols());
    expectOutput("c", c, a.cols(), b.cols());
    if (a.isOnHeap() || b.isOnHeap() || c.isOnHeap()) {
      try (Staging staging = Staging.of(a, b, c)) {
        backend.multiplyTransposedAdd(staging.outside(a), staging.outside(b), staging.outside(c));
        staging.takeBack(c);
      }
    } else {
      backend.multiplyTransposedAdd(a, b, c);
    }
  }

  @Override
  public PointwiseKernel prepare(Pointwise program) {
    PointwiseKernel kernel = backend.prepare(program);
    boolean[] columns = program.columns();
    boolean[] written = new boolean[program.operands()];
    for (Pointwise.Instruction instruction : program.instructions()) {
      Pointwise.Slot target = instruction.target();
      if (target.kind() == Pointwise.Kind.OPERAND || target.kind() == Pointwise.Kind.COLUMN) {
        written[target.index()] = true;
      }
    }
    int shaping = program.firstWide();
    return (operands, scalars) -> {
      if (operands.length != program.operands()) {
        throw new Refusal("operands", program.operands(), operands.length);
      }
      if (scalars.length != program.scalars()) {
        throw new Refusal("scalars", program.scalars(), scalars.length);
      }
      boolean onHeap = false;
      for (int i = 0; i < operands.length; i++) {
        Matrix shape = operands[shaping];
        int cols = columns[i] ? 1 : shape.cols();
        expectOperand(i, operands[i], shape.rows(), cols, written[i]);
        onHeap |= operands[i].isOnHeap();
      }
      if (onHeap) {
        runStaged(kernel, written, operands, scalars);
      } else {
        kernel.run(operands, scalars);
      }
    };
  }

  private static void runStaged(
      PointwiseKernel kernel, boolean[] written, Matrix[] operands, double[] scalars) {
    try (Staging staging = Staging.of(operands)) {
      kernel.run(staging.outside(operands), scalars);
      for (int i = 0; i < operands.length; i++) {
        if (written[i]) {
          staging.takeBack(operands[i]);
        }
      }
    }
  }

  @Override
  public void sumRowsAdd(Matrix source, Matrix... targets) {
    expect("source", source, source.rows(), source.cols());
    boolean onHeap = source.isOnHeap();
    for (Matrix target : targets) {
      expectOutput("target", target, 1, source.cols());
      onHeap |= target.isOnHeap();
    }
    if (onHeap) {
      sumRowsStaged(source, targets);
    } else {
      backend.sumRowsAdd(source, targets);
    }
  }

  private void sumRowsStaged(Matrix source, Matrix[] targets) {
    Matrix[] all = Arrays.copyOf(targets, targets.length + 1);
    all[targets.length] = source;
    try (Staging staging = Staging.of(all)) {
      backend.sumRowsAdd(staging.outside(source), staging.outside(targets));
      for (Matrix target : targets) {
        staging.takeBack(target);
      }
    }
  }

  @Override
  public void gather(Matrix table, int[] indices, int from, Matrix target) {
    expect("table", table, table.rows(), target.cols());
    expectOutput("target", target, target.rows(), target.cols());
    expectIndices("indices", indices, from, target.rows(), table.rows());
    if (table.isOnHeap() || target.isOnHeap()) {
      try (Staging staging = Staging.of(table, target)) {
        backend.gather(staging.outside(table), indices, from, staging.outside(target));
        staging.takeBack(target);
      }
    } else {
      backend.gather(table, indices, from, target);
    }
  }

  @Override
  public void scatterAdd(Matrix source, int[] indices, int from, Matrix table) {
    expect("source", source, source.rows(), table.cols());
    expectOutput("table", table, table.rows(), table.cols());
    expectIndices("indices", indices, from, source.rows(), table.rows());
    if (source.isOnHeap() || table.isOnHeap()) {
      try (Staging staging = Staging.of(source, table)) {
        backend.scatterAdd(staging.outside(source), indices, from, staging.outside(table));
        staging.takeBack(table);
      }
    } else {
      backend.scatterAdd(source, indices, from, table);
    }
  }

  @Override
  public void softmaxCrossEntropy(
      Matrix logits, int[] targets, int from, double[] scales, Matrix gradient, double[] losses) {
    expect("logits", logits, logits.rows(), logits.cols());
    expectOutput("gradient", gradient, logits.rows(), logits.cols());
    expectIndices("targets", targets, from, logits.rows(), logits.cols());
    expectLength("scales", scales.length, from, logits.rows());
    expectLength("losses", losses.length, from, logits.rows());
    if (logits.isOnHeap() || gradient.isOnHeap()) {
      try (Staging staging = Staging.of(logits, gradient)) {
        Matrix outside = staging.outside(gradient);
        backend.softmaxCrossEntropy(
            staging.outside(logits), targets, from, scales, outside, losses);
        staging.takeBack(gradient);
      }
    } else {
      backend.softmaxCrossEntropy(logits, targets, from, scales, gradient, losses);
    }
  }

  @Override
  public void softmaxCrossEntropy(
      Matrix logits, Matrix targets, int from, double[] scales, Matrix gradient, double[] losses) {
    expect("logits", logits, logits.rows(), logits.cols());
    expect("targets", targets, logits.rows(), logits.cols());
    expectOutput("gradient", gradient, logits.rows(), logits.cols());
    expectLength("scales", scales.length, from, logits.rows());
    expectLength("losses", losses.length, from, logits.rows());
    if (logits.isOnHeap() || targets.isOnHeap() || gradient.isOnHeap()) {
      try (Staging staging = Staging.of(logits, targets, gradient)) {
        Matrix z = staging.outside(targets);
        Matrix outside = staging.outside(gradient);
        backend.softmaxCrossEntropy(staging.outside(logits), z, from, scales, outside, losses);
        staging.takeBack(gradient);
      }
    } else {
      backend.softmaxCrossEntropy(logits, targets, from, scales, gradient, losses);
    }
  }

  @Override
  public double sumOfProducts(Matrix a, Matrix b) {
    expect("a", a, a.rows(), a.cols());
    expect("b", b, a.rows(), a.cols());
    if (!a.isOnHeap() && !b.isOnHeap()) {
      return backend.sumOfProducts(a, b);
    }
    try (Staging staging = Staging.of(a, b)) {
      return backend.sumOfProducts(staging.outside(a), staging.outside(b));
    }
  }

  @Override
  public long multiplyAdds(long rounds) {
    return backend.multiplyAdds(rounds);
  }

  /// The name is put together only for the message: this runs once for each operand of every step.
  private void expectOperand(int index, Matrix operand, int rows, int cols, boolean written) {
    boolean sound =
        operand.rows() == rows
            && operand.cols() == cols
            && operand.buffer().precision() == backend.precision()
            && !(written && isRepeated(operand));
    if (!sound) {
      String name = "operand " + index;
      expect(name, operand, rows, cols);
      expectOutput(name, operand, rows, cols);
    }
  }

  private void expectOwn(String name, PackedMatrix matrix) {
    if (matrix.getClass() != packed) {
      throw new Refusal(name, "a matrix packed by the " + name() + " backend", "one of another");
    }
  }

  private void expectOutput(String name, Matrix matrix, int rows, int cols) {
    expect(name, matrix, rows, cols);
    if (isRepeated(matrix)) {
      throw new Refusal(name, "a matrix with a row for each result", "a repeated row");
    }
  }

  private static boolean isRepeated(Matrix matrix) {
    return matrix.stride() == 0 && matrix.rows() > 1 && matrix.cols() > 0;
  }

  private void expect(String name, Matrix matrix, int rows, int cols) {
    if (matrix.rows() != rows || matrix.cols() != cols) {
      throw new Refusal(
          name, "[" + rows + ", " + cols + "]", "[" + matrix.rows() + ", " + matrix.cols() + "]");
    }
    if (matrix.buffer().precision() != backend.precision()) {
      throw new Refusal(name, backend.precision(), matrix.buffer().precision());
    }
  }

  private static void expectIndices(String name, int[] indices, int from, int count, int limit) {
    expectLength(name, indices.length, from, count);
    for (int i = from; i < from + count; i++) {
      if (indices[i] < 0 || indices[i] >= limit) {
        throw new Refusal(name + "[" + i + "]", "0 to " + (limit - 1), indices[i]);
      }
    }
  }

  private static void expectLength(String name, int length, int from, int count) {
    if (from < 0 || length - from < count) {
      throw new Refusal(name, count + " from " + from + " on", "a length of " + length);
    }
  }
}
