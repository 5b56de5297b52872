package dev.unfold.train.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.head.Head;
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
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.train.DataValidator;
import dev.unfold.train.Evaluation;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

final class SequenceDataTest {
  private static final Kernels KERNELS = TestBackends.scalar(Precision.DOUBLE);
  private static final int[] LENGTHS = {3, 70, 1, 5, 2};

  /// Sequence s has the vectors `(s, t)`.
  private static List<Matrix> sequences() {
    List<Matrix> all = new ArrayList<>();
    for (int s = 0; s < LENGTHS.length; s++) {
      Matrix sequence = Matrix.allocate(ElementType.FLOAT64, LENGTHS[s], 2);
      for (int t = 0; t < LENGTHS[s]; t++) {
        sequence.set(t, 0, s);
        sequence.set(t, 1, t / 10.0);
      }
      all.add(sequence);
    }
    return all;
  }

  private static SequenceData data(int batch, OptionalLong seed) {
    return SequenceData.ofNext(sequences(), batch, seed);
  }

  /// Which sequences a batch has, in their order; each is checked.
  private static List<Integer> sequencesOf(Batch batch) {
    Matrix inputs = ((Inputs.Vectors) batch.inputs()).values();
    Matrix targets = ((Targets.Values) batch.targets()).values();
    boolean[] present = batch.present().orElseThrow();
    List<Integer> all = new ArrayList<>();
    for (int b = 0; b < batch.batch(); b++) {
      int length = 0;
      while (length < batch.steps() && present[length * batch.batch() + b]) {
        int row = length * batch.batch() + b;
        assertEquals(length / 10.0, inputs.get(row, 1));
        assertEquals(inputs.get(row, 0), targets.get(row, 0));
        assertEquals((length + 1) / 10.0, targets.get(row, 1));
        length++;
      }
      if (length > 0) {
        int s = (int) inputs.get(b, 0);
        assertEquals(LENGTHS[s] - 1, length);
        all.add(s);
      }
    }
    return all;
  }

  @Test
  void epochs_ofAnySeed_haveEachSequenceOnceInAnOrderOfTheirOwn() {
    SequenceData data = data(3, OptionalLong.of(5));
    assertEquals(69, data.steps());
    assertEquals(2, data.updatesPerEpoch());
    Set<String> orders = new TreeSet<>();
    for (int epoch = 0; epoch < 20; epoch++) {
      List<Integer> all = new ArrayList<>(sequencesOf(data.batch(2L * epoch)));
      assertEquals(3, all.size());
      all.addAll(sequencesOf(data.batch(2L * epoch + 1)));
      assertEquals(Set.of(0, 1, 3, 4), Set.copyOf(all));
      orders.add(all.toString());
      assertFalse(data.goesOn(epoch));
    }
    assertTrue(orders.size() > 5, orders::toString);
    List<Integer> again = sequencesOf(data(3, OptionalLong.of(5)).batch(38));
    assertEquals(sequencesOf(data.batch(38)), again);
    assertNotEquals(
        orders.toString(), sequencesOf(data(4, OptionalLong.empty()).batch(0)).toString());
  }

  @Test
  void epochs_withoutASeed_haveTheGivenOrder() {
    SequenceData data = data(9, OptionalLong.empty());
    assertEquals(4, data.batch());
    assertEquals(List.of(0, 1, 3, 4), sequencesOf(data.batch(7)));
  }

  /// Longer ones are computed in parts, with the state carried on.
  @Test
  void validation_ofSequencesOfAnyLength_countsEachStepOnce() {
    Network network =
        Network.create(
            new NetworkSpec(
                Cells.gru(),
                new Encoder.Vectors(2),
                5,
                2,
                new Head.Values(2, new ValueLoss.SquaredError())),
            KERNELS,
            3);
    Team team = Team.of(1);
    double sum = 0;
    for (Matrix sequence : sequences()) {
      if (sequence.rows() > 1) {
        SequenceData one = SequenceData.ofNext(List.of(sequence), 1, OptionalLong.empty());
        sum += new DataValidator(one, 1).evaluate(network, team).sum();
      }
    }
    SequenceData all = data(3, OptionalLong.empty());
    Evaluation evaluation = DataValidator.of(all).evaluate(network, team);
    assertEquals(2 + 69 + 4 + 1, evaluation.count());
    // The order in which 76 losses are added.
    assertEquals(sum, evaluation.sum(), 76 * 0x1p-53 * sum);
  }

  @Test
  void sequences_thatCannotBeLearned_areRefused() {
    List<Matrix> single = List.of(Matrix.allocate(ElementType.FLOAT64, 1, 2));
    assertRefused(single, "sequences: expected one of two steps or more, got none");
    List<Matrix> mixed =
        List.of(
            Matrix.allocate(ElementType.FLOAT64, 2, 2), Matrix.allocate(ElementType.FLOAT64, 2, 3));
    assertRefused(mixed, "sequences: expected I=2 in all, got 3");
  }

  private static void assertRefused(List<Matrix> sequences, String message) {
    assertEquals(
        message,
        assertThrows(
                IllegalArgumentException.class,
                () -> SequenceData.ofNext(sequences, 1, OptionalLong.empty()))
            .getMessage());
  }
}
