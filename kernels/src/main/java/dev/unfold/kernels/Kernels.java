package dev.unfold.kernels;

import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.PackedMatrix;
import dev.unfold.kernels.storage.WeightFormat;

/// What a backend computes: the few loops that all time is spent in.
///
/// The scalar backend (`ScalarKernels`) says in plain loops what each of them means; every other backend
/// passes the same tests against it.
///
/// **Determinism**: an element of a result depends on its own inputs and on the summed dimension only,
/// never on how many rows or columns are computed in the same call nor on their place. So a caller may
/// split rows, or tiles of an output, among threads in any way and gets the same bits.
///
/// **Shapes**: checked by what [Backends] gives; a mismatch throws [IllegalArgumentException] that names the
/// argument, what was expected and what came. All matrices of a call have the backend's [#type].
///
/// **Memory**: the backend's own, [#allocate], of which a matrix may start anywhere. Of what [Backends] gives any other
/// works as well, with the same bits: what a call sees of it is copied for the call, and results are copied back. So
/// inputs may be the host's.
///
/// **Who writes a backend** implements this and gets what was checked, in memory of its own [#allocate] alone, outside
/// the heap.
///
/// **Threads**: any number at once, on outputs that do not overlap.
public interface Kernels {
  /// The backend's name: `scalar`, `vector`.
  String name();

  /// One line on what it runs with, such as the width of its vectors.
  String description();

  /// What it computes in.
  Precision precision();

  /// How the numbers of every matrix that it takes are kept.
  default ElementType type() {
    return precision().type();
  }

  /// A new buffer of `length` zeros in the memory that it computes on, which starts on a multiple of
  /// [Buffer#ALIGNMENT] bytes.
  ///
  /// **Errors**: [IllegalArgumentException] if `length` is below 0.
  Buffer allocate(long length);

  /// A new buffer of zeros, seen whole.
  default Matrix allocate(int rows, int cols) {
    return Matrix.of(allocate((long) rows * cols), 0, rows, cols);
  }

  /// Room for a right-hand side `[k, n]`.
  default PackedMatrix allocatePacked(int k, int n) {
    return allocatePacked(k, n, WeightFormat.FLOAT32);
  }

  /// Room for a right-hand side `[k, n]` whose numbers are kept in `format`.
  PackedMatrix allocatePacked(int k, int n, WeightFormat format);

  /// Lays out `source` `[K, N]` in `target`, which this backend has allocated in 32 bits.
  void pack(Matrix source, PackedMatrix target);

  /// Lays out the transpose of `source` `[N, K]` in `target` `[K, N]`, each row of `source` rounded to the target's
  /// format.
  void packTransposed(Matrix source, PackedMatrix target);

  /// The columns of a packed matrix that can be split off it: their first is a multiple of this.
  int alignment();

  /// For each factor: target = onto + a b, with a `[M, K]`, b `[K, N]`, onto and target `[M, N]`. A factor may start
  /// from its own target, but not from that of another.
  void multiply(Matrix a, Factor... factors);

  /// c = c + a^T b, with a `[R, M]`, b `[R, N]`, c `[M, N]`: the weight gradient, summed over the rows.
  void multiplyTransposedAdd(Matrix a, Matrix b, Matrix c);

  /// Makes a pointwise program ready to run.
  PointwiseKernel prepare(Pointwise program);

  /// For each target: target(0, c) = target(0, c) + sum over r of source(r, c), with source `[R, N]`, targets
  /// `[1, N]`.
  void sumRowsAdd(Matrix source, Matrix... targets);

  /// target row r = table row indices(from + r), with table `[V, N]`, target `[R, N]`.
  void gather(Matrix table, int[] indices, int from, Matrix target);

  /// table row indices(from + r) = itself + source row r, for r in rising order, with source `[R, N]`,
  /// table `[V, N]`.
  void scatterAdd(Matrix source, int[] indices, int from, Matrix table);

  /// Softmax cross-entropy with one right class a row. With o = softmax(logits row r) and z the target
  /// targets(from + r):
  ///
  ///     losses(from + r) = -ln o_z        gradient(r, k) = scales(from + r) (o_k - [k = z])
  ///
  /// computed so that large logits do not overflow. A row whose scale is 0 does not count: its loss and its gradient
  /// are 0 whatever its logits are.
  ///
  /// **Shapes**: logits and gradient `[R, K]`, and they may be the same matrix; targets in 0..K-1.
  void softmaxCrossEntropy(
      Matrix logits, int[] targets, int from, double[] scales, Matrix gradient, double[] losses);

  /// Softmax cross-entropy with a distribution over the classes a row:
  ///
  ///     losses(from + r) = -sum_k z_k ln o_k      gradient(r, k) = scales(from + r) (o_k sum_j z_j - z_k)
  ///
  /// A row whose scale is 0 does not count, as above.
  ///
  /// **Shapes**: logits, targets and gradient `[R, K]`; logits and gradient may be the same matrix.
  void softmaxCrossEntropy(
      Matrix logits, Matrix targets, int from, double[] scales, Matrix gradient, double[] losses);

  /// The sum of the squares of all elements, in double.
  default double sumOfSquares(Matrix source) {
    return sumOfProducts(source, source);
  }

  /// The sum of a(r, c) b(r, c) over all elements, in double, with a and b `[R, N]`.
  double sumOfProducts(Matrix a, Matrix b);

  /// Runs `rounds` rounds of independent multiply-adds from registers and returns how many floating-point
  /// operations these were: what the machine can do at most when timed.
  long multiplyAdds(long rounds);
}
