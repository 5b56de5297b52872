package dev.unfold.online;

import com.sun.management.ThreadMXBean;
import dev.unfold.kernels.Factor;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.PackedMatrix;
import dev.unfold.kernels.storage.WeightFormat;
import java.lang.management.ManagementFactory;

/// A backend that counts the bytes which its operations allocate on the thread that calls them: plain loops keep sums
/// in arrays, and vectors are objects until they are compiled.
final class CountedKernels implements Kernels {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private final Kernels kernels;
  private long bytes;

  /// @param kernels what computes
  CountedKernels(Kernels kernels) {
    this.kernels = kernels;
  }

  /// How many bytes its operations have allocated so far.
  long bytes() {
    return bytes;
  }

  private static long begin() {
    return THREADS.getCurrentThreadAllocatedBytes();
  }

  private void add(long begun) {
    bytes += THREADS.getCurrentThreadAllocatedBytes() - begun;
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
    long begun = begin();
    kernels.pack(source, target);
    add(begun);
  }

  @Override
  public void packTransposed(Matrix source, PackedMatrix target) {
    long begun = begin();
    kernels.packTransposed(source, target);
    add(begun);
  }

  @Override
  public void multiply(Matrix a, Factor... factors) {
    long begun = begin();
    kernels.multiply(a, factors);
    add(begun);
  }

  @Override
  public void multiplyTransposedAdd(Matrix a, Matrix b, Matrix c) {
    long begun = begin();
    kernels.multiplyTransposedAdd(a, b, c);
    add(begun);
  }

  @Override
  public PointwiseKernel prepare(Pointwise program) {
    PointwiseKernel prepared = kernels.prepare(program);
    return (operands, scalars) -> {
      long begun = begin();
      prepared.run(operands, scalars);
      add(begun);
    };
  }

  @Override
  public void sumRowsAdd(Matrix source, Matrix... targets) {
    long begun = begin();
    kernels.sumRowsAdd(source, targets);
    add(begun);
  }

  @Override
  public void gather(Matrix table, int[] indices, int from, Matrix target) {
    long begun = begin();
    kernels.gather(table, indices, from, target);
    add(begun);
  }

  @Override
  public void scatterAdd(Matrix source, int[] indices, int from, Matrix table) {
    long begun = begin();
    kernels.scatterAdd(source, indices, from, table);
    add(begun);
  }

  @Override
  public void softmaxCrossEntropy(
      Matrix logits, int[] targets, int from, double[] scales, Matrix gradient, double[] losses) {
    long begun = begin();
    kernels.softmaxCrossEntropy(logits, targets, from, scales, gradient, losses);
    add(begun);
  }

  @Override
  public void softmaxCrossEntropy(
      Matrix logits, Matrix targets, int from, double[] scales, Matrix gradient, double[] losses) {
    long begun = begin();
    kernels.softmaxCrossEntropy(logits, targets, from, scales, gradient, losses);
    add(begun);
  }

  @Override
  public double sumOfProducts(Matrix a, Matrix b) {
    long begun = begin();
    double sum = kernels.sumOfProducts(a, b);
    add(begun);
    return sum;
  }

  @Override
  public long multiplyAdds(long rounds) {
    long begun = begin();
    long operations = kernels.multiplyAdds(rounds);
    add(begun);
    return operations;
  }
}
