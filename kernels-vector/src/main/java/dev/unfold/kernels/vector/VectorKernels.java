package dev.unfold.kernels.vector;

import dev.unfold.kernels.Factor;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.PackedMatrix;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.kernels.vector.lanes.Lanes;
import dev.unfold.kernels.vector.lanes.SumInDouble;
import dev.unfold.kernels.vector.pointwise.VectorPointwise;
import dev.unfold.kernels.vector.product.MultiplyAdds;
import dev.unfold.kernels.vector.product.Product;
import dev.unfold.kernels.vector.product.Slivers;
import dev.unfold.kernels.vector.product.TransposedProduct;
import dev.unfold.kernels.vector.rows.Rows;
import dev.unfold.kernels.vector.rows.Softmax;
import java.lang.ref.Reference;

/// The kernels on the Vector API, in single precision. It checks no shapes, and takes no memory of the heap: what
/// [dev.unfold.kernels.Backends] hands out sees to both.
final class VectorKernels implements Kernels {
  @Override
  public String name() {
    return "vector";
  }

  @Override
  public String description() {
    return "Vector API, "
        + Lanes.SPECIES.vectorBitSize()
        + " bits, "
        + Lanes.LANES
        + " floats a vector";
  }

  @Override
  public Precision precision() {
    return Precision.FLOAT;
  }

  @Override
  public Buffer allocate(long length) {
    return HostBuffer.allocate(ElementType.FLOAT32, length);
  }

  @Override
  public PackedMatrix allocatePacked(int k, int n, WeightFormat format) {
    return Slivers.allocate(k, n, format);
  }

  @Override
  public void pack(Matrix source, PackedMatrix target) {
    try {
      ((Slivers) target).pack(source);
    } finally {
      Reference.reachabilityFence(source);
      Reference.reachabilityFence(target);
    }
  }

  @Override
  public void packTransposed(Matrix source, PackedMatrix target) {
    try {
      ((Slivers) target).packTransposed(source);
    } finally {
      Reference.reachabilityFence(source);
      Reference.reachabilityFence(target);
    }
  }

  @Override
  public int alignment() {
    return Lanes.LANES;
  }

  @Override
  public void multiply(Matrix a, Factor... factors) {
    Product.multiply(a, factors);
  }

  @Override
  public void multiplyTransposedAdd(Matrix a, Matrix b, Matrix c) {
    TransposedProduct.multiplyAdd(a, b, c);
  }

  @Override
  public PointwiseKernel prepare(Pointwise program) {
    return new VectorPointwise(program);
  }

  @Override
  public void sumRowsAdd(Matrix source, Matrix... targets) {
    Rows.sumAdd(source, targets);
  }

  @Override
  public void gather(Matrix table, int[] indices, int from, Matrix target) {
    Rows.gather(table, indices, from, target);
  }

  @Override
  public void scatterAdd(Matrix source, int[] indices, int from, Matrix table) {
    Rows.scatterAdd(source, indices, from, table);
  }

  @Override
  public void softmaxCrossEntropy(
      Matrix logits, int[] targets, int from, double[] scales, Matrix gradient, double[] losses) {
    Softmax.crossEntropy(logits, targets, from, scales, gradient, losses);
  }

  @Override
  public void softmaxCrossEntropy(
      Matrix logits, Matrix targets, int from, double[] scales, Matrix gradient, double[] losses) {
    Softmax.crossEntropy(logits, targets, from, scales, gradient, losses);
  }

  @Override
  public double sumOfProducts(Matrix a, Matrix b) {
    return SumInDouble.ofProducts(a, b);
  }

  @Override
  public long multiplyAdds(long rounds) {
    return MultiplyAdds.run(rounds);
  }
}
