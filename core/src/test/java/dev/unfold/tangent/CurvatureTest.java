package dev.unfold.tangent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.head.Head;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.model.Wiring;
import dev.unfold.proof.Bits;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// *Tolerances*: between two ways of the same sums in double 1e-11; against differences with h = 1e-5, which are good
/// to about 1e-10 times third derivatives, 1e-6.
final class CurvatureTest {
  private static final double SAME = 1e-11;
  private static final double DIFFERENCES = 1e-6;
  private static final double H = 1e-5;

  private static List<String> cells() {
    return Cells.names();
  }

  @ParameterizedTest
  @MethodSource("cells")
  void hessianVector_ofEachCell_isTheDifferenceOfGradients(String cell) {
    assertIsDifference(Study.of(cell));
  }

  @Test
  void hessianVector_ofTokens_isTheDifferenceOfGradients() {
    assertIsDifference(new Study(Study.ofTokens()));
  }

  @Test
  void hessianVector_ofCellsWithHeads_isTheDifferenceOfGradients() {
    assertIsDifference(new Study(Study.ofHeads("lstm")));
    assertIsDifference(new Study(Study.ofHeads("gru_reset_before")));
  }

  private static void assertIsDifference(Study study) {
    Parameters vector = study.vector();
    Parameters difference = study.gradientAt(vector, H, Reduction.SUM);
    Study.add(difference, study.gradientAt(vector, -H, Reduction.SUM), -1);
    Study.scale(difference, 1 / (2 * H));
    Parameters product = study.curvature(Reduction.SUM).hessian(vector);
    double error = Study.error(difference, product);
    assertTrue(error < DIFFERENCES, () -> "error " + error);
    assertTrue(Study.dot(product, product) > 1e-3);
  }

  @ParameterizedTest
  @MethodSource("cells")
  void products_ofEachCell_areSymmetric(String cell) {
    Study study = Study.of(cell);
    Parameters v = study.vector();
    Parameters w = study.vector();
    Curvature curvature = study.curvature(Reduction.MEAN);
    double hessian = Study.dot(v, curvature.hessian(w));
    assertEquals(hessian, Study.dot(w, curvature.hessian(v)), SAME * (1 + Math.abs(hessian)));
    double gaussNewton = Study.dot(v, curvature.gaussNewton(w));
    assertEquals(
        gaussNewton, Study.dot(w, curvature.gaussNewton(v)), SAME * (1 + Math.abs(gaussNewton)));
    assertTrue(Study.dot(v, curvature.gaussNewton(v)) > 0);
  }

  @ParameterizedTest
  @EnumSource(Reduction.class)
  void lossAndGradient_ofEachReduction_areThoseOfBackPropagation(Reduction reduction) {
    for (NetworkSpec spec :
        List.of(Study.spec("lstm_peephole"), Study.ofTokens(), Study.ofHeads("gru"))) {
      Study study = new Study(spec);
      Curvature curvature = study.curvature(reduction);
      UnrolledNetwork unrolled =
          UnrolledNetwork.of(study.network, Team.of(1), Study.STEPS, Study.BATCH);
      unrolled.start(study.start);
      assertEquals(unrolled.loss(study.batch, reduction), curvature.loss(), SAME);
      assertTrue(Study.error(study.gradient(reduction), curvature.gradient()) < SAME);
    }
  }

  @Test
  void gradient_ofWeightedTargets_isThatOfBackPropagation() {
    Study study = Study.of("gru");
    Batch weighted = study.batch.weighted(1, 2, 0, 1, 0.5, 1, 3, 1, 1, 1);
    Parameters got = Curvature.of(study.network, weighted, Reduction.MEAN, study.start).gradient();
    Parameters expected = study.gradient(weighted, study.start, Reduction.MEAN);
    assertTrue(Study.error(expected, got) < SAME);
  }

  /// The outputs are linear in the readout: there the Gauss-Newton matrix leaves nothing out.
  @Test
  void gaussNewtonVector_withinTheReadout_isTheHessians() {
    Study study = Study.of("lstm");
    Parameters vector = study.vector();
    for (Parameters.Tensor tensor : vector.tensors()) {
      if (!tensor.name().startsWith("head.")) {
        vector.matrix(tensor.name()).clear();
      }
    }
    Curvature curvature = study.curvature(Reduction.SUM);
    Parameters hessian = curvature.hessian(vector);
    Parameters gaussNewton = curvature.gaussNewton(vector);
    for (String name : List.of(Head.WEIGHT, Head.BIAS)) {
      double[] expected = Bits.toArray(hessian.matrix(name));
      double[] got = Bits.toArray(gaussNewton.matrix(name));
      for (int i = 0; i < expected.length; i++) {
        assertEquals(expected[i], got[i], SAME);
      }
    }
    assertTrue(Study.error(hessian, gaussNewton) > 1e-3);
  }

  /// A network of floats, on the best backend, is that of doubles up to rounding.
  @Test
  void hessianVector_inFloats_isThatInDoubles() {
    Study study = Study.of("lstm");
    Parameters vector = study.vector();
    Parameters expected = study.curvature(Reduction.MEAN).hessian(vector);
    Network floats = Network.zeros(study.network.spec(), TestBackends.best(Precision.FLOAT));
    copy(study.network.parameters(), floats.parameters());
    floats.parameters().changed();
    Matrix values = ((Inputs.Vectors) study.batch.inputs()).values();
    Matrix rounded = Matrix.allocate(Precision.FLOAT.type(), values.rows(), values.cols());
    copy(values, rounded);
    Batch batch =
        Batch.of(Study.STEPS, Study.BATCH, new Inputs.Vectors(rounded), study.batch.targets());
    State start = floats.zeroState(Study.BATCH);
    for (int l = 0; l < start.layers().size(); l++) {
      for (int s = 0; s < start.layers().get(l).size(); s++) {
        copy(study.start.layers().get(l).get(s), start.layers().get(l).get(s));
      }
    }
    Parameters own = floats.parameters().zeros();
    copy(vector, own);
    Parameters got = Curvature.of(floats, batch, Reduction.MEAN, start).hessian(own);
    double scale = Math.sqrt(Study.dot(expected, expected));
    for (Parameters.Tensor tensor : expected.tensors()) {
      double[] wide = Bits.toArray(expected.matrix(tensor.name()));
      double[] narrow = Bits.toArray(got.matrix(tensor.name()));
      for (int i = 0; i < wide.length; i++) {
        // 2^-24 for each of some hundred operations in a row.
        assertEquals(wide[i], narrow[i], 1e-5 * scale, tensor.name());
      }
    }
  }

  private static void copy(Parameters from, Parameters to) {
    from.tensors().forEach(own -> copy(from.matrix(own.name()), to.matrix(own.name())));
  }

  private static void copy(Matrix from, Matrix to) {
    for (int r = 0; r < to.rows(); r++) {
      for (int c = 0; c < to.cols(); c++) {
        Numbers.set(to, r, c, Numbers.get(from, r, c));
      }
    }
  }

  @Test
  void products_afterAChangeOfTheParameters_areThoseOfTheNewOnes() {
    Study study = Study.of("gru");
    Parameters vector = study.vector();
    Curvature curvature = study.curvature(Reduction.SUM);
    curvature.hessian(vector);
    Study.scale(study.network.parameters(), 0.5);
    Parameters expected = study.curvature(Reduction.SUM).hessian(vector);
    assertEquals(0, Study.error(expected, curvature.hessian(vector)));
  }

  @Test
  void curvature_ofWhatItIsNotThereFor_isRefusedByName() {
    Study study = Study.of("gru");
    NetworkSpec spec = study.network.spec();
    assertRefused("layers[0]", study, spec(Set.of(Wiring.BIDIRECTIONAL)));
    assertRefused("layers[1]", study, spec(Set.of(Wiring.RESIDUAL)));
    assertRefused("noise", study, spec.with(Noise.dropout(0.5)));
    assertRefused("head", study, spec.with(new Head.Values(3, new ValueLoss.SquaredError())));
    refuse("targets", study.network, soft());
    refuse("batch", study.network, study.batch.withLengths(5, 3));
    refuse(
        "inputs",
        study.network,
        Batch.of(
            Study.STEPS, Study.BATCH, new Inputs.Tokens(new int[10], 0), study.batch.targets()));
    int[] classes = new int[10];
    classes[7] = 3;
    refuse(
        "targets",
        study.network,
        Batch.of(Study.STEPS, Study.BATCH, study.batch.inputs(), new Targets.Classes(classes, 0)));
    IllegalArgumentException state =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Curvature.of(
                    study.network, study.batch, Reduction.SUM, study.network.zeroState(3)));
    assertEquals("start: expected the state of B=2 sequences, got 3", state.getMessage());
    Parameters other = Study.of("lstm").vector();
    IllegalArgumentException vector =
        assertThrows(
            IllegalArgumentException.class, () -> study.curvature(Reduction.SUM).hessian(other));
    assertTrue(vector.getMessage().startsWith("vector: expected"), vector.getMessage());
  }

  private static NetworkSpec spec(Set<Wiring> wiring) {
    int layers = wiring.contains(Wiring.BIDIRECTIONAL) ? 1 : 2;
    return new NetworkSpec(Cells.gru(), new Encoder.Vectors(3), 4, layers, 3, wiring);
  }

  private static Batch soft() {
    Matrix values = Matrix.allocate(Study.KERNELS.type(), 10, 3);
    values.set(0, 0, 1);
    Matrix inputs = Matrix.allocate(Study.KERNELS.type(), 10, 3);
    return Batch.of(5, 2, new Inputs.Vectors(inputs), new Targets.Distributions(values));
  }

  private static void assertRefused(String argument, Study study, NetworkSpec spec) {
    refuse(argument, Network.create(spec, Study.KERNELS, 1), study.batch);
  }

  private static void refuse(String argument, Network network, Batch batch) {
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class, () -> Curvature.of(network, batch, Reduction.SUM));
    assertTrue(refusal.getMessage().startsWith(argument + ": expected "), refusal.getMessage());
  }
}
