package dev.unfold.kernels;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.PackedMatrix;
import dev.unfold.kernels.storage.WeightFormat;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Checks every call, then lets a backend compute it: shapes, precisions, indices, who has packed a matrix. All
/// matrices that a backend gets are in its own memory, outside the heap ([Staging]). What is left to a backend are the
/// windows onto its packed matrices ([PackedMatrix#columns]); what nobody checks is that matrices do not overlap where
/// they must not.
final class CheckedKernels implements Kernels {
  private final Kernels backend;
  private final Class<? extends PackedMatrix> packed;
  private final Staging.Memory memory;

  CheckedKernels(Kernels backend) {
    this.backend = backend;
    packed = backend.allocatePacked(1, 1).getClass();
    memory = new Staging.Memory(backend);
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
  public ElementType type() {
    return backend.type();
  }

  @Override
  public Buffer allocate(long length) {
    return backend.allocate(length);
  }

  @Override
  public PackedMatrix allocatePacked(int k, int n, WeightFormat format) {
    if (k < 1 || n < 1) {
      throw new Refusal("k x n", "1 or more", k + " x " + n);
    }
    return backend.allocatePacked(k, n, Expect.given("format", format));
  }

  @Override
  public void pack(Matrix source, PackedMatrix target) {
    expectOwn("target", target);
    if (target.format() != WeightFormat.FLOAT32) {
      throw new Refusal("target", "one in 32 bits", target.format().text());
    }
    expect("source", source, target.rows(), target.cols());
    if (!memory.has(source)) {
      try (Staging staging = Staging.of(memory, source)) {
        backend.pack(staging.own(source), target);
      }
    } else {
      backend.pack(source, target);
    }
  }

  @Override
  public void packTransposed(Matrix source, PackedMatrix target) {
    expectOwn("target", target);
    expect("source", source, target.cols(), target.rows());
    if (!memory.has(source)) {
      try (Staging staging = Staging.of(memory, source)) {
        backend.packTransposed(staging.own(source), target);
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
    boolean isElsewhere = !memory.has(a);
    for (int f = 0; f < factors.length; f++) {
      Factor factor = factors[f];
      expectOwn("b", factor.b());
      expect("a", a, a.rows(), factor.b().rows());
      expectOutput("target", factor.target(), a.rows(), factor.b().cols());
      isElsewhere |= !memory.has(factor.target());
      if (factor.onto() != null) {
        expect("onto", factor.onto(), a.rows(), factor.b().cols());
        expectNoTarget(factor.onto(), f, factors);
        isElsewhere |= !memory.has(factor.onto());
      }
    }
    if (isElsewhere) {
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
    try (Staging staging = Staging.of(memory, all.toArray(Matrix[]::new))) {
      Factor[] own = new Factor[factors.length];
      for (int f = 0; f < factors.length; f++) {
        Matrix onto = staging.own(factors[f].onto());
        own[f] = new Factor(factors[f].b(), onto, staging.own(factors[f].target()));
      }
      backend.multiply(staging.own(a), own);
      for (Factor factor : factors) {
        staging.takeBack(factor.target());
      }
    }
  }

  /// Factors are computed in turns, block by block of k, so none can start from what another computes.
  private static void expectNoTarget(Matrix onto, int own, Factor[] factors) {
    for (int f = 0; f < factors.length; f++) {
      Matrix target = factors[f].target();
      boolean same = target.buffer().equals(onto.buffer()) && target.offset() == onto.offset();
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
    if (!memory.has(a) || !memory.has(b) || !memory.has(c)) {
      try (Staging staging = Staging.of(memory, a, b, c)) {
        backend.multiplyTransposedAdd(staging.own(a), staging.own(b), staging.own(c));
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
    boolean[] rows = program.rows();
    boolean[] written = new boolean[program.operands()];
    for (Pointwise.Instruction instruction : program.instructions()) {
      Pointwise.Slot target = instruction.target();
      switch (target.kind()) {
        case OPERAND, COLUMN, ROW -> written[target.index()] = true;
        default -> {}
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
      boolean isElsewhere = false;
      for (int i = 0; i < operands.length; i++) {
        Matrix shape = operands[shaping];
        int cols = columns[i] ? 1 : shape.cols();
        expectOperand(i, operands[i], rows[i] ? 1 : shape.rows(), cols, written[i]);
        isElsewhere |= !memory.has(operands[i]);
      }
      if (isElsewhere) {
        runStaged(kernel, written, operands, scalars);
      } else {
        kernel.run(operands, scalars);
      }
    };
  }

  private void runStaged(
      PointwiseKernel kernel, boolean[] written, Matrix[] operands, double[] scalars) {
    try (Staging staging = Staging.of(memory, operands)) {
      kernel.run(staging.own(operands), scalars);
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
    boolean isElsewhere = !memory.has(source);
    for (Matrix target : targets) {
      expectOutput("target", target, 1, source.cols());
      isElsewhere |= !memory.has(target);
    }
    if (isElsewhere) {
      sumRowsStaged(source, targets);
    } else {
      backend.sumRowsAdd(source, targets);
    }
  }

  private void sumRowsStaged(Matrix source, Matrix[] targets) {
    Matrix[] all = Arrays.copyOf(targets, targets.length + 1);
    all[targets.length] = source;
    try (Staging staging = Staging.of(memory, all)) {
      backend.sumRowsAdd(staging.own(source), staging.own(targets));
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
    if (!memory.has(table) || !memory.has(target)) {
      try (Staging staging = Staging.of(memory, table, target)) {
        backend.gather(staging.own(table), indices, from, staging.own(target));
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
    if (!memory.has(source) || !memory.has(table)) {
      try (Staging staging = Staging.of(memory, source, table)) {
        backend.scatterAdd(staging.own(source), indices, from, staging.own(table));
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
    if (!memory.has(logits) || !memory.has(gradient)) {
      try (Staging staging = Staging.of(memory, logits, gradient)) {
        Matrix own = staging.own(gradient);
        backend.softmaxCrossEntropy(staging.own(logits), targets, from, scales, own, losses);
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
    if (!memory.has(logits) || !memory.has(targets) || !memory.has(gradient)) {
      try (Staging staging = Staging.of(memory, logits, targets, gradient)) {
        Matrix z = staging.own(targets);
        Matrix own = staging.own(gradient);
        backend.softmaxCrossEntropy(staging.own(logits), z, from, scales, own, losses);
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
    if (memory.has(a) && memory.has(b)) {
      return backend.sumOfProducts(a, b);
    }
    try (Staging staging = Staging.of(memory, a, b)) {
      return backend.sumOfProducts(staging.own(a), staging.own(b));
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
            && operand.buffer().type() == backend.type()
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
    if (matrix.buffer().type() != backend.type()) {
      throw new Refusal(name, backend.type(), matrix.buffer().type());
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
