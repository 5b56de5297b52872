package dev.unfold.model;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.WeightFormat;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Named tensors in one buffer: a network's parameters, or as many numbers that belong to them (gradients,
/// an optimizer's averages).
///
/// Each tensor starts on a cache line; the gaps between them are zero, so that whatever is done to
/// all numbers alike can be done to the buffer as a whole.
///
/// **Threads**: no synchronisation; who writes while others read must see to it himself.
public final class Parameters {
  private final Map<String, Tensor> tensors;
  private final Buffer buffer;
  private long version;

  /// A tensor's name, shape and place in the buffer.
  public record Tensor(String name, List<Integer> shape, long offset) {
    /// Copies the list.
    public Tensor {
      shape = List.copyOf(shape);
    }

    /// Rows of the matrix; a vector is a single row.
    public int rows() {
      return shape.size() == 1 ? 1 : shape.getFirst();
    }

    /// Columns of the matrix, or the length of the vector.
    public int cols() {
      return shape.getLast();
    }

    /// How many numbers.
    public long length() {
      return (long) rows() * cols();
    }
  }

  private Parameters(Map<String, Tensor> tensors, Buffer buffer) {
    this.tensors = tensors;
    this.buffer = buffer;
  }

  /// Zeros in the memory of `kernels` of the given shapes (one size for a vector, two for a matrix), in the order of
  /// the map.
  static Parameters allocate(Kernels kernels, Map<String, List<Integer>> shapes) {
    int line = Buffer.ALIGNMENT / kernels.type().bytes();
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    long offset = 0;
    for (Map.Entry<String, List<Integer>> entry : shapes.entrySet()) {
      Tensor tensor = new Tensor(entry.getKey(), entry.getValue(), offset);
      tensors.put(tensor.name(), tensor);
      offset += Math.ceilDiv(tensor.length(), line) * (long) line;
    }
    return new Parameters(tensors, kernels.allocate(offset));
  }

  /// As many zeros, of the same names and shapes.
  public Parameters zeros() {
    return new Parameters(tensors, buffer.alike(buffer.length()));
  }

  /// A copy.
  public Parameters copy() {
    Parameters copy = zeros();
    copy.set(this);
    return copy;
  }

  /// Takes over all numbers of `other`, which has the same names and shapes.
  ///
  /// **Errors**: [IllegalArgumentException] that names what differs if they are those of another network.
  public void set(Parameters other) {
    expectAlike("parameters", other);
    buffer.copy(other.buffer, 0, 0, buffer.length());
    changed();
  }

  /// Checks that `other` has the same names, shapes and precision.
  ///
  /// **Errors**: [IllegalArgumentException] that names the first difference.
  public void expectAlike(String name, Parameters other) {
    Expect.given(name, other);
    if (buffer.type() != other.buffer.type()) {
      throw new Refusal(name, buffer.type(), other.buffer.type());
    }
    if (tensors.equals(other.tensors)) {
      return;
    }
    List<Tensor> own = tensors();
    List<Tensor> others = other.tensors();
    int i = 0;
    while (i < Math.min(own.size(), others.size()) && own.get(i).equals(others.get(i))) {
      i++;
    }
    throw new Refusal(name, described(own, i), described(others, i));
  }

  private static String described(List<Tensor> all, int i) {
    return i < all.size() ? all.get(i).name() + " " + all.get(i).shape() : "no more";
  }

  /// The tensors in order.
  public List<Tensor> tensors() {
    return new ArrayList<>(tensors.values());
  }

  /// The tensor `name` as a matrix, a vector as a single row. Who writes to it calls [#changed] after.
  ///
  /// **Errors**: [IllegalArgumentException] that lists the names if there is none.
  public Matrix matrix(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new Refusal("parameter", "one of " + tensors.keySet(), name);
    }
    return Matrix.of(buffer, tensor.offset(), tensor.rows(), tensor.cols());
  }

  /// All numbers, the gaps included.
  public Buffer buffer() {
    return buffer;
  }

  /// All numbers as a single row, the gaps included.
  public Matrix all() {
    return Matrix.of(buffer, 0, 1, Math.toIntExact(buffer.length()));
  }

  /// How many numbers there are, gaps not counted.
  public long count() {
    return tensors.values().stream().mapToLong(Tensor::length).sum();
  }

  /// Says that numbers were changed, so that whoever keeps something made from them makes it again.
  public void changed() {
    version++;
  }

  /// A number that is another one after each change.
  public long version() {
    return version;
  }

  /// Rounds all matrices to `format`.
  ///
  /// **Errors**: [IllegalArgumentException] that names a matrix with numbers that cannot be rounded.
  void round(WeightFormat format) {
    for (Tensor tensor : tensors.values()) {
      if (tensor.shape().size() > 1) {
        Matrix numbers = matrix(tensor.name());
        Matrix here = numbers.toHost();
        format.expectRoundable(tensor.name(), here);
        format.round(here);
        numbers.copy(here);
      }
    }
    changed();
  }

  /// The first tensor with a number that is not finite, or null.
  public String firstNonFinite() {
    for (Tensor tensor : tensors.values()) {
      Matrix numbers = matrix(tensor.name()).toHost();
      for (int r = 0; r < numbers.rows(); r++) {
        for (int c = 0; c < numbers.cols(); c++) {
          if (!Double.isFinite(numbers.get(r, c))) {
            return tensor.name();
          }
        }
      }
    }
    return null;
  }
}
