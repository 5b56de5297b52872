package dev.unfold.train.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Truncation;
import dev.unfold.train.Budget;
import dev.unfold.train.Evaluation;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainingOptions;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// The softmax over a sample of the classes.
final class SampledClassesTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261126L);
  private static final int V = 30;
  private static final int T = 4;
  private static final int B = 3;
  private static final Kernels KERNELS = TestBackends.scalar(Precision.DOUBLE);

  private final int[] text = text();
  private final TextData data = new TextData(text, T, B);

  SampledClassesTest() {
    System.out.println("SampledClassesTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  /// Low tokens occur more often; each occurs.
  private static int[] text() {
    Random random = new Random(SEED);
    return IntStream.range(0, 400)
        .map(i -> i < V ? i : (int) (V * Math.pow(random.nextDouble(), 3)))
        .toArray();
  }

  private SampledClasses sampled(int drawn) {
    long[] counts = new long[V];
    Arrays.stream(text).forEach(token -> counts[token]++);
    return new SampledClasses(data, counts, drawn, SEED);
  }

  private static Network network(Kernels kernels) {
    return Network.create(NetworkSpec.tokens(Cells.gru(), V, 5, 6), kernels, SEED);
  }

  private static double gradient(Network network, Batch batch, Engine engine, Parameters to) {
    Bptt bptt = Bptt.of(network, Team.of(2), T, B, engine);
    return bptt.gradient(batch, Reduction.MEAN, to);
  }

  private static double[] numbers(Buffer buffer) {
    return buffer.toArray();
  }

  @Test
  void loss_withAllClassesInTheSample_isThatOfTheSoftmax() {
    Batch batch = data.batch(3);
    Targets all =
        new Targets.Sampled(
            (Targets.Classes) batch.targets(), IntStream.range(0, V).toArray(), new double[V]);
    Batch sample = Batch.of(T, B, batch.inputs(), all);
    for (Engine engine :
        new Engine[] {new Engine.Full(), new Engine.Truncated(new Truncation(2, 3))}) {
      check(network(KERNELS), batch, sample, engine, 1e-14);
      check(network(TestBackends.best(Precision.FLOAT)), batch, sample, engine, 1e-6);
    }
  }

  private static void check(
      Network network, Batch batch, Batch sample, Engine engine, double tolerance) {
    Parameters full = network.parameters().zeros();
    Parameters own = network.parameters().zeros();
    assertEquals(
        gradient(network, batch, engine, full),
        gradient(network, sample, engine, own),
        10 * tolerance);
    assertArrayEquals(numbers(full.buffer()), numbers(own.buffer()), tolerance);
  }

  @Test
  void gradient_ofASample_isThatOfItsLoss() {
    Network network = network(KERNELS);
    Batch batch = sampled(5).batch(7);
    Parameters gradients = network.parameters().zeros();
    gradient(network, batch, new Engine.Full(), gradients);
    Parameters unused = network.parameters().zeros();
    Buffer values = network.parameters().buffer();
    double step = 1e-5;
    for (int i = 0; i < values.length(); i++) {
      double value = Numbers.get(values, i);
      Numbers.set(values, i, value + step);
      network.parameters().changed();
      double above = gradient(network, batch, new Engine.Full(), unused);
      Numbers.set(values, i, value - step);
      network.parameters().changed();
      double below = gradient(network, batch, new Engine.Full(), unused);
      Numbers.set(values, i, value);
      assertEquals(
          (above - below) / (2 * step), Numbers.get(gradients.buffer(), i), 1e-9, "number " + i);
    }
  }

  @Test
  void samples_ofManyUpdates_haveTheRightClassesAndEachClassAsOftenAsSaid() {
    SampledClasses sampled = sampled(6);
    int updates = 20_000;
    double[] seen = new double[V];
    double[] said = new double[V];
    for (int update = 0; update < updates; update++) {
      Batch batch = sampled.batch(update);
      Targets.Sampled targets = (Targets.Sampled) batch.targets();
      assertEquals(Math.min(V, T * B + 6), targets.candidates().length);
      boolean[] in = new boolean[V];
      for (int i = 0; i < targets.candidates().length; i++) {
        if (targets.corrections()[i] != Targets.Sampled.NOTHING) {
          int c = targets.candidates()[i];
          assertTrue(!in[c], "twice");
          in[c] = true;
          seen[c]++;
          said[c] = Math.exp(targets.corrections()[i]);
        }
      }
      for (int row = 0; row < batch.steps() * B; row++) {
        assertTrue(in[targets.classes().classes()[row]]);
      }
    }
    for (int c = 0; c < V; c++) {
      // The tokens of a text are not drawn anew for each update.
      assertEquals(said[c], seen[c] / updates, 0.1, "class " + c);
    }
    Targets.Sampled again = (Targets.Sampled) sampled(6).batch(11).targets();
    assertArrayEquals(
        ((Targets.Sampled) sampled.batch(11).targets()).candidates(), again.candidates());
  }

  @Test
  void training_onSamples_comesNearTheFullSoftmax() {
    double full = validation(data);
    double own = validation(sampled(8));
    assertEquals(full, own, 0.1);
    assertTrue(own < 3.1, () -> "expected less than ln 30 by much, got " + own);
  }

  private double validation(TrainingData training) {
    Network network = network(KERNELS);
    TrainingOptions options =
        TrainingOptions.defaults().withSteps(T).withBatch(B).withBudget(new Budget.Epochs(20));
    Trainer trainer = new Trainer(network, options, Team.of(1), event -> {});
    return trainer
        .run(training, (trained, team) -> Evaluation.of(trained, text, team))
        .validation()
        .mean();
  }

  @Test
  void rightClass_thatTheSampleLacks_isRefused() {
    Batch batch = data.batch(0);
    Targets wrong =
        new Targets.Sampled((Targets.Classes) batch.targets(), new int[] {V - 1}, new double[1]);
    Batch sample = Batch.of(T, B, batch.inputs(), wrong);
    Network network = network(KERNELS);
    Parameters to = network.parameters().zeros();
    assertTrue(
        assertThrows(
                IllegalArgumentException.class,
                () -> gradient(network, sample, new Engine.Full(), to))
            .getMessage()
            .startsWith("targets: expected each right class in the sample of 1, got "));
  }
}
