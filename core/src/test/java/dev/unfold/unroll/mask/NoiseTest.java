package dev.unfold.unroll.mask;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Mask;
import dev.unfold.cell.library.Cells;
import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
import dev.unfold.head.Head;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.LiveRows;
import dev.unfold.layer.Sequence;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.unroll.UnrolledNetwork;
import dev.unfold.unroll.rows.PackedRows;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class NoiseTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261128L);
  private static final int V = 5;
  private static final int H = 4;
  private static final Kernels SCALAR = TestBackends.scalar(Precision.DOUBLE);

  NoiseTest() {
    System.out.println("NoiseTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  static Stream<String> cells() {
    return Cells.names().stream();
  }

  private static NetworkSpec spec(Cell cell, Noise noise) {
    return new NetworkSpec(
        cell, new Encoder.Embedding(V, H), H, 2, new Head.Classes(V), Set.of(), noise);
  }

  private static Noise everything(Cell cell) {
    Noise noise = Noise.dropout(0.3).withState(0.4).withWeights(0.2);
    for (String state : cell.states()) {
      noise = noise.withZoneout(state, 0.25);
    }
    return noise;
  }

  private static Batch batch(int steps, int batch) {
    int[] tokens = new Random(SEED).ints((long) steps * batch, 0, V).toArray();
    int[] targets = new Random(SEED + 1).ints((long) steps * batch, 0, V).toArray();
    return Batch.of(steps, batch, new Inputs.Tokens(tokens, 0), new Targets.Classes(targets, 0));
  }

  private static double[] gradient(Network network, Engine engine, int threads, long draw) {
    Batch batch = batch(300, 3).withLengths(300, 120, 211);
    Bptt bptt = Bptt.of(network, Team.of(threads), 300, 3, engine);
    Parameters gradients = network.parameters().zeros();
    bptt.drawMasks(draw);
    double loss = bptt.gradient(batch, Reduction.MEAN, gradients);
    double[] numbers = Arrays.copyOf(gradients.buffer().toArray(), (int) gradients.count() + 1);
    numbers[numbers.length - 1] = loss;
    return numbers;
  }

  @ParameterizedTest
  @MethodSource("cells")
  void gradient_withFrozenMasks_isTheCentralDifference(String name) {
    Cell cell = Cells.named(name);
    for (Noise noise : List.of(everything(cell), everything(cell).variational())) {
      Network network = Network.create(spec(cell, noise), SCALAR, SEED);
      Batch batch = batch(6, 2);
      Bptt bptt = Bptt.of(network, Team.of(1), 6, 2, new Engine.Full());
      bptt.drawMasks(7);
      Parameters gradients = network.parameters().zeros();
      bptt.gradient(batch, Reduction.SUM, gradients);
      double[] derivatives = gradients.buffer().toArray();
      Parameters other = network.parameters().zeros();
      Random random = new Random(SEED);
      for (int i = 0; i < 60; i++) {
        int place = random.nextInt(derivatives.length);
        double value = Numbers.get(network.parameters().buffer(), place);
        double step = 1e-6;
        double above = loss(network, bptt, batch, place, value + step, other);
        double below = loss(network, bptt, batch, place, value - step, other);
        loss(network, bptt, batch, place, value, other);
        // Rounding of the losses over the step, and the third derivative.
        assertEquals((above - below) / (2 * step), derivatives[place], 1e-7, name + " " + place);
      }
    }
  }

  private static double loss(
      Network network, Bptt bptt, Batch batch, int place, double value, Parameters gradients) {
    Numbers.set(network.parameters().buffer(), place, value);
    network.parameters().changed();
    return bptt.gradient(batch, Reduction.SUM, gradients);
  }

  @Test
  void masks_ofAnyThreadsAndAnyBudget_areTheSame() {
    for (Cell cell :
        List.of(
            Cells.lstm(), Cells.gru(), Cells.elman(Activation.TANH), Cells.gru().withHeads(2))) {
      for (Noise noise : List.of(everything(cell), everything(cell).variational())) {
        Network network =
            Network.create(spec(cell, noise), TestBackends.best(Precision.FLOAT), SEED);
        double[] expected = gradient(network, new Engine.Full(), 1, 3);
        assertArrayEquals(expected, gradient(network, new Engine.Full(), 1, 3));
        assertArrayEquals(expected, gradient(network, new Engine.Full(), 3, 3));
        long whole = Footprint.of(network.spec(), Precision.FLOAT, 300, 3, new Engine.Full());
        Engine budget = new Engine.Budgeted(whole / 2);
        assertArrayEquals(expected, gradient(network, budget, 2, 3), cell.name());
        assertFalse(Arrays.equals(expected, gradient(network, new Engine.Full(), 1, 4)));
      }
    }
  }

  @Test
  void eachKind_alone_changesTheGradient() {
    Noise none = Noise.NONE;
    List<Noise> kinds =
        List.of(
            none,
            new Noise(0.3, 0, 0, Mask.Rhythm.EACH_STEP, 0, 0, none.zoneout()),
            new Noise(0, 0.3, 0, Mask.Rhythm.EACH_STEP, 0, 0, none.zoneout()),
            new Noise(0, 0, 0.3, Mask.Rhythm.EACH_STEP, 0, 0, none.zoneout()),
            new Noise(0, 0.3, 0, Mask.Rhythm.ALL_STEPS, 0, 0, none.zoneout()),
            none.withState(0.3),
            none.withWeights(0.3),
            none.withZoneout("h", 0.3),
            none.withZoneout("c", 0.3));
    double[] losses =
        kinds.stream()
            .mapToDouble(noise -> {
              Network network = Network.create(spec(Cells.lstm(), noise), SCALAR, SEED);
              double[] all = gradient(network, new Engine.Full(), 1, 3);
              return all[all.length - 1];
            })
            .toArray();
    assertEquals(kinds.size(), Arrays.stream(losses).distinct().count(), Arrays.toString(losses));
  }

  @Test
  void network_whenItIsUsed_hasNoMasks() {
    Noise dropout = Noise.dropout(0.5).withState(0.4).withWeights(0.3);
    Network noisy = Network.create(spec(Cells.lstm(), dropout), SCALAR, SEED);
    Network plain = Network.create(spec(Cells.lstm(), Noise.NONE), SCALAR, SEED);
    Batch batch = batch(9, 2);
    assertEquals(
        UnrolledNetwork.of(plain, Team.of(1), 9, 2).loss(batch, Reduction.SUM),
        UnrolledNetwork.of(noisy, Team.of(1), 9, 2).loss(batch, Reduction.SUM));
  }

  @Test
  void zoneout_whenTheNetworkIsUsed_mixesOldAndNew() {
    Cell cell = Cells.elman(Activation.TANH);
    NetworkSpec spec = new NetworkSpec(cell, new Encoder.Embedding(V, H), H, 1, V);
    Network plain = Network.create(spec, SCALAR, SEED);
    Network zoned = Network.create(spec.with(Noise.NONE.withZoneout("h", 0.3)), SCALAR, SEED);
    double[] before = {0.5, -0.25, 0.125, 1};
    double[] fresh = stepFrom(plain, before);
    double[] mixed = stepFrom(zoned, before);
    for (int i = 0; i < H; i++) {
      assertEquals(0.7 * fresh[i] + 0.3 * before[i], mixed[i], 1e-15);
    }
  }

  private static double[] stepFrom(Network network, double... state) {
    UnrolledNetwork one = UnrolledNetwork.of(network, Team.of(1), 1, 1);
    State start = one.finalState();
    Matrix h = start.layers().getFirst().getFirst();
    for (int i = 0; i < H; i++) {
      h.set(0, i, state[i]);
    }
    one.start(start);
    one.forward(new int[] {2}, 0);
    Matrix after = one.finalState().layers().getFirst().getFirst();
    return new double[] {after.get(0, 0), after.get(0, 1), after.get(0, 2), after.get(0, 3)};
  }

  /// An Elman network by hand, with the masks that are drawn for it.
  @Test
  void stateDropout_ofAnElmanNetwork_masksWhatTheRecurrentMatrixReads() {
    Noise noise = Noise.NONE.withState(0.5);
    NetworkSpec spec =
        new NetworkSpec(
            Cells.elman(Activation.TANH),
            new Encoder.Embedding(V, H),
            H,
            1,
            new Head.Classes(V),
            Set.of(),
            noise);
    Network network = Network.create(spec, SCALAR, SEED);
    int steps = 5;
    Batch batch = batch(steps, 1);
    Bptt bptt = Bptt.of(network, Team.of(1), steps, 1, new Engine.Full());
    bptt.drawMasks(11);
    bptt.gradient(batch, Reduction.SUM, network.parameters().zeros());
    double[] got = new double[H];
    Matrix last = bptt.finalState().layers().getFirst().getFirst();
    Arrays.setAll(got, i -> last.get(0, i));

    Sequence masks = Sequence.allocate(SCALAR, steps, H);
    Masks.fill(
        masks,
        new PackedRows(new LiveRows(steps, 1)),
        Mask.dropout(0.5, Mask.Rhythm.ALL_STEPS),
        11,
        Masks.purpose(0, 1));
    Parameters p = network.parameters();
    double[] h = new double[H];
    for (int t = 0; t < steps; t++) {
      int token = ((Inputs.Tokens) batch.inputs()).tokens()[t];
      double[] next = new double[H];
      for (int i = 0; i < H; i++) {
        double net =
            Numbers.get(p.matrix("bias_ih_l0"), 0, i) + Numbers.get(p.matrix("bias_hh_l0"), 0, i);
        for (int j = 0; j < H; j++) {
          net +=
              Numbers.get(p.matrix("weight_ih_l0"), i, j)
                  * Numbers.get(p.matrix("embedding.weight"), token, j);
          net +=
              Numbers.get(p.matrix("weight_hh_l0"), i, j)
                  * Numbers.get(masks.rows(steps), t, j)
                  * h[j];
        }
        next[i] = Math.tanh(net);
      }
      h = next;
    }
    assertArrayEquals(h, got, 1e-14);
  }

  @Test
  void masks_ofAShare_keepThatShareAndTheMean() {
    int rows = 4000;
    Sequence sequence = Sequence.allocate(SCALAR, rows, 25);
    PackedRows packedRows = new PackedRows(new LiveRows(rows / 4, 4));
    for (double rate : new double[] {0.1, 0.5, 0.8}) {
      Masks.fill(
          sequence, packedRows, Mask.dropout(rate, Mask.Rhythm.EACH_STEP), 1, Masks.purpose(0, 0));
      double[] all = sequence.buffer().toArray();
      double kept = Arrays.stream(all).filter(value -> value != 0).count();
      double sigma = Math.sqrt(rate * (1 - rate) / all.length);
      assertEquals(1 - rate, kept / all.length, 4 * sigma);
      assertTrue(Arrays.stream(all).allMatch(value -> value == 0 || value == 1 / (1 - rate)));
      // Neighbours in a row, in time and in the batch are independent.
      for (int distance : new int[] {1, 25, 100}) {
        double both = 0;
        for (int i = 0; i + distance < all.length; i++) {
          both += all[i] != 0 && all[i + distance] != 0 ? 1 : 0;
        }
        double expected = (1 - rate) * (1 - rate);
        double spread = 4 * Math.sqrt(expected * (1 - expected) / all.length) * 1.5;
        assertEquals(expected, both / (all.length - distance), spread, rate + " " + distance);
      }
    }
  }

  @Test
  void masks_forAllSteps_areThoseOfTheFirst() {
    Sequence sequence = Sequence.allocate(SCALAR, 30, 7);
    PackedRows packedRows = new PackedRows(new LiveRows(10, 3));
    packedRows.set(PackedRows.present(10, 3, 10, 4, 7));
    Mask mask = Mask.dropout(0.5, Mask.Rhythm.ALL_STEPS);
    Masks.fill(sequence, packedRows, mask, 1, Masks.purpose(2, 0));
    Matrix all = sequence.rows(packedRows.rows());
    double[][] ofSequence = new double[3][];
    for (int row = 0; row < packedRows.rows(); row++) {
      double[] own = new double[7];
      for (int i = 0; i < own.length; i++) {
        own[i] = Numbers.get(all, row, i);
      }
      int b = packedRows.given(row) % 3;
      if (ofSequence[b] == null) {
        ofSequence[b] = own;
      }
      assertArrayEquals(ofSequence[b], own);
    }
    assertFalse(Arrays.equals(ofSequence[0], ofSequence[1]));
  }

  @Test
  void shares_outOfRange_areRefused() {
    for (double rate : new double[] {-0.1, 1, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> Noise.dropout(rate));
      assertThrows(IllegalArgumentException.class, () -> Noise.NONE.withZoneout("h", rate));
    }
    IllegalArgumentException error =
        assertThrows(
            IllegalArgumentException.class,
            () -> spec(Cells.gru(), Noise.NONE.withZoneout("c", 0.1)));
    assertEquals("zoneout: expected one of the states [h] of gru, got c", error.getMessage());
  }
}
