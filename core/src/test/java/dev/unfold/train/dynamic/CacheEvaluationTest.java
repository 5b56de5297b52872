package dev.unfold.train.dynamic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.train.Evaluation;
import dev.unfold.train.TinyText;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class CacheEvaluationTest {
  private static final int LENGTH = 61;

  private final Team team = Team.of(1);
  private final Network network = TinyText.network("lstm", Precision.DOUBLE);
  private final int[] text = tokens(LENGTH, 3);

  private int[] tokens(int count, long seed) {
    return new SplittableRandom(seed).ints(count, 0, network.spec().outputs()).toArray();
  }

  /// The definition, over the outputs of one pass.
  private double loss(int size, CacheEvaluation.Setting setting) {
    int steps = LENGTH - 1;
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, team, steps, 1);
    unrolled.startFromZero();
    unrolled.evaluate(
        Batch.of(steps, 1, new Inputs.Tokens(text, 0), new Targets.Classes(text, 1)),
        Reduction.SUM);
    Matrix outputs = unrolled.output(0);
    double sum = 0;
    for (int t = 0; t < steps; t++) {
      double all = 0;
      double same = 0;
      for (int i = Math.max(0, t - size); i < t; i++) {
        double product = 0;
        for (int j = 0; j < outputs.cols(); j++) {
          product += outputs.get(t, j) * outputs.get(i, j);
        }
        double weight = Math.exp(setting.sharpness() * product);
        all += weight;
        same += text[i + 1] == text[t + 1] ? weight : 0;
      }
      double own = Math.exp(-unrolled.losses()[t]);
      sum -=
          t == 0
              ? Math.log(own)
              : Math.log((1 - setting.share()) * own + setting.share() * same / all);
    }
    return sum;
  }

  @Test
  void loss_withACache_isThatOfTheDefinition() {
    for (int size : new int[] {1, 7, 100}) {
      for (double sharpness : new double[] {0, 0.5, 20}) {
        CacheEvaluation.Setting setting = new CacheEvaluation.Setting(sharpness, 0.3);
        Evaluation evaluation =
            CacheEvaluation.of(network, size, 8, team).evaluate(List.of(text), setting);
        assertEquals(LENGTH - 1, evaluation.count());
        assertEquals(loss(size, setting), evaluation.sum(), 1e-9, size + " " + sharpness);
      }
    }
  }

  @Test
  void loss_ofAShareOfNothing_isThatWithoutACache() {
    CacheEvaluation.Setting none = new CacheEvaluation.Setting(1, 0);
    Evaluation plain = DynamicEvaluation.unchanged(network, List.of(text), 8, team);
    CacheEvaluation cache = CacheEvaluation.of(network, 9, 8, team);
    assertEquals(plain.sum(), cache.evaluate(List.of(text), none).sum(), 1e-12);
    DynamicEvaluation learning =
        new DynamicEvaluation(network, new DynamicRule.Sgd(0.1, 0), Learned.ALL, 8, team);
    double learned = learning.evaluate(List.of(text)).sum();
    CacheEvaluation beside = CacheEvaluation.of(learning, 9);
    // Twice: it begins with what the network was.
    assertEquals(learned, beside.evaluate(List.of(text), none).sum(), 1e-12);
    assertEquals(learned, beside.evaluate(List.of(text), none).sum(), 1e-12);
    assertTrue(learned != plain.sum());
  }

  /// Of a text that repeats itself after 20 tokens a cache of 20 foresees what the network can't.
  @Test
  void choice_onATextThatRepeatsItself_countsTheCacheMuch() {
    int[] once = tokens(20, 4);
    int[] again = new int[400];
    for (int i = 0; i < again.length; i++) {
      again[i] = once[i % once.length];
    }
    CacheEvaluation cache = CacheEvaluation.of(network, 40, 20, team);
    CacheEvaluation.Chosen chosen = cache.choose(List.of(again));
    double plain = DynamicEvaluation.unchanged(network, List.of(again), 20, team).mean();
    assertEquals(0.5, chosen.setting().share());
    assertTrue(chosen.evaluation().mean() < plain - 0.1, chosen + " " + plain);
    assertEquals(chosen.evaluation(), cache.evaluate(List.of(again), chosen.setting()));
  }

  @Test
  void sizesAndSettings_thatCannotBe_areRefused() {
    assertRefused("cache: expected N from 1 to ", 0, 1, 0.1);
    assertRefused("cache: expected N from 1 to ", Integer.MAX_VALUE, 1, 0.1);
    assertRefused("share: expected 0 to below 1, got 1.0", 1, 1, 1);
    assertRefused("sharpness: expected a finite number of 0 or more, got NaN", 1, Double.NaN, 0);
  }

  private void assertRefused(String start, int size, double sharpness, double share) {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    CacheEvaluation.of(network, size, 8, team)
                        .evaluate(List.of(text), new CacheEvaluation.Setting(sharpness, share)))
            .getMessage();
    assertTrue(message.startsWith(start), message);
  }
}
