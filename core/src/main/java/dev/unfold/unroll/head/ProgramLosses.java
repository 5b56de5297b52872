package dev.unfold.unroll.head;

import dev.unfold.head.NumberLoss;
import dev.unfold.head.PointwiseLoss;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// Computes a [PointwiseLoss]: all numbers by one program, then those over again that are missing or out of the
/// ordinary for its formulas ([NumberLoss]), of which there are few.
final class ProgramLosses implements ValueLosses {
  private final PointwiseLoss loss;
  private final NumberLoss alone;

  /// One for each thread.
  private final PointwiseKernel[] programs;

  /// Count for each row the numbers that are ordinary.
  private final PointwiseKernel[] counters;

  /// Tell for each number of a row whether it is, and the place where each thread is told.
  private final PointwiseKernel[] tellers;

  private final Matrix[] told;

  /// What each row counts, and the sum over its numbers.
  private final Matrix scales;

  private final Matrix sums;

  /// What the sum over N numbers is divided by.
  private final double divisor;

  /// What each row counts, unrounded.
  private double[] counts;

  /// A row with numbers that are computed one by one.
  ///
  /// @param loss of the row
  /// @param numbers their places
  /// @param slopes by the outputs of each of them
  private record SpecialRow(int row, double loss, int[] numbers, double[][] slopes) {}

  ProgramLosses(PointwiseLoss loss, Kernels kernels, int threads, int rows, int outputs) {
    this.loss = loss;
    alone = NumberLoss.of(loss);
    scales = kernels.allocate(rows, 1);
    sums = kernels.allocate(rows, 1);
    divisor = loss.isLikelihood() ? 1 : (double) outputs / loss.outputsPerNumber();
    programs = new PointwiseKernel[threads];
    Arrays.setAll(programs, i -> kernels.prepare(program()));
    counters = new PointwiseKernel[threads];
    Arrays.setAll(counters, i -> kernels.prepare(counter()));
    tellers = new PointwiseKernel[threads];
    Arrays.setAll(tellers, i -> kernels.prepare(teller()));
    told = new Matrix[threads];
    int numbers = outputs / loss.outputsPerNumber();
    Arrays.setAll(told, i -> kernels.allocate(1, numbers));
  }

  private Pointwise program() {
    Pointwise.Builder b = Pointwise.builder();
    List<Slot> outputs = outputs(b);
    Slot z = b.operand();
    Slot scale = b.column();
    Slot sum = b.column();
    PointwiseLoss.Terms terms = loss.terms(b, outputs, z);
    b.emit(Op.SUM, sum, terms.error(), terms.error());
    Slot weight = b.rowTemporary();
    b.emit(Op.MULTIPLY, weight, scale, b.constant(1 / divisor));
    Slot spread = b.compute(Op.SPREAD, weight);
    for (int part = 0; part < outputs.size(); part++) {
      b.emit(Op.MULTIPLY, outputs.get(part), terms.slopes().get(part), spread);
    }
    return b.build();
  }

  private List<Slot> outputs(Pointwise.Builder b) {
    List<Slot> outputs = new ArrayList<>();
    for (int part = 0; part < loss.outputsPerNumber(); part++) {
      outputs.add(b.operand());
    }
    return outputs;
  }

  private Pointwise counter() {
    Pointwise.Builder b = Pointwise.builder();
    Slot ordinary = alone.ordinary(b, outputs(b), b.operand());
    return b.emit(Op.SUM, b.column(), ordinary, ordinary).build();
  }

  private Pointwise teller() {
    Pointwise.Builder b = Pointwise.builder();
    Slot ordinary = alone.ordinary(b, outputs(b), b.operand());
    return b.emit(Op.COPY, b.operand(), ordinary, ordinary).build();
  }

  @Override
  public void start(double... counts) {
    this.counts = counts;
    Matrix numbers = scales.toHost();
    for (int row = 0; row < numbers.rows(); row++) {
      numbers.set(row, 0, counts[row]);
    }
    scales.copy(numbers);
  }

  @Override
  public void run(int thread, Matrix outputs, Matrix targets, int from, double[] losses) {
    int count = outputs.rows();
    int numbers = targets.cols();
    List<Matrix> known = new ArrayList<>();
    for (int part = 0; part < loss.outputsPerNumber(); part++) {
      known.add(outputs.columns(part * numbers, numbers));
    }
    known.add(targets);
    Matrix ownSums = sums.rows(from, count);
    counters[thread].run(with(known, ownSums));
    List<SpecialRow> special = new ArrayList<>();
    Matrix ordinary = ownSums.toHost();
    for (int row = 0; row < count; row++) {
      if (counts[from + row] != 0 && ordinary.get(row, 0) != numbers) {
        special.add(specialRow(row, known, thread));
      }
    }
    // The program writes over the outputs.
    Matrix[] operands = with(known, scales.rows(from, count), ownSums);
    programs[thread].run(operands);
    Matrix errors = ownSums.toHost();
    Matrix numbersOfRows = targets.toHost();
    for (int row = 0; row < count; row++) {
      if (counts[from + row] == 0) {
        outputs.rows(row, 1).clear();
      } else {
        losses[from + row] = errors.get(row, 0) / divisor + constants(numbersOfRows, row);
      }
    }
    for (SpecialRow own : special) {
      losses[from + own.row()] = own.loss();
      set(own, outputs, numbers, counts[from + own.row()] * (1 / divisor));
    }
  }

  private void set(SpecialRow own, Matrix outputs, int numbers, double weight) {
    Matrix slopes = outputs.rows(own.row(), 1);
    Matrix row = slopes.toHost();
    for (int i = 0; i < own.numbers().length; i++) {
      for (int part = 0; part < loss.outputsPerNumber(); part++) {
        int col = part * numbers + own.numbers()[i];
        row.set(0, col, own.slopes()[i][part] * weight);
      }
    }
    slopes.copy(row);
  }

  private static Matrix[] with(List<Matrix> known, Matrix... others) {
    return Stream.concat(known.stream(), Arrays.stream(others)).toArray(Matrix[]::new);
  }

  /// @param known the outputs of each sort, and the numbers, of all rows
  private SpecialRow specialRow(int row, List<Matrix> known, int thread) {
    List<Matrix> own = known.stream().map(each -> each.rows(row, 1)).toList();
    tellers[thread].run(with(own, told[thread]));
    Matrix ordinary = told[thread].toHost();
    List<Matrix> here = own.stream().map(Matrix::toHost).toList();
    int parts = loss.outputsPerNumber();
    int[] numbers = new int[ordinary.cols()];
    double[][] all = new double[ordinary.cols()][];
    int count = 0;
    double sum = 0;
    for (int n = 0; n < ordinary.cols(); n++) {
      double[] slopes = new double[parts];
      double[] y = new double[parts];
      for (int part = 0; part < parts; part++) {
        y[part] = here.get(part).get(0, n);
      }
      double z = here.getLast().get(0, n);
      sum += Double.isNaN(z) ? 0 : alone.compute(y, z, slopes);
      if (ordinary.get(0, n) == 0) {
        numbers[count] = n;
        all[count] = slopes;
        count++;
      }
    }
    return new SpecialRow(row, sum / divisor, Arrays.copyOf(numbers, count), all);
  }

  private double constants(Matrix targets, int row) {
    double sum = 0;
    for (int n = 0; n < targets.cols(); n++) {
      sum += loss.constant(targets.get(row, n));
    }
    return sum;
  }
}
