package dev.unfold.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
import dev.unfold.head.Head;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Truncation;
import dev.unfold.train.data.SequenceData;
import dev.unfold.train.update.Averaging;
import dev.unfold.train.update.Clip;
import dev.unfold.train.update.OptimizerSpec;
import dev.unfold.train.update.UpdateRule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrainerTest {
  private final int[] training = TinyText.tokens(700, 1);
  private final int[] validation = TinyText.tokens(300, 2);
  private final TrainingOptions options =
      TrainingOptions.defaults()
          .withSteps(9)
          .withBatch(4)
          .withRule(UpdateRule.defaults().withRate(0.01))
          .withBudget(new Budget.Epochs(3));

  private static void ignore(TrainingEvent event) {}

  private static double[] numbers(Network network) {
    return network.parameters().buffer().toArray();
  }

  @ParameterizedTest
  @ValueSource(strings = {"elman", "lstm", "gru"})
  void training_textWithARule_comesCloseToItsEntropy(String cell) {
    Network network = TinyText.network(cell, Precision.FLOAT);
    TrainingResult result =
        new Trainer(
                network, options.withBudget(new Budget.Epochs(25)), Team.of(2), TrainerTest::ignore)
            .run(training, validation);
    // One time in ten a token is drawn at random among five: 0.92 and four times 0.02.
    double entropy = -0.92 * Math.log(0.92) - 0.08 * Math.log(0.02);
    assertTrue(result.validation().mean() < entropy + 0.15, () -> cell + ": " + result);
    assertEquals(
        result.validation().sum(),
        Evaluation.of(network, validation, Team.of(1)).sum(),
        0,
        "the network has the parameters that were validated best");
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4})
  void training_anyNumberOfThreads_givesTheSameBits(int threads) {
    Network one = TinyText.network("lstm", Precision.FLOAT);
    Network many = TinyText.network("lstm", Precision.FLOAT);
    new Trainer(one, options, Team.of(1), TrainerTest::ignore).run(training, validation);
    new Trainer(many, options, Team.of(threads), TrainerTest::ignore).run(training, validation);
    assertTrue(Arrays.equals(numbers(one), numbers(many)));
  }

  @Test
  void events_ofARun_tellItsCourse() {
    List<TrainingEvent> events = new ArrayList<>();
    Network network = TinyText.network("elman", Precision.FLOAT);
    TrainingResult result =
        new Trainer(network, options.withInterval(5), Team.of(1), events::add)
            .run(training, validation);
    // 699 steps in 4 streams of 174: 20 windows, the last of 3 steps.
    assertEquals(new TrainingEvent.Started(Progress.START, 4, 20), events.getFirst());
    assertEquals(new TrainingEvent.Finished(result), events.getLast());
    assertEquals(60, events.stream().filter(TrainingEvent.Updated.class::isInstance).count());
    List<Long> validated = new ArrayList<>();
    double best = Double.POSITIVE_INFINITY;
    for (TrainingEvent event : events) {
      if (event instanceof TrainingEvent.Validated v) {
        validated.add(v.update());
        assertEquals(v.validation().mean() < best, v.best());
        best = Math.min(best, v.validation().mean());
      }
    }
    assertEquals(List.of(5L, 10L, 15L, 20L, 25L, 30L, 35L, 40L, 45L, 50L, 55L, 60L), validated);
    assertEquals(60, result.updates());
    assertEquals(3, result.epochs());
  }

  @Test
  void stop_duringAnEpoch_validatesAndKeepsTheBest() {
    Network network = TinyText.network("elman", Precision.FLOAT);
    Trainer[] trainer = new Trainer[1];
    trainer[0] =
        new Trainer(
            network,
            options,
            Team.of(1),
            event -> {
              if (event instanceof TrainingEvent.Updated u && u.update() == 7) {
                trainer[0].stop();
              }
            });
    TrainingResult result = trainer[0].run(training, validation);
    assertTrue(result.stopped());
    assertEquals(7, result.updates());
    assertEquals(7, result.bestUpdate());
  }

  @Test
  void budgetOfMinutes_shortTime_endsAndValidates() {
    Network network = TinyText.network("elman", Precision.FLOAT);
    TrainingResult result =
        new Trainer(
                network,
                options.withBudget(new Budget.Minutes(0.002)),
                Team.of(1),
                TrainerTest::ignore)
            .run(training, validation);
    assertTrue(result.updates() >= 1);
    assertTrue(result.seconds() >= 0.12);
  }

  @Test
  void loss_notFinite_namesTheUpdateAndKeepsTheBestParameters() {
    Network network = TinyText.network("elman", Precision.FLOAT);
    Parameters start = network.parameters().copy();
    Trainer trainer =
        new Trainer(
            network,
            options,
            Team.of(1),
            event -> {
              if (event instanceof TrainingEvent.Updated u && u.update() == 2) {
                Numbers.set(network.parameters().matrix("weight_hh_l0"), 0, 0, Double.NaN);
                network.parameters().changed();
              }
            });
    TrainingException error =
        assertThrows(TrainingException.class, () -> trainer.run(training, validation));
    assertTrue(
        error
            .getMessage()
            .startsWith("update 3: expected a finite loss and gradient, got loss NaN"),
        error.getMessage());
    assertNull(network.parameters().firstNonFinite());
    assertTrue(Arrays.equals(start.buffer().toArray(), numbers(network)));
  }

  @Test
  void engine_inABudgetOfMemory_trainsToTheSameBits() {
    TrainingOptions longer = options.withSteps(300).withBatch(2);
    Network full = TinyText.network("lstm", Precision.FLOAT);
    Network budgeted = TinyText.network("lstm", Precision.FLOAT);
    Network cut = TinyText.network("lstm", Precision.FLOAT);
    long bytes = Footprint.of(full.spec(), Precision.FLOAT, 300, 2, new Engine.Full()) * 2 / 3;
    train(full, longer);
    train(budgeted, longer.withEngine(new Engine.Budgeted(bytes)));
    train(cut, longer.withEngine(new Engine.Truncated(new Truncation(5, 10))));
    assertTrue(Arrays.equals(numbers(full), numbers(budgeted)));
    assertFalse(Arrays.equals(numbers(full), numbers(cut)));
  }

  @Test
  void average_onceItIsActive_isWhatIsValidatedAndKept() {
    Network network = TinyText.network("elman", Precision.DOUBLE);
    UpdateRule rule = options.rule().with(new Averaging.Always(30));
    double[] sum = new double[numbers(network).length];
    int[] count = new int[1];
    double[][] validated = new double[1][];
    Trainer trainer =
        new Trainer(
            network,
            options.withRule(rule),
            Team.of(1),
            event -> {
              if (event instanceof TrainingEvent.Updated u && u.update() > 30) {
                double[] now = numbers(network);
                Arrays.setAll(sum, i -> sum[i] + now[i]);
                count[0]++;
              } else if (event instanceof TrainingEvent.Validated v && v.update() == 60) {
                validated[0] = numbers(network);
              }
            });
    trainer.run(training, validation);
    assertEquals(30, count[0]);
    for (int i = 0; i < sum.length; i++) {
      assertEquals(sum[i] / count[0], validated[0][i], 1e-12);
    }
  }

  @Test
  void patience_whenNothingGetsBetter_endsTheRun() {
    Network network = TinyText.network("elman", Precision.FLOAT);
    // Steps so small that no parameter changes: no validation is better than the first.
    UpdateRule still = options.rule().withRate(1e-30);
    TrainingResult result =
        new Trainer(
                network,
                options.withRule(still).withPatience(2).withBudget(new Budget.Epochs(50)),
                Team.of(1),
                TrainerTest::ignore)
            .run(training, validation);
    assertEquals(4, result.epochs());
    assertEquals(20, result.bestUpdate());
  }

  private void train(Network network, TrainingOptions how) {
    new Trainer(network, how, Team.of(2), TrainerTest::ignore).run(training, validation);
  }

  @Test
  void options_outOfRange_nameTheArgument() {
    assertEquals(
        "lr: expected a number above 0 and below 1e6, got NaN",
        assertThrows(IllegalArgumentException.class, () -> options.rule().withRate(Double.NaN))
            .getMessage());
    assertEquals(
        "steps: expected T of 1 or more, auto:X or auto:X,most=T with a tolerance X above 0, got 0",
        assertThrows(IllegalArgumentException.class, () -> options.withSteps(0)).getMessage());
    assertEquals(
        "minutes: expected more than 0, got NaN",
        assertThrows(IllegalArgumentException.class, () -> new Budget.Minutes(Double.NaN))
            .getMessage());
  }

  private static SequenceData sequences(int batch) {
    SplittableRandom random = new SplittableRandom(4);
    List<Matrix> all = new ArrayList<>();
    for (int b = 0; b < 4; b++) {
      Matrix sequence = Matrix.allocate(ElementType.FLOAT64, 8, 3);
      for (int i = 0; i < 24; i++) {
        sequence.set(i / 3, i % 3, random.nextDouble(-1, 1));
      }
      all.add(sequence);
    }
    return SequenceData.ofNext(all, batch, OptionalLong.empty());
  }

  private static Network predictor() {
    NetworkSpec spec =
        new NetworkSpec(
            Cells.gru(),
            new Encoder.Vectors(3),
            5,
            1,
            new Head.Values(3, new ValueLoss.SquaredError()));
    return Network.create(spec, TestBackends.scalar(Precision.DOUBLE), 2);
  }

  private Network trained(int batch, UpdateRule rule) {
    Network network = predictor();
    TrainingOptions one = options.withRule(rule).withBudget(new Budget.Epochs(2));
    SequenceData data = sequences(batch);
    new Trainer(network, one, Team.of(1), TrainerTest::ignore)
        .run(data, (trained, team) -> new Evaluation(-data.batch(), 1));
    return network;
  }

  @Test
  void accumulation_ofTwoBatches_isOneOfTheirSize() {
    UpdateRule rule = UpdateRule.defaults().withRate(0.05);
    double[] whole = numbers(trained(4, rule));
    double[] halves = numbers(trained(2, rule.withAccumulation(2)));
    double[] apart = numbers(trained(2, rule));
    // Two sums of half as many terms, divided by two, through two updates of Adam.
    assertArrayEquals(whole, halves, 1e-12);
    assertFalse(Arrays.equals(whole, apart));
  }

  /// One update of plain gradient descent with a learning rate of 1 subtracts the gradient.
  @Test
  void clipping_byValue_cutsEachNumberOfTheGradient() {
    UpdateRule descent =
        UpdateRule.defaults().with(OptimizerSpec.parse("sgd")).withRate(1).with(new Clip.None());
    double limit = 0.01;
    double[] start = numbers(predictor());
    double[] free = numbers(once(descent));
    double[] cut = numbers(once(descent.with(Clip.parse("value=" + limit))));
    int beyond = 0;
    for (int i = 0; i < start.length; i++) {
      double gradient = start[i] - free[i];
      beyond += Math.abs(gradient) > limit ? 1 : 0;
      assertEquals(Math.clamp(gradient, -limit, limit), start[i] - cut[i], 1e-15);
    }
    assertTrue(beyond > 5 && beyond < start.length, "beyond the limit: " + beyond);
  }

  private Network once(UpdateRule rule) {
    Network network = predictor();
    SequenceData data = sequences(4);
    new Trainer(
            network,
            options.withRule(rule).withBudget(new Budget.Epochs(1)),
            Team.of(1),
            TrainerTest::ignore)
        .run(data, (trained, team) -> new Evaluation(1, 1));
    return network;
  }

  /// Trains an output that is far from its target by `distance`, in single precision.
  private static Network once(double distance, UpdateRule rule) {
    NetworkSpec spec =
        new NetworkSpec(
            Cells.gru(),
            new Encoder.Vectors(1),
            2,
            1,
            new Head.Values(1, new ValueLoss.SquaredError()));
    Network network = Network.create(spec, TestBackends.scalar(Precision.FLOAT), 2);
    Matrix sequence = Matrix.allocate(ElementType.FLOAT32, 3, 1);
    sequence.set(2, 0, distance);
    new Trainer(
            network,
            TrainingOptions.defaults().withRule(rule).withBudget(new Budget.Epochs(1)),
            Team.of(1),
            TrainerTest::ignore)
        .run(
            SequenceData.ofNext(List.of(sequence), 1, OptionalLong.empty()),
            (trained, team) -> new Evaluation(1, 1));
    return network;
  }

  /// What is 2^24 times the limit and more is still cut to it, and not to nothing.
  @ParameterizedTest
  @ValueSource(doubles = {3e7, 1e12, 1e20})
  void clipping_byValue_cutsLargeGradientsToTheLimit(double distance) {
    UpdateRule descent = UpdateRule.defaults().with(OptimizerSpec.parse("sgd")).withRate(1);
    Network cut = once(distance, descent.with(Clip.parse("value=0.5")));
    Network start = Network.create(cut.spec(), TestBackends.scalar(Precision.FLOAT), 2);
    double moved =
        Numbers.get(cut.parameters().matrix("head.bias"), 0, 0)
            - Numbers.get(start.parameters().matrix("head.bias"), 0, 0);
    assertEquals(0.5, moved, 1e-7);
    Network free = once(3, descent.with(Clip.parse("value=1e300")));
    Network none = once(3, descent.with(new Clip.None()));
    assertArrayEquals(numbers(none), numbers(free));
  }

  @Test
  void gradients_whoseSquaresAreInfinite_areRefusedByAdaptiveOptimizers() {
    UpdateRule free = UpdateRule.defaults().with(new Clip.None());
    TrainingException error = assertThrows(TrainingException.class, () -> once(1e22, free));
    assertTrue(
        error.getMessage().startsWith("update 1: expected gradients whose squares can be kept"),
        error.getMessage());
    once(1e22, free.with(new Clip.Norm(1)));
    once(1e22, free.with(OptimizerSpec.parse("sgd")).withRate(1e-9));
  }
}
