package dev.unfold.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.online.OnlineRule;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.train.update.OptimizerSpec;
import dev.unfold.train.update.UpdateRule;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@DisabledIfSystemProperty(
    named = "unfold.memory",
    matches = "remote",
    disabledReason = "online rules are refused there")
final class StreamLearnerTest {
  private static final int STREAMS = 8;

  /// Endless streams of random bits, whose class is the bit of some steps before.
  private static final class Bits {
    private final SplittableRandom random;
    private final int delay;
    private final int[][] past;
    private final Matrix inputs;
    private final int[] classes = new int[STREAMS];
    private long step;

    Bits(int delay, long seed) {
      this.delay = delay;
      random = new SplittableRandom(seed);
      past = new int[delay + 1][STREAMS];
      inputs = Matrix.allocate(Precision.FLOAT.type(), STREAMS, 1);
    }

    Batch next() {
      int now = (int) (step % (delay + 1));
      int then = (int) ((step + 1) % (delay + 1));
      for (int b = 0; b < STREAMS; b++) {
        past[now][b] = random.nextInt(2);
        inputs.set(b, 0, 2 * past[now][b] - 1);
        classes[b] = step < delay ? Targets.NO_TARGET : past[then][b];
      }
      step++;
      return Batch.of(1, STREAMS, new Inputs.Vectors(inputs), new Targets.Classes(classes, 0));
    }

    /// How many of the outputs are right.
    int right(Matrix outputs) {
      int right = 0;
      for (int b = 0; b < STREAMS; b++) {
        boolean isOne = outputs.get(b, 1) > outputs.get(b, 0);
        right += isOne == (classes[b] == 1) ? 1 : 0;
      }
      return right;
    }
  }

  private static Network network(String cell, int units, long seed) {
    NetworkSpec spec = new NetworkSpec(Cells.named(cell), new Encoder.Vectors(1), units, 1, 2);
    return Network.create(spec, TestBackends.best(Precision.FLOAT), seed);
  }

  private static StreamLearner learner(Network network, String rule, double rate) {
    UpdateRule usual = UpdateRule.defaults();
    UpdateRule own =
        new UpdateRule(
            new OptimizerSpec.Adam(),
            rate,
            0,
            usual.groups(),
            usual.clip(),
            usual.schedule(),
            1,
            usual.averaging());
    OnlineRule parsed = OnlineRule.parse(rule, 1, 2);
    return StreamLearner.of(network, Team.of(1), STREAMS, parsed, own, 1);
  }

  /// What came of a run: the first step at which 99 % of the last 200 were right, or -1, and the share of the last 500.
  private record Recall(long reached, double last) {}

  private static Recall recall(
      String cell, int units, int delay, String rule, double rate, int steps, long seed) {
    StreamLearner learner = learner(network(cell, units, seed), rule, rate);
    Bits bits = new Bits(delay, seed);
    int[] right = new int[steps];
    long reached = -1;
    int recent = 0;
    for (int t = 0; t < steps; t++) {
      Batch batch = bits.next();
      right[t] = bits.right(learner.predict(batch.inputs()));
      learner.learn(batch);
      recent += right[t] - (t >= 200 ? right[t - 200] : 0);
      if (reached < 0 && t >= 200 + delay && recent >= 0.99 * 200 * STREAMS) {
        reached = t + 1L - 200;
      }
    }
    double last = Arrays.stream(right, steps - 500, steps).sum() / (500.0 * STREAMS);
    System.out.printf(
        "recall %s %d, %d back, %s, seed %d: 99 %% from step %d on, %.3f at the end, limited %d%n",
        cell, units, delay, rule, seed, reached, last, learner.online().timesLimited());
    return new Recall(reached, last);
  }

  @Test
  void rtrl_onAnEndlessStream_recallsABitOfFourStepsBefore() {
    Recall recall = recall("elman", 32, 4, "rtrl", 0.001, 1_000, 1);
    assertTrue(recall.reached() >= 0 && recall.reached() <= 2 * 163, recall.toString());
    assertTrue(recall.last() >= 0.99, recall.toString());
  }

  @ParameterizedTest
  @Tag("slow")
  @CsvSource({
    "elman, 32, 4, rtrl, 0.001, 20000",
    "elman, 32, 8, rtrl, 0.001, 20000",
    "lstm, 16, 4, rtrl, 0.003, 8000",
    "elman, 32, 4, snap1, 0.001, 20000",
    "elman, 32, 8, snap1, 0.001, 20000",
    "elman, 32, 4, immediate, 0.001, 20000",
    "elman, 32, 8, immediate, 0.001, 20000",
    "lstm, 16, 4, snap1, 0.003, 8000",
    "lstm, 16, 4, eprop, 0.003, 8000",
    "lstm, 16, 4, immediate, 0.003, 8000"
  })
  void rules_onAnEndlessStream_recallAsFarAsTheyReach(
      String cell, int units, int delay, String rule, double rate, int steps) {
    for (long seed = 1; seed <= 3; seed++) {
      Recall recall = recall(cell, units, delay, rule, rate, steps, seed);
      if (rule.equals("rtrl")) {
        int most = delay == 8 ? 2 * 3528 : cell.equals("lstm") ? 2 * 1867 : 2 * 163;
        assertTrue(recall.reached() >= 0 && recall.reached() <= most, recall.toString());
      } else if (delay == 8 || (cell.equals("lstm") && !rule.equals("snap1"))) {
        assertEquals(-1, recall.reached(), recall.toString());
      }
    }
  }

  @Test
  void learn_everySoManySteps_changesParametersThen() {
    Network network = network("gru", 4, 3);
    UpdateRule rule = UpdateRule.defaults();
    StreamLearner learner =
        StreamLearner.of(network, Team.of(2), STREAMS, new OnlineRule.SnAp1(false), rule, 3);
    Bits bits = new Bits(1, 5);
    Parameters before = learner.snapshot();
    for (int t = 1; t <= 2; t++) {
      assertEquals(false, learner.learn(bits.next()).hasUpdated());
    }
    assertArrayEquals(before.buffer().toArray(), learner.snapshot().buffer().toArray());
    assertTrue(learner.learn(bits.next()).hasUpdated());
    assertEquals(1, learner.updates());
    double[] after = learner.snapshot().buffer().toArray();
    assertTrue(!Arrays.equals(before.buffer().toArray(), after));
  }

  @Test
  void twin_ofALearner_staysWhatItWas() {
    Network network = network("lstm", 4, 7);
    StreamLearner learner = learner(network, "rtrl", 0.05);
    StreamLearner still = learner(network("lstm", 4, 7), "immediate", 1e-300);
    Bits bits = new Bits(1, 9);
    Bits same = new Bits(1, 9);
    for (int t = 0; t < 40; t++) {
      StreamLearner.Step step = learner.learn(bits.next());
      StreamLearner.Step other = still.learn(same.next());
      assertEquals(other.twinLoss(), step.twinLoss());
      assertEquals(other.loss(), step.twinLoss());
      if (t > 2) {
        assertNotEquals(step.loss(), step.twinLoss());
      }
      if (t == 20) {
        learner.reset(3);
        learner.reset(5);
        still.reset(5);
        still.reset(3);
      }
    }
  }

  @Test
  void learn_ofWhatIsNoNumber_isRefusedAndChangesNothing() {
    StreamLearner learner = learner(network("elman", 4, 3), "rtrl", 0.01);
    Bits bits = new Bits(1, 5);
    learner.learn(bits.next());
    double[] before = learner.snapshot().buffer().toArray();
    Batch broken = bits.next();
    ((Inputs.Vectors) broken.inputs()).values().set(2, 0, Double.NaN);
    assertThrows(IllegalArgumentException.class, () -> learner.learn(broken));
    assertArrayEquals(before, learner.snapshot().buffer().toArray());
    assertTrue(Double.isFinite(learner.learn(bits.next()).loss()));
  }

  @Test
  void learner_withAccumulation_isRefused() {
    UpdateRule usual = UpdateRule.defaults();
    UpdateRule more =
        new UpdateRule(
            usual.optimizer(),
            0.001,
            0,
            usual.groups(),
            usual.clip(),
            usual.schedule(),
            2,
            usual.averaging());
    Network network = network("elman", 3, 1);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> StreamLearner.of(network, Team.of(1), 1, new OnlineRule.Immediate(), more, 1))
            .getMessage();
    assertEquals("accumulate: expected 1: updates come every so many steps, got 2", message);
  }
}
