package dev.unfold.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.gradient.Engine;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Example;
import dev.unfold.sequence.Inputs;
import dev.unfold.train.data.PiecesOfBatches;
import dev.unfold.train.data.SequenceData;
import dev.unfold.train.data.TrainingData;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Training by online rules: what [GradientSource] and [Trainer] make of an [Engine.Online].
@DisabledIfSystemProperty(
    named = "unfold.memory",
    matches = "remote",
    disabledReason = "online rules are refused there")
final class StepwiseGradientsTest {
  private static final int INPUTS = 2;

  private final TrainingOptions options =
      TrainingOptions.defaults().withSteps(9).withBatch(3).withBudget(new Budget.Epochs(2));

  private static Network network(String cell) {
    NetworkSpec spec = new NetworkSpec(Cells.named(cell), new Encoder.Vectors(INPUTS), 4, 2, 3);
    return Network.create(spec, TestBackends.best(Precision.DOUBLE), 2);
  }

  /// Sequences of 5 to 9 steps, the last batch with fewer of them.
  private static TrainingData data(Network network) {
    SplittableRandom random = new SplittableRandom(11);
    List<Example> examples = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      int steps = random.nextInt(5, 10);
      Matrix inputs = Matrix.allocate(network.kernels().type(), steps, INPUTS);
      int[] classes = new int[steps];
      for (int t = 0; t < steps; t++) {
        inputs.set(t, 0, random.nextDouble());
        inputs.set(t, 1, random.nextDouble());
        classes[t] = random.nextInt(3);
      }
      examples.add(Example.ofClasses(new Inputs.Vectors(inputs), classes));
    }
    return new SequenceData(examples, 3, OptionalLong.empty());
  }

  private static double[] numbers(Parameters parameters) {
    return parameters.buffer().toArray();
  }

  @Test
  void gradients_ofAllPieces_areThoseOfBackPropagation() {
    Network network = network("gru");
    TrainingData data = data(network);
    GradientSource bptt = GradientSource.of(network, options, data, 1, Team.of(1));
    TrainingOptions how = options.withEngine(new Engine.Online("rtrl", 4));
    TrainingData cut = new PiecesOfBatches(data, 4);
    GradientSource online = GradientSource.of(network, how, cut, 1, Team.of(2));
    long piece = 0;
    for (int place = 0; place < data.places(); place++) {
      Parameters gradients = network.parameters().zeros();
      GradientSource.Losses losses = bptt.gradient(place, gradients);
      double[] expected = numbers(gradients);
      double[] sum = new double[expected.length];
      double loss = 0;
      long weight = 0;
      while (piece / 3 == place) {
        GradientSource.Losses part = online.gradient(piece, gradients);
        // Each is an average over its own losses.
        double[] own = numbers(gradients);
        double share = (double) part.weight() / losses.weight();
        Arrays.setAll(sum, i -> sum[i] + share * own[i]);
        loss += share * part.mean();
        weight += part.weight();
        piece = part.next();
      }
      assertEquals(losses.weight(), weight);
      assertEquals(losses.mean(), loss, 1e-12);
      assertArrayEquals(expected, sum, 1e-12);
    }
    assertEquals(cut.places(), piece);
  }

  private static Trainer trainer(Network network, TrainingOptions options, TrainerState[] states) {
    Trainer[] trainer = new Trainer[1];
    trainer[0] =
        new Trainer(
            network,
            options,
            5,
            Team.of(1),
            event -> {
              if (event instanceof TrainingEvent.Completed) {
                states[(int) event.update()] = trainer[0].state();
              }
            });
    return trainer[0];
  }

  private static Validator validator(Network network) {
    TrainingData data = data(network);
    return new DataValidator(data, data.updatesPerEpoch());
  }

  @ParameterizedTest
  @ValueSource(strings = {"rtrl", "snap1", "uoro", "immediate"})
  void run_thatGoesOnFromAnyUpdate_endsInTheSameBits(String rule) {
    TrainingOptions how = options.withEngine(new Engine.Online(rule, 2));
    Network whole = network("lstm");
    TrainerState[] states = new TrainerState[100];
    trainer(whole, how, states).run(data(whole), validator(whole));
    double[] expected = numbers(whole.parameters());
    assertTrue(states[20] != null, "updates");
    // In the midst of a batch, at its end, and in another epoch.
    for (int update : new int[] {1, 4, 5, 9, 20}) {
      Network again = network("lstm");
      Trainer trainer = trainer(again, how, new TrainerState[100]);
      trainer.restore(states[update]);
      trainer.run(data(again), validator(again));
      assertArrayEquals(expected, numbers(again.parameters()), rule + " from " + update);
    }
    assertFalse(Arrays.equals(numbers(network("lstm").parameters()), expected));
  }

  @Test
  void run_byAnOnlineRule_tellsHowLargeTheInfluenceIs() {
    Network network = network("gru");
    TrainingOptions how = options.withEngine(new Engine.Online("rtrl", 3));
    List<Double> norms = new ArrayList<>();
    new Trainer(
            network,
            how,
            Team.of(1),
            event -> {
              if (event instanceof TrainingEvent.Updated updated) {
                norms.add(updated.influence().orElseThrow().norm());
              }
            })
        .run(data(network), validator(network));
    assertTrue(norms.stream().allMatch(norm -> norm > 0), norms::toString);
  }

  @Test
  void options_thatDoNotGoWithAnOnlineRule_areRefused() {
    Engine online = new Engine.Online("snap1", 1);
    TrainingOptions how = options.withEngine(online);
    assertRefused(
        "accumulate: expected 1 with an online engine, which has update-every, got 2",
        () -> how.withRule(how.rule().withAccumulation(2)));
    assertRefused("engine: expected rtrl, ", () -> new Engine.Online("bptt", 1));
    assertRefused(
        "update-every: expected 1 step or more, got 0", () -> new Engine.Online("rtrl", 0));
    assertRefused(
        "engine: cell gru_reset_before: expected one that lets all pass (rtrl)",
        () -> online.expectUsable(network("gru_reset_before").spec()));
    assertRefused(
        "sampled: expected 0 with an online engine, got 3",
        () -> how.withSampled(3).expectUsable(network("gru").spec()));
  }

  private static void assertRefused(String start, Runnable made) {
    String message = assertThrows(IllegalArgumentException.class, made::run).getMessage();
    assertTrue(message.startsWith(start), message);
  }
}
