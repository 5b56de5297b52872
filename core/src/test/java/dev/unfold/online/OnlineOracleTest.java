package dev.unfold.online;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.ErrorBundle;
import dev.unfold.layer.Passage;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.proof.HeadedCells;
import dev.unfold.proof.RandomCell;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Each rule against back-propagation through time that lets as much pass as it does.
@DisabledIfSystemProperty(
    named = "unfold.memory",
    matches = "remote",
    disabledReason = "online rules are refused there")
final class OnlineOracleTest {
  private static final int STEPS = 7;
  private static final int BATCH = 2;
  private static final int INPUTS = 3;
  private static final int UNITS = 3;
  private static final int CLASSES = 3;

  private final Kernels kernels = TestBackends.scalar(Precision.DOUBLE);

  /// A network with numbers, and sequences for it.
  private static final class Problem {
    final Network network;
    final Batch batch;

    Problem(Cell cell, int layers, Kernels kernels, long seed) {
      this(
          new NetworkSpec(cell, new Encoder.Vectors(INPUTS), UNITS, layers, CLASSES),
          kernels,
          seed);
    }

    Problem(NetworkSpec spec, Kernels kernels, long seed) {
      network = Network.zeros(spec, kernels);
      SplittableRandom random = new SplittableRandom(seed);
      for (Parameters.Tensor tensor : network.parameters().tensors()) {
        boolean isOwn = tensor.shape().size() == 1 && !tensor.name().contains("bias");
        fill(network.parameters().matrix(tensor.name()), isOwn ? 0.5 : 0, 0.4, random);
      }
      network.parameters().changed();
      Matrix inputs = Matrix.allocate(kernels.type(), STEPS * BATCH, INPUTS);
      fill(inputs, 0, 1, random);
      int[] classes = new int[STEPS * BATCH];
      Arrays.setAll(classes, i -> random.nextInt(CLASSES));
      // A step without a loss: J goes on, no gradient comes of it.
      classes[3] = Targets.NO_TARGET;
      batch = Batch.of(STEPS, BATCH, new Inputs.Vectors(inputs), new Targets.Classes(classes, 0));
    }

    Problem(Network network, Batch batch) {
      this.network = network;
      this.batch = batch;
    }

    /// Numbers of either sign, `least` to `least` + `range` from 0: what random cells are drawn for.
    private static void fill(Matrix to, double least, double range, SplittableRandom random) {
      for (int r = 0; r < to.rows(); r++) {
        for (int c = 0; c < to.cols(); c++) {
          double size = least + range * random.nextDouble();
          to.set(r, c, random.nextBoolean() ? size : -size);
        }
      }
    }

    /// The sum over all steps of a rule's gradients.
    Parameters online(OnlineRule rule, int threads) {
      OnlineGradient online = OnlineGradient.of(network, Team.of(threads), BATCH, rule);
      online.limit(1e300);
      Parameters gradients = network.parameters().zeros();
      for (int t = 0; t < STEPS; t++) {
        online.step(batch.part(t, t + 1), Reduction.SUM, gradients);
      }
      return gradients;
    }

    Parameters bptt() {
      UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), STEPS, BATCH);
      unrolled.loss(batch, Reduction.SUM);
      Parameters gradients = network.parameters().zeros();
      unrolled.backward(gradients);
      return gradients;
    }

    /// Back-propagation of each step's error on its own, of which a part passes from step to step.
    Parameters bptt(Passage passage) {
      Parameters gradients = bptt();
      UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), STEPS, BATCH);
      unrolled.loss(batch, Reduction.SUM);
      unrolled.backward(network.parameters().zeros());
      UnrolledLayer layer = unrolled.tape().layers.getFirst().directions.getFirst();
      Matrix errors = layer.outputGradient().rows(STEPS * BATCH);
      ErrorBundle bundle = new ErrorBundle(layer, 1, false, passage);
      Columns columns = Columns.of(network, 0, 0);
      Matrix sum = columns.in(gradients);
      sum.clear();
      ImmediateInfluence own = new ImmediateInfluence(layer, bundle, columns.offsets().getFirst());
      for (int t = 0; t < STEPS; t++) {
        bundle.clear();
        for (int earlier = t; earlier >= 0; earlier--) {
          bundle.outputGradient().clear();
          if (earlier == t) {
            bundle.outputGradient().copy(errors.rows(t * BATCH, BATCH));
          }
          bundle.back(earlier, 0);
          for (int b = 0; b < BATCH; b++) {
            own.add(b, earlier * BATCH + b, sum, 0, 1);
          }
        }
      }
      return gradients;
    }
  }

  private static void assertAgree(String what, Parameters expected, Parameters got, double within) {
    for (Parameters.Tensor tensor : expected.tensors()) {
      Matrix wanted = expected.matrix(tensor.name());
      Matrix own = got.matrix(tensor.name());
      double scale = 1e-3;
      for (int r = 0; r < wanted.rows(); r++) {
        for (int c = 0; c < wanted.cols(); c++) {
          scale = Math.max(scale, Math.abs(wanted.get(r, c)));
        }
      }
      for (int r = 0; r < wanted.rows(); r++) {
        for (int c = 0; c < wanted.cols(); c++) {
          assertEquals(
              wanted.get(r, c),
              own.get(r, c),
              within * scale,
              "%s: %s [%d, %d]".formatted(what, tensor.name(), r, c));
        }
      }
    }
  }

  private static Stream<Cell> cells() {
    return Cells.names().stream().map(Cells::named);
  }

  @ParameterizedTest
  @MethodSource("cells")
  void rtrl_ofEachCell_isBackPropagation(Cell cell) {
    Problem problem = new Problem(cell, 1, kernels, 5);
    Parameters expected = problem.bptt();
    assertAgree("rtrl", expected, problem.online(new OnlineRule.Rtrl(false), 2), 1e-10);
  }

  @ParameterizedTest
  @MethodSource("cells")
  void rtrl_ofThreeLayers_isBackPropagation(Cell cell) {
    Problem problem = new Problem(cell, 3, kernels, 6);
    Parameters expected = problem.bptt();
    assertAgree("rtrl", expected, problem.online(new OnlineRule.Rtrl(false), 1), 1e-10);
  }

  /// With heads of four units in two or three heads.
  private Problem headed(Cell cell, int layers, long seed) {
    int units = 4 * cell.heads();
    NetworkSpec spec = new NetworkSpec(cell, new Encoder.Vectors(INPUTS), units, layers, CLASSES);
    return new Problem(spec, kernels, seed);
  }

  private static Stream<Cell> cellsWithHeads() {
    return Stream.of(2, 3).flatMap(heads -> HeadedCells.standard(heads).stream());
  }

  @ParameterizedTest
  @MethodSource("cellsWithHeads")
  void rtrl_ofEachCellWithHeads_isBackPropagation(Cell cell) {
    Problem problem = headed(cell, 1, 5);
    Parameters expected = problem.bptt();
    for (String rule : List.of("rtrl", "rtrl-layerwise")) {
      Parameters got = problem.online(OnlineRule.parse(rule, 3, CLASSES), 2);
      assertAgree(rule, expected, got, 1e-10);
    }
  }

  /// What layers below owe goes through those above at later steps, too: that is carried whole.
  @Test
  void rtrl_ofTwoLayersWithHeads_isBackPropagation() {
    for (String name : List.of("elman", "lstm", "gru")) {
      Problem problem = headed(Cells.named(name).withHeads(2), 2, 6);
      Parameters got = problem.online(new OnlineRule.Rtrl(false), 1);
      assertAgree(name, problem.bptt(), got, 1e-10);
    }
  }

  /// The dense cell keeps S P numbers for each sequence, twice; heads keep an Nth of them, for an Nth of the recurrent
  /// parameters.
  @Test
  void influence_ofSeparateHeads_takesTheirShareOfTheMemory() {
    for (String name : List.of("elman", "lstm", "gru", "gru_reset_before")) {
      Problem problem = headed(Cells.named(name).withHeads(3), 1, 6);
      OnlineGradient online =
          OnlineGradient.of(problem.network, Team.of(1), BATCH, new OnlineRule.Rtrl(false));
      long parameters = Columns.of(problem.network, 0, 0).count();
      long states = 4L * problem.network.spec().cell().states().size();
      assertEquals(2 * BATCH * (states + 1) * parameters * Double.BYTES, online.bytes(), name);
    }
  }

  /// The influence as anybody may look at it is that of the whole cell, where there are parameters.
  @Test
  void influence_ofHeads_isThatOfTheWholeCell() {
    for (String name : List.of("elman", "lstm", "gru_reset_before")) {
      Problem problem = headed(Cells.named(name).withHeads(3), 1, 6);
      Network whole = problem.network.withWholeMatrices();
      OnlineRule rule = new OnlineRule.Rtrl(false);
      OnlineGradient own = OnlineGradient.of(problem.network, Team.of(2), BATCH, rule);
      OnlineGradient other = OnlineGradient.of(whole, Team.of(1), BATCH, rule);
      for (int t = 0; t < STEPS; t++) {
        Batch step = problem.batch.part(t, t + 1);
        own.step(step, Reduction.SUM, problem.network.parameters().zeros());
        other.step(step, Reduction.SUM, whole.parameters().zeros());
      }
      Matrix expected = other.influence(1);
      Matrix got = own.influence(1);
      assertEquals(expected.rows(), got.rows());
      int columns = problem.network.parameters().matrix("weight_hh_l0").cols();
      int units = problem.network.spec().hidden();
      for (int row = 0; row < got.rows(); row++) {
        for (int i = 0; i < units; i++) {
          int head = i / columns;
          for (int c = 0; c < columns; c++) {
            int from = own.firstColumn("weight_hh_l0") + i * columns + c;
            int to = other.firstColumn("weight_hh_l0") + i * units + head * columns + c;
            assertEquals(expected.get(row, to), got.get(row, from), 1e-10, name);
          }
          int bias = own.firstColumn("bias_hh_l0") + i;
          int before = other.firstColumn("bias_hh_l0") + i;
          assertEquals(expected.get(row, before), got.get(row, bias), 1e-10, name);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void rtrl_ofRandomCellsWithHeads_isBackPropagation(int layers) {
    for (long seed = 1; seed <= 25; seed++) {
      Cell cell = RandomCell.drawWithHeads(seed);
      NetworkSpec spec = new NetworkSpec(cell, new Encoder.Vectors(INPUTS), 4, layers, CLASSES);
      Problem problem = new Problem(spec, kernels, seed);
      Parameters got = problem.online(new OnlineRule.Rtrl(false), 1);
      assertAgree("seed %d: %s".formatted(seed, cell), problem.bptt(), got, 1e-10);
    }
  }

  @Test
  void localRules_ofCellsWithHeads_areBackPropagationOfWhatPasses() {
    int tried = 0;
    for (Cell cell : cellsWithHeads().toList()) {
      if (keepsUnitsApart(cell, Passage.SAME_UNIT)) {
        tried++;
        Problem problem = headed(cell, 1, 7);
        for (int threads = 1; threads <= 2; threads++) {
          Parameters snap = problem.online(new OnlineRule.SnAp1(false), threads);
          assertAgree("snap1 " + cell, problem.bptt(Passage.SAME_UNIT), snap, 1e-10);
          Parameters own = problem.online(new OnlineRule.EProp(), threads);
          assertAgree("eprop " + cell, problem.bptt(Passage.WITHIN), own, 1e-10);
        }
      }
    }
    assertTrue(tried > 12, "expected more cells, got " + tried);
  }

  /// With the same signs, and the same feedback, heads have the numbers of the whole cell.
  @Test
  void otherRules_ofHeads_areThoseOfTheWholeCell() {
    Problem problem = headed(Cells.named("elman").withHeads(2), 1, 8);
    Problem whole = new Problem(problem.network.withWholeMatrices(), problem.batch);
    for (String name : List.of("kf-rtrl", "rflo", "snap1-strict")) {
      OnlineRule rule = OnlineRule.parse(name, 3, CLASSES);
      Parameters expected = whole.online(rule, 1);
      Parameters got = problem.online(rule, 1);
      Matrix dense = expected.matrix("weight_hh_l0");
      Matrix blocks = got.matrix("weight_hh_l0");
      for (int r = 0; r < 8; r++) {
        for (int c = 0; c < 4; c++) {
          assertEquals(dense.get(r, r / 4 * 4 + c), blocks.get(r, c), 1e-12, name);
        }
        for (int c = 0; c < INPUTS; c++) {
          double wanted = expected.matrix("weight_ih_l0").get(r, c);
          assertEquals(wanted, got.matrix("weight_ih_l0").get(r, c), 1e-12, name);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void rtrl_ofRandomCells_isBackPropagation(int layers) {
    for (long seed = 1; seed <= 25; seed++) {
      Cell cell = RandomCell.draw(seed);
      Problem problem = new Problem(cell, layers, kernels, seed);
      Parameters got = problem.online(new OnlineRule.Rtrl(false), 1);
      assertAgree("seed %d: %s".formatted(seed, cell), problem.bptt(), got, 1e-10);
    }
  }

  private static boolean keepsUnitsApart(Cell cell, Passage passage) {
    try {
      int units = UNITS * cell.heads();
      NetworkSpec spec = new NetworkSpec(cell, new Encoder.Vectors(INPUTS), units, 1, CLASSES);
      new Problem(spec, TestBackends.scalar(Precision.DOUBLE), 1).bptt(passage);
      return true;
    } catch (IllegalArgumentException e) {
      assertTrue(e.getMessage().startsWith("rule: "), e.getMessage());
      return false;
    }
  }

  @Test
  void localRules_ofEachCellThatKeepsUnitsApart_areBackPropagationOfWhatPasses() {
    int tried = 0;
    List<Cell> cells =
        Stream.concat(cells(), IntStream.rangeClosed(1, 60).mapToObj(RandomCell::draw)).toList();
    for (Cell cell : cells) {
      if (!keepsUnitsApart(cell, Passage.SAME_UNIT)) {
        continue;
      }
      tried++;
      Problem problem = new Problem(cell, 1, kernels, 7);
      for (int threads = 1; threads <= 2; threads++) {
        Parameters snap = problem.online(new OnlineRule.SnAp1(false), threads);
        assertAgree("snap1 " + cell, problem.bptt(Passage.SAME_UNIT), snap, 1e-10);
        Parameters own = problem.online(new OnlineRule.EProp(), threads);
        assertAgree("eprop " + cell, problem.bptt(Passage.WITHIN), own, 1e-10);
      }
    }
    assertTrue(tried > 12, "expected more cells, got " + tried);
  }

  @Test
  void passage_ofAnElmanNetwork_losesMoreTheLessPasses() {
    Problem problem = new Problem(Cells.named("elman"), 1, kernels, 9);
    assertAgree("whole", problem.bptt(), problem.bptt(Passage.WHOLE), 1e-12);
    assertThrows(
        AssertionError.class,
        () -> assertAgree("", problem.bptt(), problem.bptt(Passage.SAME_UNIT), 1e-3));
    assertThrows(
        AssertionError.class,
        () -> assertAgree("", problem.bptt(Passage.SAME_UNIT), problem.bptt(Passage.WITHIN), 1e-3));
  }

  @Test
  void rules_whereAProductLiesWithinTheStep_areRefusedWithTheReason() {
    Network network = new Problem(Cells.named("gru_reset_before"), 1, kernels, 1).network;
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> OnlineGradient.of(network, Team.of(1), 1, new OnlineRule.SnAp1(false)))
            .getMessage();
    assertTrue(message.contains("gru_reset_before") && message.contains("rtrl"), message);
    assertTrue(message.contains("within the step"), message);
  }

  @Test
  void threads_ofAnyNumber_giveTheSameBits() {
    Kernels vector = TestBackends.best(Precision.FLOAT);
    for (String rule : List.of("rtrl", "rtrl-layerwise", "snap1", "eprop", "immediate", "uoro")) {
      assertSameBits(new Problem(Cells.named("lstm"), 2, vector, 11), rule);
      Cell headed = Cells.named("lstm").withHeads(3);
      assertSameBits(new Problem(headed, 2, vector, 11), rule);
      NetworkSpec wide = new NetworkSpec(headed, new Encoder.Vectors(INPUTS), 21, 1, CLASSES);
      assertSameBits(new Problem(wide, vector, 11), rule);
    }
  }

  private static void assertSameBits(Problem problem, String rule) {
    OnlineRule own = OnlineRule.parse(rule, 3, CLASSES);
    double[] expected = problem.online(own, 1).buffer().toArray();
    for (int threads = 2; threads <= 4; threads++) {
      double[] got = problem.online(own, threads).buffer().toArray();
      assertTrue(Arrays.equals(expected, got), rule + " with " + threads + " threads");
    }
  }

  @Test
  void missingSteps_leaveTheirSequenceAsIfTheyWereNotThere() {
    Problem problem = new Problem(Cells.named("lstm"), 1, kernels, 13);
    for (String name : List.of("rtrl", "snap1", "eprop", "uoro", "rflo")) {
      OnlineRule rule = OnlineRule.parse(name, 3, CLASSES);
      OnlineGradient whole = OnlineGradient.of(problem.network, Team.of(1), BATCH, rule);
      OnlineGradient cut = OnlineGradient.of(problem.network, Team.of(1), BATCH, rule);
      Parameters gradients = problem.network.parameters().zeros();
      Parameters others = problem.network.parameters().zeros();
      // Of the sequence that lacks the step alone.
      double[] counts = {0, 1};
      for (int t = 0; t < STEPS; t++) {
        Batch step = problem.batch.part(t, t + 1);
        whole.step(step, counts, gradients);
        cut.step(step, counts, others);
        if (t == 2) {
          Matrix before = cut.influence(1);
          Batch missing = problem.batch.part(5, 6).withLengths(1, 0);
          cut.step(missing, counts, others);
          assertSame(before, cut.influence(1), name);
          assertFalse(same(whole.influence(0), cut.influence(0)), name);
        }
      }
      // Random signs are those of the step, which the other sequence has had one more of.
      if (!name.equals("uoro")) {
        assertArrayEquals(gradients.buffer().toArray(), others.buffer().toArray(), name);
      }
      assertSame(
          whole.state().layers().getFirst().getFirst().rows(1, 1),
          cut.state().layers().getFirst().getFirst().rows(1, 1),
          name);
    }
  }

  private static void assertSame(Matrix expected, Matrix got, String what) {
    assertTrue(same(expected, got), what);
  }

  private static boolean same(Matrix a, Matrix b) {
    for (int r = 0; r < a.rows(); r++) {
      for (int c = 0; c < a.cols(); c++) {
        if (a.get(r, c) != b.get(r, c)) {
          return false;
        }
      }
    }
    return true;
  }

  @Test
  void influence_thatOutgrowsItsLimit_isScaledDownAndCounted() {
    Problem problem = new Problem(Cells.named("elman"), 1, kernels, 15);
    OnlineGradient online =
        OnlineGradient.of(problem.network, Team.of(1), BATCH, new OnlineRule.Rtrl(false));
    online.limit(0.5);
    Parameters gradients = problem.network.parameters().zeros();
    for (int t = 0; t < 8; t++) {
      online.step(problem.batch.part(t % STEPS, t % STEPS + 1), Reduction.SUM, gradients);
    }
    // Both sequences, at the first look and at the second.
    assertEquals(4, online.timesLimited());
    assertEquals(0.5, online.norm(0), 1e-12);
    online.reset(0);
    assertEquals(0, online.norm(0));
    assertEquals(0.5, online.norm(1), 1e-12);
  }

  @Test
  void influence_thatIsNotFinite_startsAnewWithEveryRule() {
    Kernels single = TestBackends.best(Precision.FLOAT);
    for (String name : List.of("rtrl", "snap1", "eprop", "rflo", "uoro", "kf-rtrl")) {
      Problem problem = new Problem(Cells.named("elman"), 1, single, 19);
      OnlineRule rule = OnlineRule.parse(name, 3, CLASSES);
      OnlineGradient online = OnlineGradient.of(problem.network, Team.of(1), BATCH, rule);
      Matrix recurrent = problem.network.parameters().matrix("weight_hh_l0");
      double[] kept = new double[UNITS];
      for (int i = 0; i < UNITS; i++) {
        kept[i] = recurrent.get(i, i);
        recurrent.set(i, i, 1e30);
      }
      // Linear while the states are zero: J grows by 1e30 at each step.
      problem.network.parameters().changed();
      Matrix zeros = Matrix.allocate(single.type(), BATCH, INPUTS);
      problem.network.parameters().matrix("bias_ih_l0").clear();
      problem.network.parameters().matrix("bias_hh_l0").clear();
      Targets none = new Targets.Classes(new int[] {0, 0}, 0);
      Batch step = Batch.of(1, BATCH, new Inputs.Vectors(zeros), none);
      Parameters gradients = problem.network.parameters().zeros();
      for (int t = 0; t < 8; t++) {
        online.step(step, Reduction.SUM, gradients);
      }
      for (int i = 0; i < UNITS; i++) {
        recurrent.set(i, i, kept[i]);
      }
      problem.network.parameters().changed();
      for (int t = 0; t < 8; t++) {
        gradients.buffer().clear();
        online.step(step, Reduction.SUM, gradients);
      }
      assertTrue(Double.isFinite(online.norm(0)), name);
      assertTrue(gradients.firstNonFinite() == null, name);
      assertTrue(name.equals("eprop") || name.equals("rflo") || online.timesLimited() > 0, name);
    }
  }

  @Test
  void rules_thatCannotLearnFromALoss_areRefused() {
    Problem problem = new Problem(Cells.named("elman"), 1, kernels, 21);
    Network half = problem.network.withWeights(WeightFormat.BFLOAT16);
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> OnlineGradient.of(half, Team.of(1), 1, new OnlineRule.Rtrl(false)))
            .getMessage();
    assertEquals("weights: expected 32 bits to follow errors back, got bf16", message);
    OnlineGradient online =
        OnlineGradient.of(problem.network, Team.of(1), BATCH, new OnlineRule.Rtrl(false));
    Parameters gradients = problem.network.parameters().zeros();
    Batch step = problem.batch.part(0, 1);
    assertThrows(IllegalArgumentException.class, () -> online.step(step, new double[1], gradients));
    assertThrows(IllegalArgumentException.class, () -> online.norm(BATCH));
    assertThrows(IllegalArgumentException.class, () -> online.influence(-1));
    assertThrows(IllegalArgumentException.class, () -> online.limit(Double.POSITIVE_INFINITY));
  }

  @Test
  void step_ofAnotherBatch_isRefusedAndChangesNothing() {
    Problem problem = new Problem(Cells.named("elman"), 1, kernels, 17);
    OnlineGradient online =
        OnlineGradient.of(problem.network, Team.of(1), BATCH, new OnlineRule.Rtrl(false));
    Parameters gradients = problem.network.parameters().zeros();
    online.step(problem.batch.part(0, 1), Reduction.SUM, gradients);
    Matrix before = online.influence(0);
    assertThrows(
        IllegalArgumentException.class,
        () -> online.step(problem.batch.part(0, 2), Reduction.SUM, gradients));
    Batch tokens =
        Batch.of(
            1, BATCH, new Inputs.Tokens(new int[BATCH], 0), problem.batch.targets().part(0, 2));
    assertThrows(
        IllegalArgumentException.class, () -> online.step(tokens, Reduction.SUM, gradients));
    assertSame(before, online.influence(0), "influence");
  }
}
