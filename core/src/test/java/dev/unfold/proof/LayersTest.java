package dev.unfold.proof;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.check.GradientCheck;
import dev.unfold.flow.ErrorFlow;
import dev.unfold.flow.Reach;
import dev.unfold.flow.RecurrentJacobian;
import dev.unfold.flow.Saturation;
import dev.unfold.head.Head;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.infer.Runner;
import dev.unfold.infer.Stepper;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.LayerSpec;
import dev.unfold.model.LayerText;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.State;
import dev.unfold.model.Wiring;
import dev.unfold.model.init.Initialization;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.ErrorNorms;
import dev.unfold.sequence.ErrorSignals;
import dev.unfold.sequence.Inputs;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Layers each with a cell, a size and a wiring of its own.
final class LayersTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261206L);
  private static final int I = 3;
  private static final int K = 4;
  private static final Kernels DOUBLES = TestBackends.scalar(Precision.DOUBLE);
  private static final Kernels FLOATS = TestBackends.best(Precision.FLOAT);

  LayersTest() {
    System.out.println("LayersTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  private static List<LayerSpec> layers(String text) {
    return LayerText.parse("layers", text, OptionalInt.empty(), Cells::named);
  }

  private static NetworkSpec spec(String text) {
    return new NetworkSpec(new Encoder.Vectors(I), layers(text), new Head.Classes(K));
  }

  static Stream<NetworkSpec> mixed() {
    Head pooled = new PooledHead(new Head.Classes(K), Pooling.MAX);
    return Stream.of(
        spec("lstm:5,gru:4,elman:3"),
        spec("gru:2:both,lstm:5"),
        spec("elman:6,gru:3:both:residual"),
        spec("gru:3:residual,lstm_projected:4:P=2,indrnn:2:residual"),
        spec("minlstm:3,lstm_peephole:4"),
        new NetworkSpec(new Encoder.Vectors(I), layers("lstm:4:both,gru:5"), pooled));
  }

  @ParameterizedTest
  @MethodSource("mixed")
  void gradient_ofMixedLayers_isThatOfTheLoss(NetworkSpec spec) {
    assertFalse(spec.isUniform());
    GradientCheck.of(Network.create(spec, DOUBLES, 1), 6, 3).expectPassed();
  }

  @ParameterizedTest
  @MethodSource("mixed")
  void mixedLayers_onTeamsOfOneToThree_giveTheSameBits(NetworkSpec spec) {
    if (spec.head().pooled().isPresent()) {
      return;
    }
    Map<String, double[]> expected = Bits.of(spec, FLOATS, Team.of(1), 5, 3, SEED);
    for (int threads = 2; threads <= 3; threads++) {
      Map<String, double[]> got = Bits.of(spec, FLOATS, Team.of(threads), 5, 3, SEED);
      expected.forEach((name, values) -> assertArrayEquals(values, got.get(name), name));
    }
  }

  @Test
  void listOfLayersThatAreAlike_isTheNetworkOfOneCell() {
    Cell cell = Cells.lstm();
    for (Set<Wiring> wiring :
        List.of(
            Set.<Wiring>of(),
            Set.of(Wiring.RESIDUAL),
            Set.of(Wiring.BIDIRECTIONAL),
            Set.of(Wiring.BIDIRECTIONAL, Wiring.RESIDUAL))) {
      NetworkSpec old = new NetworkSpec(cell, new Encoder.Vectors(I), 5, 3, K, wiring);
      NetworkSpec list =
          new NetworkSpec(
              old.encoder(),
              Collections.nCopies(3, new LayerSpec(cell, 5)),
              old.head(),
              wiring,
              Noise.NONE);
      assertEquals(old, list);
      // What is said of each layer is the same as what is said of all.
      NetworkSpec each = new NetworkSpec(old.encoder(), old.stack(), old.head());
      assertEquals(old, each);
      assertTrue(each.isUniform());
      assertEquals(wiring, each.wiring());
      Map<String, double[]> expected = Bits.of(old, FLOATS, Team.of(2), 4, 3, SEED);
      Map<String, double[]> got = Bits.of(each, FLOATS, Team.of(2), 4, 3, SEED);
      expected.forEach((name, values) -> assertArrayEquals(values, got.get(name), name));
      assertArrayEquals(
          Network.create(old, FLOATS, 3).parameters().buffer().toArray(),
          Network.create(each, FLOATS, 3).parameters().buffer().toArray());
    }
  }

  @Test
  void parameters_ofMixedLayers_haveTheShapesOfEach() {
    NetworkSpec spec = spec("gru:2:both,lstm:5,elman:5:residual");
    Map<String, List<Integer>> shapes = Network.shapes(spec);
    assertEquals(List.of(6, 3), shapes.get("weight_ih_l0"));
    assertEquals(List.of(6, 2), shapes.get("weight_hh_l0_reverse"));
    assertEquals(List.of(20, 4), shapes.get("weight_ih_l1"));
    assertEquals(List.of(5, 5), shapes.get("weight_ih_l2"));
    assertFalse(shapes.containsKey("weight_ih_l1_reverse"));
    assertEquals(List.of(K, 5), shapes.get(Head.WEIGHT));
    assertEquals(List.of("h_l0", "h_l0_reverse", "h_l1", "c_l1", "h_l2"), State.names(spec));
    assertEquals("gru,lstm,elman", spec.cellNames());
    assertEquals(2, spec.directions());
    assertTrue(spec.has(Wiring.RESIDUAL));
    assertEquals(Set.of(), spec.wiring());
  }

  @Test
  void draw_ofMixedLayers_takesTheSizeOfEach() {
    NetworkSpec spec = spec("elman:400,elman:4");
    Network network = Network.create(spec, FLOATS, SEED);
    double most = 0;
    for (double number : Bits.toArray(network.parameters().matrix("weight_hh_l0"))) {
      most = Math.max(most, Math.abs(number));
    }
    assertTrue(most <= 0.05 && most > 0.049, "1/sqrt(400), got " + most);
    Initialization forget = Initialization.defaults().withForgetBias(1);
    Network gated = Network.create(spec("elman:4,lstm:3"), FLOATS, SEED, forget);
    double sum = 0;
    for (String name : List.of("bias_ih_l1", "bias_hh_l1")) {
      sum += Numbers.get(gated.parameters().matrix(name), 0, 3);
    }
    assertEquals(1, sum);
    refused(
        "init: forget: expected a cell with the bias of a forget gate, got elman",
        () -> Network.create(spec, FLOATS, SEED, forget));
  }

  private static Batch batch(Kernels kernels, int steps, int size) {
    Random random = new Random(SEED);
    Matrix inputs = Matrix.allocate(kernels.type(), steps * size, I);
    for (int i = 0; i < steps * size * I; i++) {
      inputs.set(i / I, i % I, random.nextDouble(-1, 1));
    }
    int[] targets = random.ints((long) steps * size, 0, K).toArray();
    return Batch.of(steps, size, new Inputs.Vectors(inputs), new Targets.Classes(targets, 0));
  }

  @Test
  void errorFlow_ofMixedLayers_isThatOfEachPair() {
    Network network = Network.create(spec("lstm:5,gru:4,elman:4:residual"), DOUBLES, SEED);
    int steps = 7;
    Batch batch = batch(DOUBLES, steps, 2);
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), steps, 2);
    unrolled.loss(batch, Reduction.SUM);
    ErrorSignals signals = unrolled.errorSignals();
    ErrorFlow flow = ErrorFlow.of(network, Team.of(2), batch, ErrorFlow.allTimes(steps));
    assertEquals(
        List.of("l0", "l1", "l2"), flow.layers().stream().map(ErrorFlow.Layer::name).toList());
    for (int l = 0; l < 3; l++) {
      for (int t = 0; t < steps; t++) {
        for (int s = 0; s <= t; s++) {
          Matrix delta = signals.deltas().get(t).get(l).getFirst().rows(2 * s, 2);
          double expected = Math.sqrt(DOUBLES.sumOfSquares(delta));
          assertEquals(expected, flow.layers().get(l).norms()[t][s], 1e-12 * expected);
        }
      }
    }
    Reach reach = Reach.of(network, Team.of(1), List.of(batch));
    assertEquals(3, reach.layers().size());
    assertFalse(Saturation.of(network, Team.of(1), batch).isEmpty());
  }

  /// The norms of a pass back from the error of one step alone.
  @Test
  void errorFlow_ofSomeLayersInBothDirections_isThatOfEachError() {
    Network network = Network.create(spec("gru:2:both,lstm:5,elman:3:both"), DOUBLES, SEED);
    int steps = 6;
    Batch batch = batch(DOUBLES, steps, 1);
    ErrorFlow flow = ErrorFlow.of(network, Team.of(2), batch, ErrorFlow.allTimes(steps));
    List<String> names = List.of("l0", "l0_reverse", "l1", "l2", "l2_reverse");
    assertEquals(names, flow.layers().stream().map(ErrorFlow.Layer::name).toList());
    for (int t = 0; t < steps; t++) {
      int[] one = new int[steps];
      Arrays.fill(one, Targets.NO_TARGET);
      one[t] = ((Targets.Classes) batch.targets()).classes()[t];
      UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), steps, 1);
      ErrorNorms norms = unrolled.watchErrors();
      unrolled.loss(Batch.of(steps, 1, batch.inputs(), new Targets.Classes(one, 0)), Reduction.SUM);
      unrolled.backward(network.parameters().zeros());
      for (int l = 0; l < names.size(); l++) {
        boolean isReverse = names.get(l).endsWith("reverse");
        for (int s = 0; s < steps; s++) {
          double expected = norms.at(l, isReverse ? steps - 1 - s : s);
          assertEquals(
              expected, flow.layers().get(l).norms()[t][s], 1e-12 * expected, names.get(l));
        }
      }
    }
  }

  /// Against central differences of a step.
  @Test
  void jacobian_ofMixedLayers_isThatOfAStep() {
    Network network = Network.create(spec("lstm:3,gru:2"), DOUBLES, SEED);
    State before = network.zeroState(1);
    Inputs input = batch(DOUBLES, 1, 1).inputs();
    assertEquals(8, RecurrentJacobian.states(network));
    RecurrentJacobian jacobian = RecurrentJacobian.of(network, Team.of(1), before, input);
    double squares = 0;
    for (int column = 0; column < 8; column++) {
      double[] above = after(network, before, input, column, 1e-5);
      double[] below = after(network, before, input, column, -1e-5);
      for (int row = 0; row < 8; row++) {
        double slope = (above[row] - below[row]) / 2e-5;
        squares += slope * slope;
      }
    }
    double sum = 0;
    for (double value : jacobian.all()) {
      sum += value * value;
    }
    // The sum of the squares of all elements is that of the singular values.
    assertEquals(squares, sum, 1e-8 * squares);
    assertEquals(2, jacobian.layers().size());
  }

  private static double[] after(
      Network network, State before, Inputs input, int column, double change) {
    State state = before.copy();
    int from = 0;
    for (List<Matrix> layer : state.layers()) {
      for (Matrix matrix : layer) {
        if (column >= from && column < from + matrix.cols()) {
          matrix.set(0, column - from, matrix.get(0, column - from) + change);
        }
        from += matrix.cols();
      }
    }
    return new Runner(network)
        .run(input, state).state().layers().stream()
            .flatMap(List::stream)
            .flatMapToDouble(matrix -> Arrays.stream(Bits.toArray(matrix)))
            .toArray();
  }

  @Test
  void stepper_ofMixedLayers_givesTheBitsOfARunOverAll() {
    Network network = Network.create(spec("lstm:5,gru:4,elman:4:residual"), FLOATS, SEED);
    Batch batch = batch(FLOATS, 6, 2);
    Matrix expected = new Runner(network).run(batch.inputs(), network.zeroState(2)).outputs();
    Stepper stepper = new Runner(network).stepper(1, 2);
    for (int t = 0; t < 6; t++) {
      Matrix got = stepper.run(batch.inputs().part(2 * t, 2));
      assertArrayEquals(Bits.toArray(expected.rows(2 * t, 2)), Bits.toArray(got));
    }
  }

  @Test
  void text_ofLayers_isReadAsItIsWritten() {
    for (String text :
        List.of(
            "lstm:64",
            "lstm:64,gru:32:both",
            "gru:32,gru:32",
            "lstm_projected:64:P=16:both:residual,elman:3:residual")) {
      assertEquals(text, LayerText.of(layers(text)));
    }
    List<LayerSpec> usual =
        LayerText.parse("layers", "gru,lstm:3:both", OptionalInt.of(7), Cells::named);
    assertEquals("gru:7,lstm:3:both", LayerText.of(usual));
    for (String wrong :
        List.of(
            "",
            ",",
            "lstm",
            "lstm:",
            "lstm:64:",
            "lstm:64:sideways",
            "lstm:64:P=3",
            "lstm_projected:64:P=0",
            "lstm:64:P=",
            "lstm:64:=3",
            "lstm:1.5",
            "lstm:64,,gru:3",
            ":64",
            "lstm:both:64")) {
      assertThrows(IllegalArgumentException.class, () -> layers(wrong), wrong);
    }
    refused("layers: expected H of 1 or more, got 0", () -> layers("lstm:0"));
    refused(
        "layers: expected the name of a cell that is known here, got lstn", () -> layers("lstn:3"));
  }

  @Test
  void layers_thatDoNotFit_areRefused() {
    refused(
        "layers[1]: expected an output of as many numbers as its input has, 5, for residual, got 4",
        () -> spec("lstm:5,gru:4:residual"));
    refused(
        "layers: expected L of 1 or more, got 0",
        () -> new NetworkSpec(new Encoder.Vectors(I), List.of(), new Head.Classes(K)));
    refused(
        "wiring: expected bidirectional or residual for a layer, got [TIED]",
        () -> new LayerSpec(Cells.lstm(), 3, Set.of(Wiring.TIED)));
    assertThrows(
        IllegalArgumentException.class,
        () -> spec("lstm:5,gru:4").with(Noise.NONE.withZoneout("c", 0.1)));
    assertThrows(IllegalArgumentException.class, () -> spec("lstm:65536,gru:65536"));
    assertNotEquals(spec("lstm:5,gru:4"), spec("gru:5,lstm:4"));
  }

  private static void refused(String message, Runnable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call::run).getMessage());
  }
}
