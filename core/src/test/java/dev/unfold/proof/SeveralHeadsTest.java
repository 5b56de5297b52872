package dev.unfold.proof;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.check.GradientCheck;
import dev.unfold.gradient.Accumulation;
import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
import dev.unfold.head.Head;
import dev.unfold.head.LearnedStudentT;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.head.Reduction;
import dev.unfold.head.SeveralHeads;
import dev.unfold.head.SeveralHeads.Part;
import dev.unfold.head.SeveralTargets;
import dev.unfold.head.Targets;
import dev.unfold.head.ValueLoss;
import dev.unfold.head.WeightedTargets;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.Wiring;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.ErrorSignals;
import dev.unfold.sequence.Example;
import dev.unfold.sequence.Inputs;
import dev.unfold.sequence.Truncation;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/// A network of several heads gives what networks of one head each give together.
final class SeveralHeadsTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261209L);
  private static final int I = 3;
  private static final int K = 4;
  private static final int[] LENGTHS = {5, 3, 6, 1};
  private static final Kernels KERNELS = TestBackends.scalar(Precision.DOUBLE);

  private static final SeveralHeads SLOTS =
      SeveralHeads.of(
          new Part("slots", new Head.Tags(K), 0.5),
          new Part("intent", new PooledHead(new Head.Classes(K), Pooling.LAST), 2));

  private static final SeveralHeads STEPS =
      SeveralHeads.of(
          new Part("next", new Head.Classes(K)),
          new Part("level", new Head.Values(2, new LearnedStudentT()), 0.25),
          new Part("sum", new Head.Values(2, new ValueLoss.Huber(1)), 3));

  private static final SeveralHeads POOLED =
      SeveralHeads.of(
          new Part("kind", new PooledHead(new Head.Classes(K), Pooling.ATTENTION)),
          new Part("set", new PooledHead(new Head.Sets(K), Pooling.MAX), 1.5),
          new Part("next", new Head.Classes(K), 0.75),
          new Part("labels", new Head.Labels(K, 0)));

  /// Without a loss of whole sequences, which can't be cut.
  private static final SeveralHeads CUT =
      SeveralHeads.of(
          new Part("kind", new PooledHead(new Head.Classes(K), Pooling.ATTENTION)),
          new Part("next", new Head.Classes(K), 0.75),
          new Part("mean", new PooledHead(new Head.Classes(K), Pooling.MEAN), 2));

  SeveralHeadsTest() {
    System.out.println("SeveralHeadsTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  static Stream<SeveralHeads> heads() {
    return Stream.of(SLOTS, STEPS, POOLED, CUT);
  }

  private static Network network(Head head) {
    NetworkSpec spec =
        new NetworkSpec(Cells.lstm(), new Encoder.Vectors(I), 4, 2, head, Set.of(Wiring.RESIDUAL));
    Network network = Network.create(spec, KERNELS, SEED);
    Random random = new Random(SEED);
    for (Parameters.Tensor tensor : network.parameters().tensors()) {
      Matrix matrix = network.parameters().matrix(tensor.name());
      for (int i = 0; i < matrix.rows() * matrix.cols(); i++) {
        Numbers.set(matrix, i / matrix.cols(), i % matrix.cols(), random.nextDouble(-0.9, 0.9));
      }
    }
    network.parameters().changed();
    return network;
  }

  /// A network of head `i` alone, with the same numbers.
  private static Network alone(Network of, int i) {
    SeveralHeads heads = (SeveralHeads) of.spec().head();
    Network own = network(heads.parts().get(i).head());
    for (Parameters.Tensor tensor : own.parameters().tensors()) {
      own.parameters()
          .matrix(tensor.name())
          .copy(of.parameters().matrix(name(heads, i, tensor.name())));
    }
    own.parameters().changed();
    return own;
  }

  private static String name(SeveralHeads heads, int i, String name) {
    return name.startsWith("head.")
        ? "heads." + heads.parts().get(i).name() + name.substring(4)
        : name;
  }

  private static Matrix drawn(Random random, int rows, int cols) {
    Matrix matrix = Matrix.allocate(ElementType.FLOAT64, rows, cols);
    for (int i = 0; i < rows * cols; i++) {
      matrix.set(i / cols, i % cols, random.nextDouble());
    }
    return matrix;
  }

  private static Targets targets(Head head, Random random, Inputs inputs) {
    int steps = inputs.rows();
    return switch (head) {
      case PooledHead(Head.Sets _, Pooling _) ->
          Example.ofValues(inputs, drawn(random, 1, K)).targets();
      case PooledHead _ -> Example.ofClass(inputs, random.nextInt(K)).targets();
      case Head.Tags _ -> Example.ofTags(inputs, random.ints(steps, 0, K).toArray()).targets();
      case Head.Labels _ -> Example.ofLabels(inputs, 1 + random.nextInt(K - 1)).targets();
      case Head.Values all -> {
        Matrix values = drawn(random, steps, all.numbers());
        values.set(0, 0, Double.NaN);
        yield new Targets.Values(values);
      }
      default -> Example.ofClasses(inputs, random.ints(steps, -1, K).toArray()).targets();
    };
  }

  /// Sequences, of which the second has no target of the first head, and the third weighs twice for the last.
  private static List<Example> examples(SeveralHeads heads) {
    Random random = new Random(SEED);
    List<Example> all = new ArrayList<>();
    for (int s = 0; s < LENGTHS.length; s++) {
      Inputs inputs = new Inputs.Vectors(drawn(random, LENGTHS[s], I));
      List<Targets> parts = new ArrayList<>();
      for (Part part : heads.parts()) {
        Targets own = targets(part.head(), random, inputs);
        boolean isFirst = parts.isEmpty();
        boolean isLast = parts.size() == heads.parts().size() - 1;
        if (s == 1 && isFirst) {
          own = new Example(inputs, own).weighted(0).targets();
        } else if (s == 2 && isLast) {
          own = new Example(inputs, own).weighted(2).targets();
        }
        parts.add(own);
      }
      all.add(new Example(inputs, new SeveralTargets(parts)));
    }
    return all;
  }

  /// Adds `weight` times `from` to `to`.
  private static void add(Matrix from, double weight, Matrix to) {
    for (int row = 0; row < to.rows(); row++) {
      for (int col = 0; col < to.cols(); col++) {
        double sum = Numbers.get(to, row, col) + weight * Numbers.get(from, row, col);
        Numbers.set(to, row, col, sum);
      }
    }
  }

  private static double[] numbers(Matrix of) {
    double[] all = new double[of.rows() * of.cols()];
    Arrays.setAll(all, i -> Numbers.get(of, i / of.cols(), i % of.cols()));
    return all;
  }

  private static Example alone(Example of, int i) {
    return new Example(of.inputs(), ((SeveralTargets) of.targets()).parts().get(i));
  }

  @ParameterizedTest
  @MethodSource("heads")
  void loss_ofSeveralHeads_isTheWeighedSumOfThatOfEach(SeveralHeads heads) {
    Network network = network(heads);
    Batch batch = Batch.of(examples(heads));
    Parameters gradients = network.parameters().zeros();
    Bptt bptt = Bptt.of(network, Team.of(2), batch.steps(), batch.batch(), new Engine.Full());
    double loss = bptt.gradient(batch, Reduction.SUM, gradients);

    double sum = 0;
    double amount = 0;
    Parameters expected = network.parameters().zeros();
    double[] rows = new double[batch.steps() * batch.batch()];
    for (int i = 0; i < heads.parts().size(); i++) {
      int own = i;
      double weight = heads.parts().get(i).weight();
      Network single = alone(network, i);
      Batch ofOne = Batch.of(examples(heads).stream().map(all -> alone(all, own)).toList());
      Parameters derivatives = single.parameters().zeros();
      Bptt one = Bptt.of(single, Team.of(1), ofOne.steps(), ofOne.batch(), new Engine.Full());
      sum += weight * one.gradient(ofOne, Reduction.SUM, derivatives);
      amount += weight * ofOne.amount(single.spec().head());
      for (int row = 0; row < rows.length; row++) {
        rows[row] += weight * one.losses()[row];
      }
      for (Parameters.Tensor tensor : single.parameters().tensors()) {
        add(
            derivatives.matrix(tensor.name()),
            weight,
            expected.matrix(name(heads, i, tensor.name())));
      }
    }
    assertEquals(sum, loss, 1e-12 * Math.abs(sum));
    assertArrayEquals(rows, bptt.losses(), 1e-12);
    assertEquals(amount, batch.amount(heads), 1e-12);
    assertArrayEquals(numbers(expected.all()), numbers(gradients.all()), 1e-12);
    double mean = bptt.gradient(batch, Reduction.MEAN, network.parameters().zeros());
    assertEquals(sum / amount, mean, 1e-12 * Math.abs(mean));
  }

  @ParameterizedTest
  @MethodSource("heads")
  void gradient_ofSeveralHeads_agreesWithCentralDifferences(SeveralHeads heads) {
    GradientCheck check = GradientCheck.of(network(heads), 5, 3);
    check.expectPassed();
    assertTrue(
        check.rows().stream()
            .map(GradientCheck.Row::tensor)
            .anyMatch(tensor -> tensor.startsWith("heads.")));
    boolean isCut = heads.equals(STEPS) || heads.equals(CUT);
    assertEquals(isCut, check.rows().stream().anyMatch(row -> row.condition().equals("memory")));
  }

  @ParameterizedTest
  @EnumSource
  void gradient_inBatchesOrLittleMemoryOrThreads_isThatOfOneBatch(Reduction reduction) {
    Network network = network(CUT);
    List<Example> examples = examples(CUT);
    Batch batch = Batch.of(examples);
    Parameters whole = network.parameters().zeros();
    Engine full = new Engine.Full();
    long least = Footprint.leastBudget(network.spec(), Precision.DOUBLE, 6, 4);
    double loss = Bptt.of(network, Team.of(1), 6, 4, full).gradient(batch, reduction, whole);
    for (Engine engine : List.of(full, new Engine.Budgeted(least))) {
      Parameters other = network.parameters().zeros();
      Bptt bptt = Bptt.of(network, Team.of(3), 6, 4, engine);
      assertEquals(loss, bptt.gradient(batch, reduction, other));
      assertArrayEquals(numbers(whole.all()), numbers(other.all()), engine.toString());
    }
    Accumulation accumulation = new Accumulation(CUT, reduction);
    Parameters parts = network.parameters().zeros();
    Bptt small = Bptt.of(network, Team.of(1), 6, 2, full);
    double sum = 0;
    for (List<Example> some :
        List.of(examples.subList(0, 1), examples.subList(1, 3), examples.subList(3, 4))) {
      Batch own = Batch.of(some);
      small.startFromZero();
      sum += small.gradient(own, accumulation.weights(own), parts);
    }
    assertEquals(loss, sum / accumulation.divisor(), 1e-12);
    double[] divided = numbers(parts.all());
    for (int i = 0; i < divided.length; i++) {
      divided[i] /= accumulation.divisor();
    }
    assertArrayEquals(numbers(whole.all()), divided, 1e-12);
  }

  @Test
  void windows_asLongAsTheSequence_giveTheWholeGradient() {
    Network network = network(CUT);
    Batch batch = Batch.of(examples(CUT));
    Parameters whole = network.parameters().zeros();
    Parameters cut = network.parameters().zeros();
    Bptt.of(network, Team.of(1), 6, 4, new Engine.Full()).gradient(batch, Reduction.SUM, whole);
    Bptt.of(network, Team.of(2), 6, 4, new Engine.Truncated(new Truncation(2, 6)))
        .gradient(batch, Reduction.SUM, cut);
    assertArrayEquals(numbers(whole.all()), numbers(cut.all()), 1e-12);
  }

  @Test
  void errorSignals_ofSeveralHeads_sumToTheGradient() {
    Network network = network(STEPS);
    Batch batch = Batch.of(examples(STEPS).subList(0, 1));
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), 5, 1);
    unrolled.loss(Batch.of(5, 1, batch.inputs(), batch.targets()), Reduction.SUM);
    ErrorSignals signals = unrolled.errorSignals();
    Parameters whole = network.parameters().zeros();
    unrolled.backward(whole);
    Parameters sum = network.parameters().zeros();
    for (Parameters own : signals.gradients()) {
      add(own.all(), 1, sum.all());
    }
    assertArrayEquals(numbers(whole.all()), numbers(sum.all()), 1e-12);
  }

  @Test
  void outputs_ofSeveralHeads_areSideBySideWithThoseOfSequencesAtTheirEnds() {
    Network network = network(SLOTS);
    Batch batch = Batch.of(examples(SLOTS));
    int[] lengths = LENGTHS.clone();
    Matrix all = new Runner(network).runWhole(batch.inputs(), lengths);
    assertEquals(2 * K, all.cols());
    Matrix tags = new Runner(alone(network, 0)).runWhole(batch.inputs(), lengths);
    Matrix classes = new Runner(alone(network, 1)).runWhole(batch.inputs(), lengths);
    for (int row = 0; row < all.rows(); row++) {
      int b = row % lengths.length;
      boolean isLast = row / lengths.length == lengths[b] - 1;
      for (int k = 0; k < K; k++) {
        assertEquals(tags.get(row, k), SLOTS.outputs(all, 0).get(row, k));
        assertEquals(isLast ? classes.get(b, k) : 0, SLOTS.outputs(all, 1).get(row, k));
      }
      if (isLast) {
        double[] said = SLOTS.prediction(all, row);
        double[] own = new Head.Classes(K).prediction(classes, b);
        assertArrayEquals(own, Arrays.copyOfRange(said, K, 2 * K));
      }
    }
    int[] rows = {0, 4, 8};
    assertEquals(
        new Runner(alone(network, 0)).chain().posterior(tags, rows).loss(1, 2, 0),
        new Runner(network).chain(0).posterior(SLOTS.outputs(all, 0), rows).loss(1, 2, 0));
  }

  @ParameterizedTest
  @MethodSource("heads")
  void text_ofSeveralHeads_isReadBack(SeveralHeads heads) {
    assertEquals(heads, Head.parse(heads.text(), heads.outputs()));
  }

  @Test
  void text_thatSaysNoHeads_isRefused() {
    for (String text :
        List.of(
            "several;",
            "several;a,4,1.0,classes",
            "several;a,4,1.0,classes;a,4,1.0,classes",
            "several;a,4,0.0,classes;b,4,1.0,classes",
            "several;a,4,x,classes;b,4,1.0,classes",
            "several;a,2000000000000,1.0,classes;b,4,1.0,classes",
            "several;A,4,1.0,classes;b,4,1.0,classes",
            "several;a,4,1.0,factored;b,4,1.0,classes",
            "several;a,4,1.0,several;b,4,1.0,classes",
            "several;a,4,1.0,classes;b,5,1.0,classes")) {
      assertThrows(IllegalArgumentException.class, () -> Head.parse(text, 8), text);
    }
  }

  @Test
  void targets_thatAreNotThoseOfTheHeads_areRefused() {
    Network network = network(SLOTS);
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), 2, 1);
    Inputs inputs = new Inputs.Vectors(drawn(new Random(SEED), 2, I));
    Targets classes = new Targets.Classes(new int[] {-1, 1}, 0);
    Targets tags = new Targets.Tags(1, 2);
    for (Targets wrong :
        List.of(
            classes, SeveralTargets.of(classes, tags), SeveralTargets.of(tags, classes, tags))) {
      String message =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> unrolled.loss(Batch.of(2, 1, inputs, wrong), Reduction.MEAN))
              .getMessage();
      assertTrue(
          message.startsWith("targets: expected those of a head of several;slots,"), message);
    }
    assertTrue(
        unrolled.loss(Batch.of(2, 1, inputs, SeveralTargets.of(tags, classes)), Reduction.MEAN)
            > 0);
    assertFalse(SLOTS.isOfSteps());
    assertThrows(
        IllegalArgumentException.class,
        () -> new Runner(network).run(inputs, network.zeroState(1)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new WeightedTargets(SeveralTargets.of(tags, tags), new double[2], 0));
  }
}
