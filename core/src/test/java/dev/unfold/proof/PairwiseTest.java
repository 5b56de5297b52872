package dev.unfold.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.Layer;
import dev.unfold.layer.Sequence;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.model.Encoder;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.sequence.ErrorSignals;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The pairwise form, which follows each error back alone, and the summed form, which training uses, are
/// the same up to rounding.
final class PairwiseTest {
  private static final int LONGEST = 64;
  private static final int B = 2;
  private static final int I = 2;
  private static final int H = 3;

  /// The two forms add the same up to T (T + 1) / 2 = 2080 numbers in another order: eps sqrt(2080) is 1e-14 of
  /// the largest; times 10 for the steps in which the numbers were made.
  private static final double TOLERANCE = 1e-13;

  private static double largest;

  private final Kernels kernels = TestBackends.scalar(Precision.DOUBLE);
  private final Team team = Team.of(1);

  static Stream<Cell> cells() {
    return Stream.of(
        Cells.elman(Activation.TANH), Cells.lstm(), Cells.gru(), Cells.lstm().withHeads(3));
  }

  @AfterAll
  static void report() {
    System.out.printf("pairwise: largest difference from the summed form %.1e%n", largest);
  }

  @ParameterizedTest
  @MethodSource("cells")
  void errorSignals_ofALayer_sumToThoseOfTheEngine(Cell cell) {
    for (int steps = 1; steps <= LONGEST; steps++) {
      Random random = new Random(steps);
      Sequence input = Sequence.allocate(kernels, steps * B, I);
      List<Matrix> parameters = new ArrayList<>();
      Layer layer =
          Layer.of(
              cell,
              I,
              H,
              kernels,
              shape -> {
                parameters.add(Matrix.allocate(ElementType.FLOAT64, shape.rows(), shape.cols()));
                return fill(parameters.getLast(), random);
              });
      layer.refresh(0, team);
      fill(input.rows(steps * B), random);
      UnrolledLayer unrolled = new UnrolledLayer(layer, team, input, null, steps, B);
      fill(unrolled.outputGradient().rows(steps * B), random);
      for (int s = 0; s < cell.states().size(); s++) {
        fill(unrolled.initialState(s), random);
      }
      unrolled.forward();
      unrolled.backward(
          parameters.stream()
              .map(p -> Matrix.allocate(ElementType.FLOAT64, p.rows(), p.cols()))
              .toList());
      List<double[]> signals = new ArrayList<>();
      for (int g = 0; g < layer.groups().size(); g++) {
        signals.add(Bits.toArray(unrolled.errorSignals(g).rows(steps * B)));
      }
      List<List<Matrix>> pairwise = pairs(unrolled, layer);
      for (int g = 0; g < signals.size(); g++) {
        int group = g;
        assertSum(
            "T=" + steps + " delta " + layer.groups().get(g),
            signals.get(g),
            pairwise.stream().map(of -> Bits.toArray(of.get(group))).toList());
      }
      assertNoneAfterItsError(pairwise);
    }
  }

  @ParameterizedTest
  @MethodSource("cells")
  void gradients_ofEachErrorInANetwork_sumToThoseOfTheEngine(Cell cell) {
    NetworkSpec spec = new NetworkSpec(cell, new Encoder.Vectors(I), H, 2, 3);
    for (int steps = 1; steps <= LONGEST; steps++) {
      Problem problem = Problem.draw(spec, kernels, team, steps, B, steps);
      List<Problem.Variable> summed = problem.variables();
      ErrorSignals pairwise = problem.unrolled.errorSignals();
      assertEquals(steps, pairwise.gradients().size());
      for (Parameters.Tensor tensor : problem.network.parameters().tensors()) {
        Problem.Variable variable =
            summed.stream().filter(v -> v.name().equals(tensor.name())).findFirst().orElseThrow();
        assertSum(
            "T=" + steps + " " + tensor.name(),
            Bits.toArray(variable.gradient()),
            pairwise.gradients().stream()
                .map(of -> Bits.toArray(of.matrix(tensor.name())))
                .toList());
      }
      for (int l = 0; l < spec.layers(); l++) {
        int layer = l;
        assertNoneAfterItsError(pairwise.deltas().stream().map(of -> of.get(layer)).toList());
      }
    }
  }

  /// What each error time alone gives back through a layer: error signals of each group.
  private static List<List<Matrix>> pairs(UnrolledLayer unrolled, Layer layer) {
    Matrix outside = unrolled.outputGradient().rows(unrolled.live().steps() * B);
    double[] all = Bits.toArray(outside);
    List<List<Matrix>> deltas = new ArrayList<>();
    for (int t = 0; t < unrolled.live().steps(); t++) {
      for (int i = 0; i < all.length; i++) {
        Numbers.set(outside, i / H, i % H, i / H / B == t ? all[i] : 0);
      }
      unrolled.backward(
          layer.shapes().stream()
              .map(shape -> Matrix.allocate(ElementType.FLOAT64, shape.rows(), shape.cols()))
              .toList());
      List<Matrix> groups = new ArrayList<>();
      for (int g = 0; g < layer.groups().size(); g++) {
        Matrix signals = unrolled.errorSignals(g).rows(unrolled.live().steps() * B);
        Matrix copy = Matrix.allocate(ElementType.FLOAT64, signals.rows(), signals.cols());
        copy.buffer().copy(signals.buffer(), signals.offset(), 0, copy.buffer().length());
        groups.add(copy);
      }
      deltas.add(groups);
    }
    return deltas;
  }

  /// delta(t', t) is exactly 0 for t' > t, and not for t' = t.
  private static void assertNoneAfterItsError(List<List<Matrix>> deltas) {
    for (int t = 0; t < deltas.size(); t++) {
      for (Matrix delta : deltas.get(t)) {
        int own = 0;
        for (int r = 0; r < delta.rows(); r++) {
          for (int c = 0; c < delta.cols(); c++) {
            if (r / B > t) {
              assertEquals(
                  0.0, Math.abs(Numbers.get(delta, r, c)), "delta(" + r / B + ", " + t + ")");
            }
            own += r / B == t && Numbers.get(delta, r, c) != 0 ? 1 : 0;
          }
        }
        assertTrue(own > 0, "delta(" + t + ", " + t + ")");
      }
    }
  }

  private static void assertSum(String name, double[] expected, List<double[]> parts) {
    double magnitude = 0;
    for (double value : expected) {
      magnitude = Math.max(magnitude, Math.abs(value));
    }
    for (int i = 0; i < expected.length; i++) {
      double sum = 0;
      for (double[] part : parts) {
        sum += part[i];
      }
      double difference = Math.abs(sum - expected[i]);
      double error = difference == 0 ? 0 : difference / magnitude;
      largest = Math.max(largest, error);
      assertTrue(error <= TOLERANCE, name + "[" + i + "]: " + sum + " and " + expected[i]);
    }
  }

  private static Matrix fill(Matrix matrix, Random random) {
    for (int r = 0; r < matrix.rows(); r++) {
      for (int c = 0; c < matrix.cols(); c++) {
        Numbers.set(matrix, r, c, random.nextDouble(-0.8, 0.8));
      }
    }
    return matrix;
  }
}
