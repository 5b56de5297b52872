package dev.unfold.proof;

import dev.unfold.kernels.Pointwise.Instruction;
import dev.unfold.kernels.Pointwise.Kind;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.plan.HeadShape;
import dev.unfold.plan.Place;
import dev.unfold.plan.Stage;
import java.util.function.BiConsumer;
import java.util.function.Function;

/// A program over the matrices of heads, run for one of them on arrays of doubles.
final class HeadProgram {
  private final Stage.Fused fused;
  private final HeadShape shape;
  private final int head;
  private final double[][] temporaries;

  HeadProgram(Stage.Fused fused, int head) {
    this.fused = fused;
    this.head = head;
    shape = fused.heads().shape();
    temporaries = new double[fused.program().temporaries()][];
  }

  /// @param read gives the numbers of a place
  /// @param write takes them
  void run(Function<Place, double[]> read, BiConsumer<Place, double[]> write) {
    for (Instruction instruction : fused.program().instructions()) {
      Slot target = instruction.target();
      double[] x = value(instruction.left(), read);
      double[] result =
          switch (instruction.op()) {
            case SUM -> target.kind() == Kind.ROW ? sumOfRows(x) : sumsOfRows(x);
            case SPREAD -> spread(x);
            default -> {
              double[] y = value(instruction.right(), read);
              int rows = shape.rows();
              int count = target.kind().isOfRow() ? rows : rows * shape.cols();
              yield ViewProblem.apply(instruction.op(), x, y, count);
            }
          };
      if (target.kind() == Kind.TEMPORARY || target.kind() == Kind.ROW_TEMPORARY) {
        temporaries[target.index()] = result;
      } else {
        Place place = fused.operands().get(target.index());
        double[] all = read.apply(place);
        System.arraycopy(result, 0, all, head * result.length, result.length);
        write.accept(place, all);
      }
    }
  }

  private double[] value(Slot slot, Function<Place, double[]> read) {
    return switch (slot.kind()) {
      case CONSTANT -> new double[] {fused.program().constants().get(slot.index())};
      case TEMPORARY, ROW_TEMPORARY -> temporaries[slot.index()];
      case OPERAND, COLUMN -> operand(slot.index(), read);
      case SCALAR, ROW -> throw new IllegalArgumentException("not read in a step: " + slot);
    };
  }

  private double[] operand(int index, Function<Place, double[]> read) {
    double[] all = read.apply(fused.operands().get(index));
    return switch (fused.heads().sides().get(index)) {
      case ELEMENTS -> ofHead(all, shape.rows() * shape.cols());
      case ROWS -> ofHead(all, shape.rows());
      case COLUMNS -> {
        double[] row = ofHead(all, shape.cols());
        double[] repeated = new double[shape.rows() * shape.cols()];
        for (int i = 0; i < repeated.length; i++) {
          repeated[i] = row[i % shape.cols()];
        }
        yield repeated;
      }
    };
  }

  private double[] ofHead(double[] all, int count) {
    double[] own = new double[count];
    System.arraycopy(all, head * count, own, 0, count);
    return own;
  }

  private double[] spread(double[] x) {
    double[] result = new double[shape.rows() * shape.cols()];
    for (int i = 0; i < result.length; i++) {
      result[i] = x[i / shape.cols()];
    }
    return result;
  }

  private double[] sumsOfRows(double[] x) {
    double[] sums = new double[shape.rows()];
    for (int i = 0; i < x.length; i++) {
      sums[i / shape.cols()] += x[i];
    }
    return sums;
  }

  private double[] sumOfRows(double[] x) {
    double[] sum = new double[shape.cols()];
    for (int i = 0; i < x.length; i++) {
      sum[i % shape.cols()] += x[i];
    }
    return sum;
  }
}
