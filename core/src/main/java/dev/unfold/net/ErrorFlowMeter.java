package dev.unfold.net;

import dev.unfold.bptt.Sequence;
import dev.unfold.bptt.UnrolledLayer;
import dev.unfold.kernels.Factor;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.PackedMatrix;
import dev.unfold.kernels.Team;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Follows the errors of many steps back side by side: each has a copy of the batch as rows of its own, whose sequences end
/// at the error's step, and into which only that step's error comes. For whoever measures an [ErrorFlow] more than once.
///
/// **Memory**: [Footprint#of] for T steps of B sequences, and again for about 64 sequences, kept from measurement to
/// measurement.
///
/// **Threads**: one caller at a time.
public final class ErrorFlowMeter {
  /// Rows of a step, about: enough for the products to run at full speed.
  private static final int ROWS = 64;

  private final Network network;
  private final Kernels kernels;
  private final Team team;
  private final int steps;
  private final int size;
  private final boolean isBidirectional;
  private final Parameters gradients;
  private final UnrolledNetwork whole;
  private final UnrolledNetwork wide;

  /// How many errors go back side by side.
  private final int side;

  /// dE_t/dh(t) at the uppermost layer, row t*B + b.
  private Matrix arriving;

  private Batch batch;
  private List<Collector> collectors;

  /// A meter for T steps of B sequences, and measurements of up to `times` error times.
  public ErrorFlowMeter(Network network, Team team, int steps, int batch, int times) {
    this.network = network;
    this.team = team;
    this.steps = steps;
    size = batch;
    kernels = network.kernels();
    isBidirectional = network.spec().directions() > 1;
    gradients = network.parameters().zeros();
    whole = network.unroll(team, steps, size);
    side = Math.clamp(ROWS / size, 1, Math.max(1, times));
    wide = network.unroll(team, steps, side * size);
  }

  /// Follows the errors of the steps `times` of `batch` back, from a state of zeros.
  ///
  /// **Errors**: as [ErrorFlow#of].
  public ErrorFlow measure(Batch batch, int... times) {
    if (batch.steps() != steps || batch.batch() != size) {
      throw new IllegalArgumentException(
          "batch: expected T=%d steps of B=%d sequences, got %d of %d"
              .formatted(steps, size, batch.steps(), batch.batch()));
    }
    if (batch.present().isPresent()) {
      throw new IllegalArgumentException("batch: expected sequences that all have T steps");
    }
    if (!batch.targets().isOfSteps()) {
      throw new IllegalArgumentException(
          "batch: expected a loss of each step, got one of sequences");
    }
    this.batch = batch;
    gradients.buffer().clear();
    whole.startFromZero();
    whole.loss(batch, Reduction.SUM);
    whole.backward(gradients);
    List<Level> levels = whole.levels();
    arriving = levels.getLast().outputGradient.rows(steps * size);
    collectors = new ArrayList<>();
    for (int l = 0; l < levels.size(); l++) {
      for (int d = 0; d < levels.get(l).directions.size(); d++) {
        collectors.add(new Collector(levels.get(l).directions.get(d), l, d));
      }
    }
    return run(times);
  }

  private ErrorFlow run(int... times) {
    int[] sorted = Arrays.stream(times).sorted().distinct().toArray();
    for (int t : sorted) {
      if (t < 0 || t >= steps) {
        throw new IllegalArgumentException(
            "times: expected 0 to T-1=" + (steps - 1) + ", got " + t);
      }
    }
    collectors.forEach(collector -> collector.start(sorted.length));
    for (int first = 0; first < sorted.length; first += side) {
      int until = Math.min(sorted.length, first + side);
      follow(Arrays.copyOfRange(sorted, first, until), first);
    }
    List<Integer> list = Arrays.stream(sorted).boxed().toList();
    return new ErrorFlow(steps, list, collectors.stream().map(c -> c.layer(list)).toList());
  }

  /// @param times the error times side by side
  /// @param first which the first of them is among all
  private void follow(int[] times, int first) {
    int[] lengths = new int[wide.batch()];
    for (int column = 0; column < times.length * size; column++) {
      // What is after the error's step has no part in it, except where the network reads backwards.
      lengths[column] = isBidirectional ? steps : times[column / size] + 1;
    }
    wide.lengths(lengths);
    wide.startFromZero();
    wide.runLayers(copies(wide.batch()));
    List<Level> levels = wide.levels();
    Arrangement rows = wide.arrangement();
    Matrix errors = levels.getLast().outputGradient.rows(rows.rows());
    errors.buffer().clear(errors.offset(), (long) errors.rows() * errors.cols());
    for (int row = 0; row < rows.rows(); row++) {
      int column = rows.given(row) % wide.batch();
      int t = rows.given(row) / wide.batch();
      if (column / size < times.length && t == times[column / size]) {
        State.copyRow(arriving, t * size + column % size, errors, row);
      }
    }
    for (int l = levels.size() - 1; l >= 0; l--) {
      levels.get(l).backwardSignals();
    }
    List<UnrolledLayer> layers = levels.stream().flatMap(l -> l.directions.stream()).toList();
    for (int i = 0; i < layers.size(); i++) {
      collectors.get(i).collect(layers.get(i), rows, times, first);
    }
  }

  /// The batch's inputs, as often as there is room for side by side.
  private Inputs copies(int columns) {
    return switch (batch.inputs()) {
      case Inputs.Tokens all -> {
        int[] tokens = new int[steps * columns];
        for (int i = 0; i < tokens.length; i++) {
          tokens[i] = all.tokens()[all.from() + i / columns * size + i % columns % size];
        }
        yield new Inputs.Tokens(tokens, 0);
      }
      case Inputs.Vectors all -> {
        int[] rows = new int[steps * columns];
        Arrays.setAll(rows, i -> i / columns * size + i % columns % size);
        Matrix values = Matrix.allocate(kernels.precision(), rows.length, all.values().cols());
        kernels.gather(all.values(), rows, 0, values);
        yield new Inputs.Vectors(values);
      }
    };
  }

  /// What is written down of one layer in one direction.
  private final class Collector {
    private final String name;
    private final boolean isReverse;
    private final List<String> parameters = new ArrayList<>();

    /// For each matrix G a at all steps, row t*B + b.
    private final List<double[]> projections = new ArrayList<>();

    private double[][] norms;
    private double[][] products;

    /// For each matrix and error time the share of each lag.
    private double[][][] shares;

    Collector(UnrolledLayer layer, int l, int d) {
      String suffix = Network.suffixes(network.spec(), l).get(d);
      name = suffix.substring(1);
      isReverse = d > 0;
      List<Matrix> own = network.weights().ofLayer(l, gradients).get(d);
      List<String> groups = network.weights().layers.get(l).get(d).groups();
      for (int g = 0; g < groups.size() && !isBidirectional; g++) {
        parameters.add(
            network.weights().layers.get(l).get(d).shapes().get(layer.weightOf(g)).name() + suffix);
        projections.add(projection(layer.operand(g), own.get(layer.weightOf(g))));
      }
    }

    private double[] projection(Matrix operand, Matrix gradient) {
      PackedMatrix packed = kernels.allocatePacked(gradient.cols(), gradient.rows());
      kernels.packTransposed(gradient, packed);
      Matrix product = Matrix.allocate(kernels.precision(), operand.rows(), gradient.rows());
      kernels.multiply(operand, Factor.of(packed, product));
      return numbers(product, 0, product.rows());
    }

    private static double[] numbers(Matrix of, int first, int rows) {
      double[] numbers = new double[rows * of.cols()];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = of.get(first + i / of.cols(), i % of.cols());
      }
      return numbers;
    }

    void start(int times) {
      norms = new double[times][steps];
      products = new double[times][steps];
      shares = new double[parameters.size()][times][steps];
    }

    /// The threads share the error times. Matrices with the same error signals share a pass over them.
    void collect(UnrolledLayer layer, Arrangement rows, int[] times, int first) {
      Map<Sequence, List<Integer>> signals = new LinkedHashMap<>();
      for (int g = 0; g < Math.max(1, parameters.size()); g++) {
        signals.computeIfAbsent(layer.errorSignals(g), s -> new ArrayList<>()).add(g);
      }
      signals.forEach((sequence, groups) -> {
        Matrix deltas = sequence.rows(rows.rows());
        double[][] own = new double[times.length * size][];
        for (int row = 0; row < rows.rows(); row++) {
          int column = column(rows, row);
          if (column / size < times.length && step(rows, row) == times[column / size]) {
            own[column] = numbers(deltas, row, 1);
          }
        }
        team.run((index, count) -> {
          double[] delta = new double[deltas.cols()];
          for (int row = 0; row < rows.rows(); row++) {
            int i = column(rows, row) / size;
            if (i < times.length && i % count == index) {
              for (int n = 0; n < delta.length; n++) {
                delta[n] = deltas.get(row, n);
              }
              collect(delta, rows, row, groups, times[i], first + i, own);
            }
          }
        });
      });
    }

    private int column(Arrangement rows, int row) {
      return rows.given(row) % rows.live.batch();
    }

    /// The step of a row, which the other direction counts from the end.
    private int step(Arrangement rows, int row) {
      int t = rows.given(row) / rows.live.batch();
      return isReverse ? steps - 1 - t : t;
    }

    private void collect(
        double[] delta,
        Arrangement rows,
        int row,
        List<Integer> groups,
        int t,
        int i,
        double[][] own) {
      int step = step(rows, row);
      int column = column(rows, row);
      if (groups.contains(0)) {
        norms[i][step] += product(delta, delta, 0);
        products[i][step] += product(delta, own[column], 0);
      }
      if (projections.isEmpty()) {
        return;
      }
      int from = (step * size + column % size) * delta.length;
      for (int group : groups) {
        shares[group][i][t - step] += product(delta, projections.get(group), from);
      }
    }

    /// a . b, where b is in an array from `from` on; in four sums that do not wait for each other.
    private static double product(double[] a, double[] b, int from) {
      double s0 = 0;
      double s1 = 0;
      double s2 = 0;
      double s3 = 0;
      int i = 0;
      for (; i + 3 < a.length; i += 4) {
        s0 += a[i] * b[from + i];
        s1 += a[i + 1] * b[from + i + 1];
        s2 += a[i + 2] * b[from + i + 2];
        s3 += a[i + 3] * b[from + i + 3];
      }
      for (; i < a.length; i++) {
        s0 += a[i] * b[from + i];
      }
      return (s0 + s1) + (s2 + s3);
    }

    ErrorFlow.Layer layer(List<Integer> times) {
      double[][] cosines = new double[norms.length][steps];
      for (int i = 0; i < norms.length; i++) {
        double own = norms[i][times.get(i)];
        for (int t = 0; t < steps; t++) {
          double scale = Math.sqrt(norms[i][t]) * Math.sqrt(own);
          cosines[i][t] = scale == 0 ? 0 : products[i][t] / scale;
        }
        double[] squares = norms[i];
        Arrays.setAll(squares, t -> Math.sqrt(squares[t]));
      }
      List<ErrorFlow.Share> all = new ArrayList<>();
      for (int g = 0; g < parameters.size(); g++) {
        double[] byLag = new double[steps];
        for (double[] ofTime : shares[g]) {
          Arrays.setAll(byLag, k -> byLag[k] + ofTime[k]);
        }
        all.add(new ErrorFlow.Share(parameters.get(g), Arrays.stream(byLag).sum(), byLag));
      }
      return new ErrorFlow.Layer(name, times, norms, cosines, all);
    }
  }
}
