package dev.unfold.unroll.tape;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.Sequence;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkGradients;
import dev.unfold.sequence.Inputs;
import dev.unfold.unroll.rows.PackedRows;
import dev.unfold.unroll.rows.RowWindow;
import dev.unfold.unroll.rows.Sequences;
import java.util.List;

/// What an unrolled network receives at each step: numbers as they are, and after them the embeddings of categories. A
/// vector has numbers alone, a token is one category.
public final class NetworkInput {
  private static final String TOKENS = "tokens";
  private static final String VECTORS = "vectors";
  private static final String COLUMNS = "columns";

  private final PackedRows packedRows;
  private final Kernels kernels;
  private final Sequence values;
  private final Sequence gradients;
  private final Encoder encoder;

  /// What the numbers are in `values`.
  private final RowWindow numbers;

  private final RowWindow gradientRows;
  private final Embedded[] categories;
  private final Matrix given;

  /// The sum over windows of the derivative with respect to the input; null until there are any.
  private Sequence sum;

  private boolean hasWindows;

  public NetworkInput(Network network, PackedRows packedRows) {
    this.packedRows = packedRows;
    kernels = network.kernels();
    int capacity = packedRows.live.capacity() * packedRows.live.batch();
    int width = network.spec().encoder().width();
    values = Sequence.allocate(kernels, capacity, width);
    gradients = Sequence.allocate(kernels, capacity, width);
    encoder = network.spec().encoder();
    numbers = new RowWindow(values.rows(capacity).columns(0, encoder.numbers()));
    gradientRows = new RowWindow(gradients.rows(capacity));
    List<String> names = Network.embeddings(encoder);
    categories = new Embedded[names.size()];
    int column = encoder.numbers();
    for (int c = 0; c < categories.length; c++) {
      Matrix table = network.parameters().matrix(names.get(c));
      String name = encoder instanceof Encoder.Embedding ? TOKENS : "categories[" + c + "]";
      categories[c] = new Embedded(name, table, capacity, column);
      column += table.cols();
    }
    given =
        encoder instanceof Encoder.Vectors
            ? Matrix.allocate(kernels.type(), capacity, width)
            : values.rows(capacity);
  }

  /// A column of categories, whose embeddings are some columns of the input.
  private final class Embedded {
    private final String name;
    private final Matrix table;
    private final int[] indices;
    private final RowWindow target;
    private final RowWindow source;

    /// @param name of what the caller gives
    /// @param column the first of its columns
    Embedded(String name, Matrix table, int capacity, int column) {
      this.name = name;
      this.table = table;
      indices = new int[capacity];
      target = new RowWindow(values.rows(capacity).columns(column, table.cols()));
      source = new RowWindow(gradients.rows(capacity).columns(column, table.cols()));
    }

    void check(int row, int category) {
      if (category < 0 || category >= table.rows()) {
        throw new Refusal(
            "%s[%d]".formatted(name, row), "0 to V-1=%d".formatted(table.rows() - 1), category);
      }
    }

    /// Takes the rows that are there, row r at `source[from + r]`.
    void read(int[] source, int from) {
      for (int row = 0; row < packedRows.rows(); row++) {
        int given = packedRows.given(row);
        check(given, source[from + given]);
        indices[row] = source[from + given];
      }
      if (packedRows.rows() > 0) {
        target.show(0, packedRows.rows());
        kernels.gather(table, indices, 0, target.matrix);
      }
    }

    void addGradient(int first, int count, Matrix to) {
      source.show(first, count);
      kernels.scatterAdd(source.matrix, indices, first, to);
    }
  }

  /// What the first layer receives.
  Sequences sequences() {
    return new Sequences(values, gradients);
  }

  /// The caller's vectors `[T*B, I]`, in the host's memory; for another network, its whole input.
  public Matrix given() {
    return given;
  }

  /// The derivative with respect to the input, a row for each that is there.
  public Matrix gradient() {
    return (hasWindows ? sum : gradients).rows(packedRows.rows());
  }

  /// Lets [#gradient] be that of the whole from now on.
  void endWindows() {
    hasWindows = false;
  }

  /// Lets [#gradient] be the sum over windows from now on.
  void startWindows() {
    hasWindows = true;
    if (sum == null) {
      sum = Sequence.allocate(kernels, given.rows(), values.width());
    }
    sum.buffer().clear();
  }

  /// Adds the derivative with respect to the input at the steps from `from` to `until` - 1, as a window has left it.
  void addWindow(int from, int until) {
    int first = packedRows.firstRow(from);
    int count = packedRows.firstRow(until) - first;
    Matrix to = sum.rows(packedRows.rows()).rows(first, count);
    gradientRows.show(first, count);
    kernels.prepare(Pointwise.of(Pointwise.Op.ADD)).run(new Matrix[] {to, gradientRows.matrix});
  }

  /// **Errors**: [IllegalArgumentException] if `inputs`, which have all rows, are not what the network takes.
  public void check(Inputs inputs) {
    expectKind(inputs);
    switch (inputs) {
      case Inputs.Tokens all -> {
        for (int row = 0; row < all.rows(); row++) {
          categories[0].check(row, all.tokens()[all.from() + row]);
        }
      }
      case Inputs.Vectors all -> {
        expectWidth("I", all.values().cols());
        expectType(all.values());
      }
      case Inputs.Columns all -> {
        expectColumns(all);
        if (all.numbers().isPresent()) {
          expectType(all.numbers().get());
        }
        for (int c = 0; c < categories.length; c++) {
          for (int row = 0; row < all.rows(); row++) {
            categories[c].check(row, all.categories()[c][all.from() + row]);
          }
        }
      }
    }
  }

  private void expectKind(Inputs inputs) {
    String expected =
        switch (encoder) {
          case Encoder.Embedding _ -> TOKENS;
          case Encoder.Vectors _ -> VECTORS;
          case Encoder.Columns _ -> COLUMNS;
        };
    String got =
        switch (inputs) {
          case Inputs.Tokens _ -> TOKENS;
          case Inputs.Vectors _ -> VECTORS;
          case Inputs.Columns _ -> COLUMNS;
        };
    if (!expected.equals(got)) {
      throw new Refusal("inputs", expected, got);
    }
  }

  private void expectWidth(String letter, int got) {
    if (got != encoder.numbers()) {
      throw new Refusal("inputs", "%s=%d".formatted(letter, encoder.numbers()), got);
    }
  }

  private void expectType(Matrix all) {
    ElementType got = all.buffer().type();
    if (got != kernels.type()) {
      throw new Refusal("inputs", kernels.type(), got);
    }
  }

  private void expectColumns(Inputs.Columns all) {
    expectWidth("N", all.width());
    if (all.categories().length != categories.length) {
      throw new Refusal(
          "inputs", "C=%d categories".formatted(categories.length), all.categories().length);
    }
  }

  /// Takes the rows that are there of `inputs`.
  public void read(Inputs inputs) {
    switch (inputs) {
      case Inputs.Tokens all -> read(all.tokens(), all.from());
      case Inputs.Vectors all -> {
        expectVectors();
        expectWidth("I", all.values().cols());
        readNumbers(all.values());
      }
      case Inputs.Columns all -> {
        expectKind(all);
        expectColumns(all);
        read(all);
      }
    }
  }

  private void read(Inputs.Columns all) {
    for (int c = 0; c < categories.length; c++) {
      categories[c].read(all.categories()[c], all.from());
    }
    if (all.numbers().isPresent()) {
      readNumbers(all.numbers().get());
    }
  }

  private void readNumbers(Matrix all) {
    if (packedRows.rows() > 0 && all.cols() > 0) {
      numbers.show(0, packedRows.rows());
      kernels.gather(all, packedRows.given(), 0, numbers.matrix);
    }
  }

  private void expectVectors() {
    switch (encoder) {
      case Encoder.Vectors _ -> {}
      case Encoder.Embedding _ ->
          throw new IllegalStateException("the network takes tokens: call forward(tokens, from)");
      case Encoder.Columns _ ->
          throw new IllegalStateException("the network takes columns: call forward(inputs)");
    }
  }

  /// Takes the caller's vectors.
  public void read() {
    expectVectors();
    if (packedRows.isPlain()) {
      values.buffer().copy(given.buffer(), 0, 0, given.buffer().length());
    } else {
      read(new Inputs.Vectors(given));
    }
  }

  /// Takes the embeddings of tokens, of which the rows that are there are in the array.
  public void read(int[] source, int from) {
    switch (encoder) {
      case Encoder.Embedding _ -> {}
      case Encoder.Vectors _ ->
          throw new IllegalStateException(
              "the network takes vectors: fill input() and call forward()");
      case Encoder.Columns _ ->
          throw new IllegalStateException("the network takes columns: call forward(inputs)");
    }
    categories[0].read(source, from);
  }

  /// Adds what the steps from `from` to `until` - 1 give to the embeddings' derivatives, block by block from the last
  /// to the first.
  void addGradients(NetworkGradients to, int from, int until) {
    if (categories.length == 0) {
      return;
    }
    int start;
    for (int end = until; end > from; end = start) {
      start = Math.max(from, packedRows.live.blockStart(end - 1));
      int first = packedRows.firstRow(start);
      for (int c = 0; c < categories.length; c++) {
        categories[c].addGradient(first, packedRows.firstRow(end) - first, to.embedding(c));
      }
    }
  }
}
