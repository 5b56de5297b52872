package dev.unfold.formats.onnx.write;

import dev.unfold.cell.Expr;
import dev.unfold.cell.Size;
import dev.unfold.cell.Sizes;
import java.util.Arrays;
import java.util.List;

/// Writes what cells do with the matrices and numbers of heads. A value's last dimension holds the numbers of all
/// heads, of a matrix row by row; `Reshape` takes it apart into `[N, m, n]` for that, and puts it together afterwards.
///
/// @param graph where to
/// @param sizes what the letters of sizes stand for
/// @param prefix what names begin with
record MatrixWriter(GraphWriter graph, Sizes sizes, String prefix) {
  /// A value.
  ///
  /// @param name in the graph
  /// @param leading how many dimensions stand before the last one
  record Operand(String name, int leading) {}

  /// v k' of each head.
  String outer(Operand rows, Operand columns, Size size) {
    int n = sizes.of(size.grid().heads());
    String column = reshaped(rows, n, of(size.grid().rows(), size), 1);
    String row = reshaped(columns, n, 1, of(size.grid().columns(), size));
    String all = graph.node("Mul", prefix + ".outer", List.of(column, row));
    return joined(all, Math.max(rows.leading, columns.leading), sizes.of(size));
  }

  /// S k or S' v of each head.
  String product(Operand matrices, Operand vector, Expr.Contraction.Side side, Size size) {
    int n = sizes.of(size.grid().heads());
    int rows = of(size.grid().rows(), size);
    int columns = of(size.grid().columns(), size);
    String whole = reshaped(matrices, n, rows, columns);
    boolean right = side == Expr.Contraction.Side.RIGHT;
    String part = right ? reshaped(vector, n, columns, 1) : reshaped(vector, n, 1, rows);
    List<String> factors = right ? List.of(whole, part) : List.of(part, whole);
    String product = graph.node("MatMul", prefix + ".product", factors);
    int leading = Math.max(matrices.leading, vector.leading);
    return joined(product, leading, n * (right ? rows : columns));
  }

  /// The sum over the numbers of each head, of which a value of `size` has some for each of `heads`.
  String sum(Operand value, Size size, Size heads) {
    int n = sizes.of(heads);
    String apart = reshaped(value, n, sizes.of(size) / n);
    return Reductions.along(graph, "ReduceSum", prefix + ".head_sum", apart, -1, 0);
  }

  /// For each number of a head of a value of `size` the number that is the head's.
  String spread(Operand value, Size heads, Size size) {
    int n = sizes.of(heads);
    int all = sizes.of(size);
    float[] ones = new float[all / n];
    Arrays.fill(ones, 1);
    String row = graph.floats(prefix + ".ones", ones, 1, ones.length);
    String spread = graph.node("Mul", prefix + ".head_spread", List.of(reshaped(value, n, 1), row));
    return joined(spread, value.leading, all);
  }

  private int of(Size size, Size matrices) {
    return sizes.perHead(size, matrices.grid().heads());
  }

  private String joined(String value, int leading, int width) {
    return reshaped(new Operand(value, leading), width);
  }

  /// `value` with `sizes` in place of its last dimension; 0 keeps one of those before.
  private String reshaped(Operand value, long... sizes) {
    long[] shape = new long[value.leading + sizes.length];
    System.arraycopy(sizes, 0, shape, value.leading, sizes.length);
    return graph.node("Reshape", prefix + ".shaped", List.of(value.name, graph.integers(shape)));
  }
}
