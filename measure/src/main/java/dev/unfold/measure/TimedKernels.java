package dev.unfold.measure;

import dev.unfold.argument.Expect;
import dev.unfold.kernels.Factor;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.PackedMatrix;
import dev.unfold.kernels.storage.WeightFormat;
import java.util.concurrent.atomic.LongAdder;

/// A backend whose operations are timed, by whichever thread calls them.
public final class TimedKernels implements Kernels {
  private final Kernels kernels;
  private final LongAdder nanos = new LongAdder();

  /// @param kernels what computes
  public TimedKernels(Kernels kernels) {
    this.kernels = Expect.given("kernels", kernels);
  }

  /// How long its operations took so far, all threads together.
  public double seconds() {
    return nanos.sum() / 1e9;
  }

  private void add(long begun) {
    nanos.add(System.nanoTime() - begun);
  }

  @Override
  public String name() {
    return kernels.name();
  }

  @Override
  public String description() {
    return kernels.description();
  }

  @Override
  public Precision precision() {
    return kernels.precision();
  }

  @Override
  public Buffer allocate(long length) {
    return kernels.allocate(length);
  }

  @Override
  public PackedMatrix allocatePacked(int k, int n, WeightFormat format) {
    return kernels.allocatePacked(k, n, format);
  }

  @Override
  public int alignment() {
    return kernels.alignment();
  }

  @Override
  public void pack(Matrix source, PackedMatrix target) {
    long begun = System.nanoTime();
    kernels.pack(source, target);
    add(begun);
  }

  @Override
  public void packTransposed(Matrix source, PackedMatrix target) {
    long begun = System.nanoTime();
    kernels.packTransposed(source, target);
    add(begun);
  }

  @Override
  public void multiply(Matrix a, Factor... factors) {
    long begun = System.nanoTime();
    kernels.multiply(a, factors);
    add(begun);
  }

  @Override
  public void multiplyTransposedAdd(Matrix a, Matrix b, Matrix c) {
    long begun = System.nanoTime();
    kernels.multiplyTransposedAdd(a, b, c);
    add(begun);
  }

  @Override
  public PointwiseKernel prepare(Pointwise program) {
    PointwiseKernel prepared = kernels.prepare(program);
    return (operands, scalars) -> {
      long begun = System.nanoTime();
      prepared.run(operands, scalars);
      add(begun);
    };
  }

  @Override
  public void sumRowsAdd(Matrix source, Matrix... targets) {
    long begun = System.nanoTime();
    kernels.sumRowsAdd(source, targets);
    add(begun);
  }

  @Override
  public void gather(Matrix table, int[] indices, int from, Matrix target) {
    long begun = System.nanoTime();
    kernels.gather(table, indices, from, target);
    add(begun);
  }

  @Override
  public void scatterAdd(Matrix source, int[] indices, int from, Matrix table) {
    long begun = System.nanoTime();
    kernels.scatterAdd(source, indices, from, table);
    add(begun);
  }

  @Override
  public void softmaxCrossEntropy(
      Matrix logits, int[] targets, int from, double[] scales, Matrix gradient, double[] losses) {
    long begun = System.nanoTime();
    kernels.softmaxCrossEntropy(logits, targets, from, scales, gradient, losses);
    add(begun);
  }

  @Override
  public void softmaxCrossEntropy(
      Matrix logits, Matrix targets, int from, double[] scales, Matrix gradient, double[] losses) {
    long begun = System.nanoTime();
    kernels.softmaxCrossEntropy(logits, targets, from, scales, gradient, losses);
    add(begun);
  }

  @Override
  public double sumOfProducts(Matrix a, Matrix b) {
    long begun = System.nanoTime();
    double sum = kernels.sumOfProducts(a, b);
    add(begun);
    return sum;
  }

  @Override
  public long multiplyAdds(long rounds) {
    long begun = System.nanoTime();
    long operations = kernels.multiplyAdds(rounds);
    add(begun);
    return operations;
  }
}
