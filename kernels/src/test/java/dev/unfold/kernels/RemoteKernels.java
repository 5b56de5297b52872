package dev.unfold.kernels;

import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.PackedMatrix;
import dev.unfold.kernels.storage.WeightFormat;
import java.util.Arrays;

/// A backend whose memory is not the host's, as an accelerator's is: its buffers can be copied and cleared and are seen
/// by its operations alone. It computes what another backend does.
public final class RemoteKernels implements Kernels {
  private final Kernels backend;

  private RemoteKernels(Kernels backend) {
    this.backend = backend;
  }

  /// What `backend` computes, on memory that is not the host's.
  public static Kernels of(Kernels backend) {
    return Backends.checked(new RemoteKernels(backend));
  }

  /// Memory that only this class reaches.
  private static final class RemoteBuffer extends Buffer {
    private final HostBuffer hidden;

    RemoteBuffer(HostBuffer hidden) {
      super(hidden.type(), hidden.length());
      this.hidden = hidden;
    }

    @Override
    public Buffer alike(long length) {
      return new RemoteBuffer(hidden.alike(length));
    }

    @Override
    public void clear(long from, long count) {
      hidden.clear(from, count);
    }

    @Override
    protected void upload(HostBuffer source, long sourceFrom, long from, long count) {
      hidden.copy(source, sourceFrom, from, count);
    }

    @Override
    protected void download(long from, HostBuffer target, long targetFrom, long count) {
      target.copy(hidden, from, targetFrom, count);
    }

    @Override
    protected void copyWithin(Buffer source, long sourceFrom, long from, long count) {
      hidden.copy(((RemoteBuffer) source).hidden, sourceFrom, from, count);
    }
  }

  private static Matrix here(Matrix matrix) {
    if (matrix == null) {
      return null;
    }
    Buffer hidden = ((RemoteBuffer) matrix.buffer()).hidden;
    return Matrix.of(hidden, matrix.offset(), matrix.rows(), matrix.cols(), matrix.stride());
  }

  private static Matrix[] here(Matrix[] matrices) {
    return Arrays.stream(matrices).map(RemoteKernels::here).toArray(Matrix[]::new);
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
  public Buffer allocate(long length) {
    return new RemoteBuffer((HostBuffer) backend.allocate(length));
  }

  @Override
  public PackedMatrix allocatePacked(int k, int n, WeightFormat format) {
    return backend.allocatePacked(k, n, format);
  }

  @Override
  public void pack(Matrix source, PackedMatrix target) {
    backend.pack(here(source), target);
  }

  @Override
  public void packTransposed(Matrix source, PackedMatrix target) {
    backend.packTransposed(here(source), target);
  }

  @Override
  public int alignment() {
    return backend.alignment();
  }

  @Override
  public void multiply(Matrix a, Factor... factors) {
    Factor[] own =
        Arrays.stream(factors)
            .map(f -> new Factor(f.b(), here(f.onto()), here(f.target())))
            .toArray(Factor[]::new);
    backend.multiply(here(a), own);
  }

  @Override
  public void multiplyTransposedAdd(Matrix a, Matrix b, Matrix c) {
    backend.multiplyTransposedAdd(here(a), here(b), here(c));
  }

  @Override
  public PointwiseKernel prepare(Pointwise program) {
    PointwiseKernel kernel = backend.prepare(program);
    return (operands, scalars) -> kernel.run(here(operands), scalars);
  }

  @Override
  public void sumRowsAdd(Matrix source, Matrix... targets) {
    backend.sumRowsAdd(here(source), here(targets));
  }

  @Override
  public void gather(Matrix table, int[] indices, int from, Matrix target) {
    backend.gather(here(table), indices, from, here(target));
  }

  @Override
  public void scatterAdd(Matrix source, int[] indices, int from, Matrix table) {
    backend.scatterAdd(here(source), indices, from, here(table));
  }

  @Override
  public void softmaxCrossEntropy(
      Matrix logits, int[] targets, int from, double[] scales, Matrix gradient, double[] losses) {
    backend.softmaxCrossEntropy(here(logits), targets, from, scales, here(gradient), losses);
  }

  @Override
  public void softmaxCrossEntropy(
      Matrix logits, Matrix targets, int from, double[] scales, Matrix gradient, double[] losses) {
    backend.softmaxCrossEntropy(here(logits), here(targets), from, scales, here(gradient), losses);
  }

  @Override
  public double sumOfProducts(Matrix a, Matrix b) {
    return backend.sumOfProducts(here(a), here(b));
  }

  @Override
  public long multiplyAdds(long rounds) {
    return backend.multiplyAdds(rounds);
  }
}
