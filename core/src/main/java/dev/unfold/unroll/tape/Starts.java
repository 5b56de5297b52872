package dev.unfold.unroll.tape;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.model.StaticStart;
import dev.unfold.sequence.Inputs;
import dev.unfold.unroll.rows.PackedRows;
import java.util.Arrays;
import java.util.List;

/// Where sequences start whose static columns say so, [StaticStart], and the way back to the map and its input.
///
/// It is little beside the steps, so one thread computes it, in double, on the host: the same bits for every engine and
/// any number of threads.
///
///     s_0 = W x + b     dE/dW = ds x^T     dE/db = ds     dE/dx = W^T ds
public final class Starts {
  private final Network network;
  private final StaticStart start;
  private final List<String> states;
  private final List<String> tables;
  private final PackedRows packedRows;
  private final int width;

  /// x of each sequence in the caller's order.
  private final double[][] x;

  /// The categories in it.
  private final int[][] categories;

  /// Whether it has steps.
  private final boolean[] isThere;

  private final double[][] adjoint;

  /// @param packedRows the rows of whole sequences
  public Starts(Network network, StaticStart start, PackedRows packedRows) {
    this.network = network;
    this.start = start;
    this.packedRows = packedRows;
    states = State.names(network.spec());
    List<String> all = Network.embeddings(network.spec().encoder());
    tables = all.subList(all.size() - start.categories(), all.size());
    width = start.width(network.spec().encoder());
    int batch = packedRows.live.batch();
    x = new double[batch][width];
    adjoint = new double[batch][width];
    categories = new int[batch][start.categories()];
    isThere = new boolean[batch];
  }

  /// Puts the states that sequences start from into `to`: zeros for one without steps.
  public void start(Inputs inputs, State to) {
    read(inputs);
    List<Matrix> matrices = to.layers().stream().flatMap(List::stream).toList();
    for (int s = 0; s < states.size(); s++) {
      Matrix weight = network.parameters().matrix(StaticStart.weight(states.get(s))).toHost();
      Matrix bias = network.parameters().matrix(StaticStart.bias(states.get(s))).toHost();
      Matrix state = Matrix.onHeap(weight.buffer().type(), x.length, weight.rows());
      for (int unit = 0; unit < weight.rows(); unit++) {
        double[] row = row(weight, unit);
        for (int b = 0; b < x.length; b++) {
          double sum = bias.get(0, unit);
          for (int p = 0; p < width; p++) {
            sum += row[p] * x[b][p];
          }
          state.set(b, unit, isThere[b] ? sum : 0);
        }
      }
      matrices.get(s).copy(state);
    }
  }

  private static double[] row(Matrix of, int row) {
    double[] all = new double[of.cols()];
    for (int i = 0; i < all.length; i++) {
      all[i] = of.get(row, i);
    }
    return all;
  }

  /// Takes what never changes from the first step of each sequence.
  private void read(Inputs inputs) {
    List<Matrix> embeddings =
        tables.stream().map(name -> network.parameters().matrix(name).toHost()).toList();
    for (int i = 0; i < x.length; i++) {
      int b = packedRows.sequence(i);
      isThere[b] = packedRows.live.length(i) > 0;
      if (isThere[b]) {
        read(inputs, packedRows.given(packedRows.live.row(0, i)), b, embeddings);
      }
    }
  }

  private void read(Inputs inputs, int row, int b, List<Matrix> embeddings) {
    Matrix numbers =
        switch (inputs) {
          case Inputs.Vectors all -> all.values();
          case Inputs.Columns all -> all.numbers().orElse(null);
          case Inputs.Tokens _ -> throw new IllegalStateException("tokens are no static columns");
        };
    for (int p = 0; p < start.numbers(); p++) {
      x[b][p] = numbers.get(row, numbers.cols() - start.numbers() + p);
    }
    int next = start.numbers();
    for (int c = 0; c < embeddings.size(); c++) {
      Inputs.Columns all = (Inputs.Columns) inputs;
      int column = all.categories().length - embeddings.size() + c;
      categories[b][c] = all.categories()[column][all.from() + row];
      for (int i = 0; i < embeddings.get(c).cols(); i++) {
        x[b][next++] = embeddings.get(c).get(categories[b][c], i);
      }
    }
  }

  /// Adds the derivatives with respect to the map and the embeddings to `to`.
  ///
  /// @param gradient with respect to the states that the last [#start] gave
  public void addGradients(State gradient, Parameters to) {
    for (double[] each : adjoint) {
      Arrays.fill(each, 0);
    }
    List<Matrix> matrices = gradient.layers().stream().flatMap(List::stream).toList();
    for (int s = 0; s < states.size(); s++) {
      addGradients(matrices.get(s).toHost(), states.get(s), to);
    }
    Kernels kernels = network.kernels();
    int next = start.numbers();
    for (int c = 0; c < tables.size(); c++) {
      Matrix table = to.matrix(tables.get(c));
      for (int b = 0; b < x.length; b++) {
        if (isThere[b]) {
          Matrix row = Matrix.allocate(kernels.type(), 1, table.cols());
          for (int i = 0; i < table.cols(); i++) {
            row.set(0, i, adjoint[b][next + i]);
          }
          kernels.scatterAdd(row, new int[] {categories[b][c]}, 0, table);
        }
      }
      next += table.cols();
    }
  }

  private void addGradients(Matrix own, String state, Parameters to) {
    Matrix weight = network.parameters().matrix(StaticStart.weight(state)).toHost();
    Matrix ofWeight = Matrix.allocate(weight.buffer().type(), weight.rows(), width);
    Matrix ofBias = Matrix.allocate(weight.buffer().type(), 1, weight.rows());
    for (int unit = 0; unit < weight.rows(); unit++) {
      double[] row = row(weight, unit);
      double[] sums = new double[width];
      double sum = 0;
      for (int b = 0; b < x.length; b++) {
        double d = isThere[b] ? own.get(b, unit) : 0;
        sum += d;
        for (int p = 0; p < width; p++) {
          sums[p] += d * x[b][p];
          adjoint[b][p] += d * row[p];
        }
      }
      ofBias.set(0, unit, sum);
      for (int p = 0; p < width; p++) {
        ofWeight.set(unit, p, sums[p]);
      }
    }
    add(to.matrix(StaticStart.weight(state)), ofWeight);
    add(to.matrix(StaticStart.bias(state)), ofBias);
  }

  private void add(Matrix to, Matrix own) {
    network.kernels().prepare(Pointwise.of(Pointwise.Op.ADD)).run(new Matrix[] {to, own});
  }

  /// Adds the derivative with respect to x, which [#addGradients] has found, to that with respect to the input.
  void addInputGradient(Matrix input) {
    int numbers = network.spec().encoder().numbers();
    int behind = input.cols() - (width - start.numbers());
    for (int i = 0; i < x.length; i++) {
      int b = packedRows.sequence(i);
      if (isThere[b]) {
        Matrix row = Matrix.allocate(input.buffer().type(), 1, input.cols());
        for (int p = 0; p < width; p++) {
          boolean isNumber = p < start.numbers();
          int column = isNumber ? numbers - start.numbers() + p : behind + p - start.numbers();
          row.set(0, column, adjoint[b][p]);
        }
        add(input.rows(packedRows.live.row(0, i), 1), row);
      }
    }
  }
}
