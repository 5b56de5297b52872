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

/// What an unrolled network receives at each step: vectors that the caller fills in, or the embeddings of tokens.
public final class NetworkInput {
  private final PackedRows packedRows;
  private final Kernels kernels;
  private final Sequence values;
  private final Sequence gradients;
  private final RowWindow rows;
  private final RowWindow gradientRows;
  private final Matrix embedding;
  private final Matrix given;
  private final int[] tokens;

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
    rows = new RowWindow(values.rows(capacity));
    gradientRows = new RowWindow(gradients.rows(capacity));
    switch (network.spec().encoder()) {
      case Encoder.Vectors v -> {
        embedding = null;
        tokens = null;
        given = Matrix.allocate(kernels.type(), capacity, width);
      }
      case Encoder.Embedding e -> {
        embedding = network.parameters().matrix(Network.EMBEDDING);
        tokens = new int[capacity];
        given = values.rows(capacity);
      }
    }
  }

  /// What the first layer receives.
  Sequences sequences() {
    return new Sequences(values, gradients);
  }

  /// The caller's vectors `[T*B, I]`, in the host's memory; for a network of tokens, their embeddings.
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
    switch (inputs) {
      case Inputs.Tokens all -> {
        expectKind("vectors", embedding == null, "tokens");
        for (int row = 0; row < all.rows(); row++) {
          checkToken(row, all.tokens()[all.from() + row]);
        }
      }
      case Inputs.Vectors all -> {
        expectKind("tokens", embedding != null, "vectors");
        expectWidth(all);
        ElementType got = all.values().buffer().type();
        if (got != kernels.type()) {
          throw new Refusal("inputs", kernels.type(), got);
        }
      }
    }
  }

  private static void expectKind(String expected, boolean isOther, String got) {
    if (isOther) {
      throw new Refusal("inputs", expected, got);
    }
  }

  private void checkToken(int row, int token) {
    if (token < 0 || token >= embedding.rows()) {
      throw new Refusal(
          "tokens[%d]".formatted(row), "0 to V-1=%d".formatted(embedding.rows() - 1), token);
    }
  }

  private void expectWidth(Inputs.Vectors all) {
    if (all.values().cols() != values.width()) {
      throw new Refusal("inputs", "I=%d".formatted(values.width()), all.values().cols());
    }
  }

  /// Takes the rows that are there of `inputs`.
  public void read(Inputs inputs) {
    switch (inputs) {
      case Inputs.Tokens all -> read(all.tokens(), all.from());
      case Inputs.Vectors all -> {
        expectVectors();
        expectWidth(all);
        if (packedRows.rows() > 0) {
          rows.show(0, packedRows.rows());
          kernels.gather(all.values(), packedRows.given(), 0, rows.matrix);
        }
      }
    }
  }

  private void expectVectors() {
    if (embedding != null) {
      throw new IllegalStateException("the network takes tokens: call forward(tokens, from)");
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
    if (embedding == null) {
      throw new IllegalStateException("the network takes vectors: fill input() and call forward()");
    }
    int count = packedRows.rows();
    if (count == 0) {
      return;
    }
    for (int row = 0; row < count; row++) {
      int given = packedRows.given(row);
      checkToken(given, source[from + given]);
      tokens[row] = source[from + given];
    }
    rows.show(0, count);
    kernels.gather(embedding, tokens, 0, rows.matrix);
  }

  /// Adds what the steps from `from` to `until` - 1 give to the embedding's derivative, block by block from the last to
  /// the first.
  void addGradients(NetworkGradients to, int from, int until) {
    if (embedding == null) {
      return;
    }
    int start;
    for (int end = until; end > from; end = start) {
      start = Math.max(from, packedRows.live.blockStart(end - 1));
      int first = packedRows.firstRow(start);
      gradientRows.show(first, packedRows.firstRow(end) - first);
      kernels.scatterAdd(gradientRows.matrix, tokens, first, to.embedding());
    }
  }
}
