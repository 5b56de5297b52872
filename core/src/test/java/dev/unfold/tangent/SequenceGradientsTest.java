package dev.unfold.tangent;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.head.Reduction;
import dev.unfold.model.Parameters;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// *Tolerance*: two ways of the same sums in double.
final class SequenceGradientsTest {
  private static final double SAME = 1e-11;

  private static Stream<Study> studies() {
    return Stream.concat(
        Cells.names().stream().map(Study::of),
        Stream.of(new Study(Study.ofTokens()), new Study(Study.ofHeads("lstm"))));
  }

  @ParameterizedTest
  @MethodSource("studies")
  void gradient_ofASequence_isThatOfABatchOfItAlone(Study study) {
    SequenceGradients each =
        SequenceGradients.of(study.network, study.batch, Reduction.SUM, study.start);
    double[] norms = each.norms();
    for (int b = 0; b < Study.BATCH; b++) {
      Parameters expected =
          study.gradient(study.batch.sequence(b), study.start.rows(b), Reduction.SUM);
      assertTrue(Study.error(expected, each.gradient(b)) < SAME);
      double norm = Math.sqrt(Study.dot(expected, expected));
      assertEquals(norm, norms[b], SAME * (1 + norm));
      assertTrue(norm > 1e-3);
    }
    assertTrue(Study.error(study.gradient(Reduction.SUM), each.sum()) < SAME);
  }

  @Test
  void gradient_ofNoSequence_isRefused() {
    Study study = Study.of("gru");
    SequenceGradients each = SequenceGradients.of(study.network, study.batch, Reduction.MEAN);
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> each.gradient(2));
    assertEquals("sequence: expected 0 to B-1=1, got 2", refusal.getMessage());
  }

  /// Gradients (3, 0), (0, 3), (3, 3) of three sequences: their mean is (2, 2), their covariance, as far as three tell,
  /// has the trace ((1 + 4) + (4 + 1) + (1 + 1)) / 2 = 6.
  @Test
  void noiseScale_ofKnownGradients_isTheTraceOfTheirCovarianceOverTheirMean() {
    double[] norms = {3, 3, Math.sqrt(18)};
    NoiseScale scale = NoiseScale.of(norms, Math.sqrt(72));
    assertEquals(6, scale.trace(), 1e-12);
    // |(2, 2)|^2 less what of it is noise, tr(S) / 3.
    assertEquals(8 - 2, scale.squaredGradient(), 1e-12);
    assertEquals(1, scale.sequences(), 1e-12);
    NoiseScale other = new NoiseScale(2, 26);
    assertEquals(4, NoiseScale.mean(List.of(scale, other)).sequences(), 1e-12);
  }

  @Test
  void noiseScale_ofABatch_isThatOfItsGradients() {
    Study study = Study.of("lstm");
    SequenceGradients each =
        SequenceGradients.of(study.network, study.batch, Reduction.SUM, study.start);
    Parameters difference = each.gradient(0);
    Study.add(difference, each.gradient(1), -1);
    // Of two numbers the covariance is half the square of their difference.
    double trace = Study.dot(difference, difference) / 2;
    NoiseScale scale = each.noiseScale();
    assertEquals(trace, scale.trace(), 1e-10 * trace);
    double squares = Study.dot(each.sum(), each.sum()) / 4 - trace / 2;
    assertEquals(squares, scale.squaredGradient(), 1e-10 * trace);
  }

  @Test
  void noiseScale_ofOneSequence_isRefused() {
    IllegalArgumentException refusal =
        assertThrows(IllegalArgumentException.class, () -> NoiseScale.of(new double[] {1}, 1));
    assertEquals("batch: expected B of 2 or more, got 1", refusal.getMessage());
  }
}
