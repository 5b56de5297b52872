package dev.unfold.train.dynamic;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.sequence.Batch;
import java.util.List;

/// How large the gradients of each parameter are: the root of the mean of their squares, m, over the segments of a
/// training text.
///
///     m = sqrt(1/N sum_s g_s^2)        g_s: the gradient of the mean loss of segment s, of N
///
/// The shorter the segments, the larger m; it is used with segments of the same length.
///
/// @param values m, of the names and shapes of the parameters
public record GradientScale(Parameters values) {
  /// Checks that there are any.
  public GradientScale {
    Expect.given("values", values);
  }

  /// That of `network` on a text. The network is not changed.
  ///
  /// @param sequences of tokens, each read from a state of zeros on
  /// @param segment steps of a segment
  ///
  /// **Errors**: [IllegalArgumentException] for a network that cannot go on from a state, or whose weights have 16
  /// bits; if nothing is to be predicted; or if a gradient is not finite.
  public static GradientScale of(Network network, List<int[]> sequences, int segment, Team team) {
    SegmentGradients.check(network, segment, team);
    SegmentGradients source = new SegmentGradients(network, segment, team);
    Squares squares = new Squares(network.kernels(), source);
    Segments.read(sequences, segment, Double.MAX_VALUE, squares);
    return new GradientScale(squares.root());
  }

  /// M: the mean of the tensors' means.
  double mean() {
    double sum = 0;
    List<Parameters.Tensor> tensors = values.tensors();
    for (Parameters.Tensor tensor : tensors) {
      Matrix own = values.matrix(tensor.name()).toHost();
      double all = 0;
      for (int r = 0; r < own.rows(); r++) {
        for (int c = 0; c < own.cols(); c++) {
          all += own.get(r, c);
        }
      }
      sum += all / tensor.length();
    }
    return sum / tensors.size();
  }

  private static final class Squares implements Segments.Reader {
    private final Kernels kernels;
    private final SegmentGradients source;
    private final Parameters sums;
    private final PointwiseKernel square;
    private long count;

    Squares(Kernels kernels, SegmentGradients source) {
      this.kernels = kernels;
      this.source = source;
      sums = source.gradients().zeros();
      Pointwise.Builder b = Pointwise.builder();
      Slot sum = b.operand();
      Slot g = b.operand();
      b.emit(Op.ADD, sum, sum, b.compute(Op.MULTIPLY, g, g));
      square = kernels.prepare(b.build());
    }

    @Override
    public void begin() {
      source.startFromZero();
    }

    @Override
    public double read(Batch segment) {
      double loss = source.read(segment);
      square.run(new Matrix[] {sums.all(), source.gradients().all()});
      count++;
      return loss;
    }

    Parameters root() {
      Pointwise.Builder b = Pointwise.builder();
      Slot sum = b.operand();
      Slot share = b.scalar();
      b.emit(Op.SQRT, sum, b.compute(Op.MULTIPLY, sum, share), share);
      kernels.prepare(b.build()).run(new Matrix[] {sums.all()}, 1.0 / count);
      String name = sums.firstNonFinite();
      if (name != null) {
        throw new Refusal("network", "finite gradients", "others in " + name);
      }
      return sums;
    }
  }
}
