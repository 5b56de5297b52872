package dev.unfold.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.head.Reduction;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EvaluationTest {
  private final Team team = Team.of(1);
  private final Network network = TinyText.network("gru", Precision.DOUBLE);

  /// The sum of the losses when the text is read as one stream from its start.
  private double asOneStream(int[] tokens) {
    int steps = tokens.length - 1;
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, team, steps, 1);
    unrolled.forward(tokens, 0);
    return unrolled.loss(Arrays.copyOfRange(tokens, 1, tokens.length), 0, Reduction.SUM);
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 32, 33, 34, 255, 256, 511})
  void evaluation_shortText_isThatOfOneStream(int length) {
    int[] tokens = TinyText.tokens(length, 3);
    Evaluation evaluation = Evaluation.of(network, tokens, team);
    assertEquals(length - 1, evaluation.count());
    assertEquals(asOneStream(tokens), evaluation.sum(), 1e-10);
  }

  @ParameterizedTest
  @ValueSource(ints = {513, 514, 600, 1025, 2311, 8193, 8300, 20011})
  void evaluation_longText_countsEveryTokenOnce(int length) {
    int[] tokens = TinyText.tokens(length, 4);
    Evaluation evaluation = Evaluation.of(network, tokens, team);
    assertEquals(length - 1, evaluation.count());
    // A state of this network has forgotten its start after 64 steps to about 1e-8.
    assertEquals(asOneStream(tokens), evaluation.sum(), 1e-6);
  }

  @Test
  void evaluation_anyTeam_givesTheSameBits() {
    int[] tokens = TinyText.tokens(2000, 5);
    double one = Evaluation.of(network, tokens, team).sum();
    assertEquals(one, Evaluation.of(network, tokens, Team.of(2)).sum(), 0);
    assertEquals(one, Evaluation.of(network, tokens, Team.of(3)).sum(), 0);
  }

  @Test
  void evaluation_oneToken_isRefused() {
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class, () -> Evaluation.of(network, new int[1], team));
    assertEquals("text: expected 2 tokens or more, got 1", error.getMessage());
  }

  @Test
  void units_ofAnEvaluation_followFromTheNats() {
    Evaluation evaluation = new Evaluation(20, 10);
    assertEquals(2, evaluation.mean(), 0);
    assertEquals(2 / Math.log(2), evaluation.bitsPerToken(), 1e-15);
    assertEquals(Math.exp(2), evaluation.perplexity(), 1e-14);
  }
}
