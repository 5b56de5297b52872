package dev.unfold.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Head;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Example;
import dev.unfold.sequence.Inputs;
import dev.unfold.train.data.AdaptiveText;
import dev.unfold.train.data.SampledClasses;
import dev.unfold.train.data.SequenceData;
import dev.unfold.train.data.TextData;
import dev.unfold.train.data.TrainingData;
import dev.unfold.train.data.Windows;
import dev.unfold.train.update.Averaging;
import dev.unfold.train.update.Clip;
import dev.unfold.train.update.Optimizer;
import dev.unfold.train.update.OptimizerSpec;
import dev.unfold.train.update.ParameterGroup;
import dev.unfold.train.update.Schedule;
import dev.unfold.train.update.UpdateRule;
import dev.unfold.train.update.Updater;
import dev.unfold.unroll.UnrolledNetwork;
import java.lang.reflect.Constructor;
import java.lang.reflect.Executable;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.DoubleConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What cannot be trained is refused in one line with argument, expectation and value, before it is learned.
final class RefusalTest {
  private static final Kernels KERNELS = TestBackends.scalar(Precision.DOUBLE);
  private static final int[] TEXT = TinyText.tokens(300, 1);

  private final TrainingOptions options =
      TrainingOptions.defaults().withSteps(5).withBatch(2).withBudget(new Budget.Epochs(1));

  private static Network predictor() {
    return Network.create(
        new NetworkSpec(
            Cells.gru(),
            new Encoder.Vectors(2),
            3,
            1,
            new Head.Values(2, new ValueLoss.SquaredError())),
        KERNELS,
        1);
  }

  private static String refusal(org.junit.jupiter.api.function.Executable what) {
    return assertThrows(IllegalArgumentException.class, what).getMessage();
  }

  /// Batches of four steps of three sequences, in the second of which a number is what a test wants.
  private static final class Vectors implements TrainingData {
    private final Matrix inputs = Matrix.allocate(ElementType.FLOAT64, 12, 2);
    private final Matrix targets = Matrix.allocate(ElementType.FLOAT64, 12, 2);
    private final boolean[] present = new boolean[12];

    Vectors() {
      Arrays.fill(present, true);
    }

    @Override
    public int steps() {
      return 4;
    }

    @Override
    public int batch() {
      return 3;
    }

    @Override
    public int updatesPerEpoch() {
      return 2;
    }

    @Override
    public Batch batch(long place) {
      boolean second = place % 2 == 1;
      Matrix none = Matrix.allocate(ElementType.FLOAT64, 12, 2);
      return new Batch(
          4,
          3,
          new Inputs.Vectors(second ? inputs : none),
          new Targets.Values(second ? targets : none),
          Optional.of(present));
    }

    @Override
    public boolean goesOn(long place) {
      return false;
    }

    @Override
    public Reduction reduction() {
      return Reduction.MEAN;
    }
  }

  private void train(TrainingData data) {
    new Trainer(predictor(), options, Team.of(1), event -> {})
        .run(data, (network, team) -> new Evaluation(1, 1));
  }

  @ParameterizedTest
  @ValueSource(doubles = {Double.NaN, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY})
  void number_notFinite_isNamedBySequenceStepAndColumn(double number) {
    Vectors data = new Vectors();
    data.inputs.set(2 * 3 + 1, 1, number);
    String where = "got " + number + " in sequence 1, step 2, column 1";
    assertEquals("update 2: inputs: expected finite numbers, " + where, refusal(() -> train(data)));
    assertEquals(
        "validation: batch 1: inputs: expected finite numbers, " + where,
        refusal(() -> new DataValidator(data, 2).evaluate(predictor(), Team.of(1))));
    // What is not there may be anything.
    data.present[7] = false;
    train(data);
  }

  @Test
  void target_infinite_isNamed_andOneThatIsMissingIsNot() {
    Vectors data = new Vectors();
    for (int column = 0; column < 2; column++) {
      data.targets.set(3, column, Double.NaN);
    }
    train(data);
    data.targets.set(11, 0, Double.NEGATIVE_INFINITY);
    assertEquals(
        "update 2: targets: expected finite numbers, or NaN for a missing target, got -Infinity in"
            + " sequence 2, step 3, column 0",
        refusal(() -> train(data)));
  }

  @Test
  void sequences_withNumbersThatAreNotFinite_areNamedBeforeTraining() {
    Matrix fine = Matrix.allocate(ElementType.FLOAT32, 4, 3);
    Matrix spoilt = Matrix.allocate(ElementType.FLOAT32, 4, 3);
    Matrix single = Matrix.allocate(ElementType.FLOAT32, 1, 3);
    DoubleConsumer place = number -> spoilt.set(2, 1, number);
    for (double number : new double[] {Double.NaN, Double.POSITIVE_INFINITY}) {
      place.accept(number);
      assertEquals(
          "sequences[2]: expected finite numbers, got " + number + " at step 2, column 1",
          refusal(() -> sequences(List.of(fine, single, spoilt))));
    }
    place.accept(0);
    spoilt.set(3, 1, Double.NaN);
    sequences(List.of(fine, spoilt));
  }

  private static SequenceData sequences(List<Matrix> all) {
    return SequenceData.ofNext(all, 2, OptionalLong.empty());
  }

  @Test
  void stateAndParameters_notFinite_areNamed() {
    Network network = predictor();
    State state = network.zeroState(3);
    state.layers().getFirst().getFirst().set(2, 1, Double.NaN);
    String message = "state: expected finite numbers, got NaN in h_l0, sequence 2, column 1";
    long bytes = Footprint.leastBudget(network.spec(), Precision.DOUBLE, 4, 3);
    for (Engine engine : List.of(new Engine.Full(), new Engine.Budgeted(bytes))) {
      Bptt bptt = Bptt.of(network, Team.of(1), 4, 3, engine);
      assertEquals(message, refusal(() -> bptt.start(state)));
    }
    assertEquals(
        message, refusal(() -> UnrolledNetwork.of(network, Team.of(1), 4, 3).start(state)));
    Numbers.set(network.parameters().matrix("weight_hh_l0"), 0, 0, Double.POSITIVE_INFINITY);
    Trainer trainer = new Trainer(network, options, Team.of(1), event -> {});
    assertEquals(
        "parameters: expected finite numbers, got others in weight_hh_l0",
        refusal(() -> trainer.run(new Vectors(), (n, team) -> new Evaluation(1, 1))));
    assertEquals(
        "state: parameters: expected finite numbers, got others in weight_hh_l0",
        refusal(
            () -> new Trainer(predictor(), options, Team.of(1), e -> {}).restore(trainer.state())));
  }

  @Test
  void run_twice_isRefused() {
    Network network = TinyText.network("elman", Precision.FLOAT);
    Trainer trainer = new Trainer(network, options, Team.of(1), event -> {});
    TrainingResult first = trainer.run(TEXT, TEXT);
    double[] numbers = network.parameters().buffer().toArray();
    String message =
        assertThrows(IllegalStateException.class, () -> trainer.run(TEXT, TEXT)).getMessage();
    assertTrue(
        message.startsWith(
            "run: expected a trainer that has not run yet, got one that has made "
                + first.updates()
                + " updates"),
        message);
    assertThrows(IllegalStateException.class, () -> trainer.restore(trainer.state()));
    assertArrayEquals(numbers, network.parameters().buffer().toArray());
    Trainer other =
        new Trainer(network, options.withBudget(new Budget.Epochs(2)), Team.of(1), e -> {});
    other.restore(trainer.state());
    assertEquals(2 * first.updates(), other.run(TEXT, TEXT).updates());
  }

  @Test
  void run_stoppedBeforeItsFirstUpdate_hasNoValidation() {
    Trainer trainer =
        new Trainer(TinyText.network("elman", Precision.FLOAT), options, Team.of(1), event -> {});
    trainer.stop();
    TrainingResult result = trainer.run(TEXT, TEXT);
    assertEquals(null, result.validation());
    assertEquals(0, result.updates());
  }

  private static double[] trained(TrainingOptions how, long seed, Noise noise) {
    NetworkSpec spec = NetworkSpec.tokens(Cells.gru(), 40, 4, 5).with(noise);
    Network network = Network.create(spec, KERNELS, 3);
    int[] text = IntStream.range(0, 200).map(i -> i * i % 40).toArray();
    new Trainer(network, how, seed, Team.of(2), event -> {}).run(text, text);
    return network.parameters().buffer().toArray();
  }

  @Test
  void samplesAndMasks_ofAText_followFromTheSeed() {
    TrainingOptions sampled = options.withSampled(4);
    double[] full = trained(options, 1, Noise.NONE);
    assertArrayEquals(full, trained(options, 2, Noise.NONE));
    double[] own = trained(sampled, 1, Noise.NONE);
    assertArrayEquals(own, trained(sampled, 1, Noise.NONE));
    assertFalse(Arrays.equals(own, full), "not sampled");
    assertFalse(Arrays.equals(own, trained(sampled, 2, Noise.NONE)), "other samples");
    for (Noise noise :
        List.of(
            Noise.dropout(0.3),
            Noise.dropout(0.3).variational(),
            Noise.NONE.withState(0.3),
            Noise.NONE.withWeights(0.3),
            Noise.NONE.withZoneout("h", 0.3))) {
      double[] masked = trained(options, 5, noise);
      assertArrayEquals(masked, trained(options, 5, noise));
      assertFalse(Arrays.equals(masked, trained(options, 6, noise)), noise.text());
    }
  }

  @Test
  void samples_thatCannotBe_areRefused() {
    TrainingOptions sampled = options.withSampled(3);
    Network network = TinyText.network("gru", Precision.FLOAT);
    assertEquals(
        "sampled: expected 0 beside a budget of memory, since a sample of the classes needs all"
            + " steps kept, got 3",
        refusal(() ->
            new Trainer(
                network,
                sampled.withEngine(new Engine.Budgeted(1 << 20)),
                Team.of(1),
                event -> {})));
    Network factored =
        Network.create(
            network.spec().with(new FactoredClasses(network.spec().outputs())), KERNELS, 1);
    assertEquals(
        "sampled: expected 0 for a factored softmax, got 3",
        refusal(() -> new Trainer(factored, sampled, Team.of(1), event -> {})));
    assertEquals(
        "update 1: sampled: expected data with a sample of the classes, or 0, got 3 and Classes",
        refusal(() ->
            new Trainer(network, sampled, Team.of(1), event -> {})
                .run(new TextData(TEXT, 5, 2), (n, team) -> new Evaluation(1, 1))));
    int[] wrong = TEXT.clone();
    wrong[100] = TinyText.VOCABULARY;
    assertEquals(
        "text: expected 0 to K-1=" + (TinyText.VOCABULARY - 1) + ", got " + TinyText.VOCABULARY,
        refusal(() -> new Trainer(network, sampled, Team.of(1), event -> {}).run(wrong, TEXT)));
  }

  @Test
  void sizes_whoseProductIsTooLarge_areNamed() {
    String rows = "steps, batch: expected T*B from 0 to 2147483639, got T=65536 and B=65536";
    Inputs tokens = new Inputs.Tokens(new int[1], 0);
    Targets classes = new Targets.Classes(new int[1], 0);
    Network network = predictor();
    assertEquals(rows, refusal(() -> Batch.of(65536, 65536, tokens, classes)));
    assertEquals(rows, refusal(() -> UnrolledNetwork.of(network, Team.of(1), 65536, 65536)));
    for (Engine engine : List.of(new Engine.Full(), new Engine.Budgeted(1 << 20))) {
      assertEquals(rows, refusal(() -> Bptt.of(network, Team.of(1), 65536, 65536, engine)));
      assertEquals(
          rows, refusal(() -> Footprint.of(network.spec(), Precision.FLOAT, 65536, 65536, engine)));
    }
    assertEquals(
        rows,
        refusal(() ->
            TrainingMemory.of(
                network.spec(), Precision.FLOAT, options.withSteps(65536), 65536, 0)));
    assertEquals(
        "batch: expected B from 0 to 715827879 for states of 3 numbers, got 2147483647",
        refusal(() -> network.zeroState(Integer.MAX_VALUE)));
    NetworkSpec wide =
        new NetworkSpec(
            Cells.elman(dev.unfold.cell.Activation.TANH), new Encoder.Vectors(1), 1, 1, 1 << 30);
    String message =
        refusal(() -> Footprint.of(wide, Precision.DOUBLE, 1 << 30, 1, new Engine.Full()));
    assertTrue(
        message.startsWith("steps, batch: expected sizes for less than 1e+18 bytes"), message);
  }

  @Test
  void parameters_ofAnotherNetwork_areRefused() {
    Parameters own = predictor().parameters();
    Network other =
        Network.create(new NetworkSpec(Cells.gru(), new Encoder.Vectors(2), 4, 1, 2), KERNELS, 1);
    String message = "expected weight_ih_l0 [9, 2], got weight_ih_l0 [12, 2]";
    assertEquals("parameters: " + message, refusal(() -> own.set(other.parameters())));
    Parameters precise =
        Network.create(predictor().spec(), TestBackends.scalar(Precision.FLOAT), 1).parameters();
    assertEquals("parameters: expected FLOAT64, got FLOAT32", refusal(() -> own.set(precise)));
    Bptt bptt = Bptt.of(predictor(), Team.of(1), 4, 3, new Engine.Full());
    assertEquals(
        "gradients: " + message,
        refusal(() ->
            bptt.gradient(new Vectors().batch(0), Reduction.MEAN, other.parameters().zeros())));
    assertEquals(
        "gradients: " + message,
        refusal(() ->
            new Optimizer(
                new OptimizerSpec.Adam(),
                predictor(),
                other.parameters().zeros(),
                List.of(),
                Team.of(1))));
    Trainer trainer = new Trainer(other, options, Team.of(1), event -> {});
    assertEquals(
        "state: parameters: " + message,
        refusal(() ->
            new Trainer(predictor(), options, Team.of(1), event -> {}).restore(trainer.state())));
  }

  /// Of each public class of the package, each argument of each constructor and static method, and of what a trainer
  /// and its options are told.
  @Test
  void null_asAnyArgument_isRefusedByItsName() throws ReflectiveOperationException {
    Map<Class<?>, Object> samples = samples();
    List<String> wrong = new ArrayList<>();
    int tried = 0;
    for (Class<?> type : TYPES) {
      List<Executable> all = new ArrayList<>(List.of(type.getConstructors()));
      for (Method method : type.getDeclaredMethods()) {
        if (Modifier.isPublic(method.getModifiers())
            && !method.isSynthetic()
            && !method.getName().equals("equals")
            && (Modifier.isStatic(method.getModifiers())
                || (samples.containsKey(type) && !type.isInterface()))) {
          all.add(method);
        }
      }
      for (Executable each : all) {
        for (int i = 0; i < each.getParameterCount(); i++) {
          if (!each.getParameterTypes()[i].isPrimitive()) {
            tried++;
            String message = withNull(each, i, samples);
            if (!message.matches("(?s).*: expected .*got null.*")) {
              wrong.add(each + " [" + i + "]: " + message);
            }
          }
        }
      }
    }
    assertEquals(List.of(), wrong);
    assertTrue(tried > 60, "tried " + tried);
  }

  private static final List<Class<?>> TYPES =
      List.of(
          AdaptiveText.class,
          Averaging.class,
          Clip.class,
          DataValidator.class,
          Evaluation.class,
          GradientSource.class,
          Optimizer.class,
          OptimizerSpec.class,
          ParameterGroup.class,
          Progress.class,
          SampledClasses.class,
          Schedule.class,
          SequenceData.class,
          TextData.class,
          Trainer.class,
          TrainerState.class,
          TrainingData.class,
          TrainingMemory.class,
          TrainingOptions.class,
          UpdateRule.class,
          Updater.class,
          Windows.class);

  private static Map<Class<?>, Object> samples() {
    Network network = TinyText.network("gru", Precision.DOUBLE);
    TextData data = new TextData(TEXT, 5, 2);
    Trainer trainer = new Trainer(network, TrainingOptions.defaults(), Team.of(1), event -> {});
    Map<Class<?>, Object> all = new HashMap<>();
    all.put(int.class, 2);
    all.put(long.class, 2L);
    all.put(double.class, 0.5);
    all.put(int[].class, TEXT);
    all.put(long[].class, new long[] {1, 2});
    all.put(String.class, "none");
    all.put(List.class, List.of());
    all.put(Optional.class, Optional.empty());
    all.put(OptionalLong.class, OptionalLong.empty());
    all.put(Consumer.class, (Consumer<TrainingEvent>) event -> {});
    all.put(Network.class, network);
    all.put(NetworkSpec.class, network.spec());
    all.put(Precision.class, Precision.DOUBLE);
    all.put(Parameters.class, network.parameters());
    all.put(Team.class, Team.of(1));
    all.put(Engine.class, new Engine.Full());
    all.put(ValueLoss.class, new ValueLoss.SquaredError());
    all.put(TrainingData.class, data);
    all.put(DataValidator.class, new DataValidator(data, 1));
    all.put(Validator.class, new DataValidator(data, 1));
    all.put(TrainingOptions.class, TrainingOptions.defaults());
    all.put(UpdateRule.class, UpdateRule.defaults());
    all.put(OptimizerSpec.class, new OptimizerSpec.Adam());
    all.put(Clip.class, new Clip.None());
    all.put(Schedule.class, new Schedule.Constant());
    all.put(Averaging.class, new Averaging.None());
    all.put(Budget.class, new Budget.Epochs(1));
    all.put(Windows.class, Windows.of(5));
    all.put(Trainer.class, trainer);
    all.put(TrainerState.class, trainer.state());
    all.put(Progress.class, trainer.state().progress());
    all.put(Map.class, Map.of());
    all.put(UnaryOperator.class, UnaryOperator.identity());
    all.put(Schedule.Point.class, new Schedule.Point(0, 0, 0, 0));
    all.put(Updater.class, new Updater(UpdateRule.defaults(), network, Team.of(1)));
    return all;
  }

  private static String withNull(Executable each, int place, Map<Class<?>, Object> samples)
      throws ReflectiveOperationException {
    Object[] arguments = new Object[each.getParameterCount()];
    for (int i = 0; i < arguments.length; i++) {
      arguments[i] = i == place ? null : samples.get(each.getParameterTypes()[i]);
    }
    try {
      if (each instanceof Constructor<?> constructor) {
        constructor.newInstance(arguments);
      } else {
        ((Method) each).invoke(samples.get(each.getDeclaringClass()), arguments);
      }
      return "accepted";
    } catch (InvocationTargetException e) {
      return e.getCause().toString();
    } catch (IllegalArgumentException e) {
      return "no sample: " + Set.of(each.getParameterTypes()) + e;
    }
  }

  @Test
  void class_thatTheHeadLacks_isNamedByItsSequence() {
    Head head = new PooledHead(new Head.Classes(3), Pooling.LAST);
    NetworkSpec spec = new NetworkSpec(Cells.gru(), new Encoder.Vectors(2), 3, 1, head);
    Inputs steps = new Inputs.Vectors(KERNELS.allocate(4, 2));
    SequenceData good =
        new SequenceData(List.of(Example.ofClass(steps, 2)), 2, OptionalLong.empty());
    SequenceData bad =
        new SequenceData(
            List.of(Example.ofClass(steps, 2), Example.ofClass(steps, 3)), 2, OptionalLong.empty());
    String expected = "targets: expected 0 to K-1=2, got 3 in sequence 1, step 3";
    for (List<SequenceData> pair : List.of(List.of(bad, good), List.of(good, bad))) {
      Network network = Network.create(spec, KERNELS, 1);
      Trainer trainer = new Trainer(network, options, Team.of(1), event -> {});
      DataValidator validator = DataValidator.of(pair.getLast());

      Throwable refused =
          assertThrows(
              IllegalArgumentException.class, () -> trainer.run(pair.getFirst(), validator));

      assertTrue(refused.getMessage().endsWith(expected), refused.getMessage());
    }
  }
}
