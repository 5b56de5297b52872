package dev.unfold.run.learn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.argument.Refusal;
import dev.unfold.head.Head;
import dev.unfold.head.SeveralHeads;
import dev.unfold.head.SeveralTargets;
import dev.unfold.head.Targets;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class LabelledRowsTest {
  private static final LabelKind CLASSES =
      new LabelKind(new Head.Classes(4), Streams.kernels(), false);
  private static final LabelKind NUMBERS =
      new LabelKind(new Head.Values(2, new ValueLoss.SquaredError()), Streams.kernels(), false);

  private static Inputs tokens(int... tokens) {
    return new Inputs.Tokens(tokens, 0);
  }

  private static Targets classes(int... classes) {
    return new Targets.Classes(classes, 0);
  }

  private static Matrix matrix(double... row) {
    Matrix matrix = Matrix.onHeap(ElementType.FLOAT64, 1, row.length);
    for (int c = 0; c < row.length; c++) {
      matrix.set(0, c, row[c]);
    }
    return matrix;
  }

  private static int[] tokens(Batch batch) {
    return ((Inputs.Tokens) batch.inputs()).tokens();
  }

  private static int[] classes(Batch batch) {
    return ((Targets.Classes) batch.targets()).classes();
  }

  @Test
  void rows_areCutInTheirOrderHoweverTargetsCome() {
    LabelledRows rows = new LabelledRows(CLASSES, 3, 10, 5);
    rows.read(tokens(7, 8, 9, 10));
    assertEquals(9, rows.next());
    assertEquals(1, rows.label(7, classes(3)));
    assertEquals(1, rows.label(5, classes(1)));
    assertEquals(Optional.empty(), rows.take());
    assertEquals(1, rows.label(6, classes(2)));

    Batch segment = rows.take().orElseThrow();
    assertEquals(3, segment.steps());
    assertArrayEquals(new int[] {7, 8, 9}, tokens(segment));
    assertArrayEquals(new int[] {1, 2, 3}, classes(segment));
    assertEquals(1, rows.size());
    assertEquals(9, rows.next());
    assertEquals(Optional.empty(), rows.take());
  }

  @Test
  void rows_thatWaitTooLong_areStepsWithoutATarget() {
    LabelledRows rows = new LabelledRows(CLASSES, 2, 3, 0);
    rows.read(tokens(1, 2, 3, 4, 5));
    Batch segment = rows.take().orElseThrow();

    assertArrayEquals(new int[] {1, 2}, tokens(segment));
    assertFalse(segment.targets().has(0));
    assertFalse(segment.targets().has(1));
    Refusal late = assertThrows(Refusal.class, () -> rows.label(1, classes(1)));
    assertEquals(
        "step: expected rows of 2 to 4, which wait for their targets, got 1", late.getMessage());
    assertEquals(3, rows.label(2, classes(1, 2, 3)));
  }

  @Test
  void targets_ofWhichOneIsWrong_areRefusedAsAWhole() {
    LabelledRows rows = new LabelledRows(CLASSES, 4, 10, 0);
    rows.read(tokens(1, 2, 3));
    assertThrows(IllegalArgumentException.class, () -> rows.label(0, classes(1, 4)));
    assertThrows(Refusal.class, () -> rows.label(1, classes(1, 1, 1)));
    assertThrows(Refusal.class, () -> rows.label(-1, classes(1)));
    assertThrows(Refusal.class, () -> rows.label(Long.MAX_VALUE, classes(1)));
    assertThrows(Refusal.class, () -> rows.label(0, new Targets.Distributions(matrix(1, 0, 0, 0))));
    assertEquals(3, rows.label(0, classes(1, 2, 3)));
    assertThrows(Refusal.class, () -> rows.label(0, classes(1)));
  }

  @Test
  void targets_areCopied() {
    LabelledRows rows = new LabelledRows(NUMBERS, 2, 10, 0);
    Matrix read = matrix(1, 2, 3);
    Matrix right = matrix(4, Double.NaN);
    for (int i = 0; i < 2; i++) {
      rows.read(new Inputs.Vectors(read));
      rows.label(i, new Targets.Values(right));
      read.set(0, 0, 9);
      right.set(0, 0, 9);
    }
    Batch segment = rows.take().orElseThrow();

    assertArrayEquals(
        new double[] {1, 2, 3, 9, 2, 3},
        Streams.numbers(((Inputs.Vectors) segment.inputs()).values()));
    assertArrayEquals(
        new double[] {4, Double.NaN, 9, Double.NaN},
        Streams.numbers(((Targets.Values) segment.targets()).values()));
    assertThrows(
        IllegalArgumentException.class,
        () -> new LabelledRows(NUMBERS, 2, 10, 0).label(0, new Targets.Values(right)));
  }

  @Test
  void rows_ofATableAndSeveralHeads_keepTheirKinds() {
    Head head =
        SeveralHeads.of(
            new SeveralHeads.Part("kind", new Head.Classes(3)),
            new SeveralHeads.Part("level", new Head.Values(1, new ValueLoss.SquaredError())));
    LabelledRows rows = new LabelledRows(new LabelKind(head, Streams.kernels(), false), 3, 2, 0);
    Inputs.Columns row = new Inputs.Columns(Optional.of(matrix(0.5, 1)), new int[][] {{9, 2}}, 1);
    rows.read(row);
    rows.read(row);
    rows.label(1, SeveralTargets.of(classes(2), new Targets.Values(matrix(0.25))));
    rows.read(row);
    rows.label(2, SeveralTargets.of(classes(Targets.NO_TARGET), new Targets.Values(matrix(7))));
    Batch segment = rows.take().orElseThrow();

    Inputs.Columns columns = (Inputs.Columns) segment.inputs();
    assertArrayEquals(new int[] {2, 2, 2}, columns.categories()[0]);
    assertArrayEquals(
        new double[] {0.5, 1, 0.5, 1, 0.5, 1}, Streams.numbers(columns.numbers().orElseThrow()));
    SeveralTargets targets = (SeveralTargets) segment.targets();
    assertFalse(targets.has(0));
    assertTrue(targets.parts().get(0).has(1));
    assertFalse(targets.parts().get(0).has(2));
    assertTrue(targets.parts().get(1).has(2));
  }

  @Test
  void rest_isWhatIsKnownAndNothingElseIsKept() {
    LabelledRows rows = new LabelledRows(CLASSES, 5, 10, 0);
    rows.read(tokens(1, 2, 3, 4));
    rows.label(0, classes(1, 2));
    rows.label(3, classes(3));
    Batch rest = rows.takeRest().orElseThrow();

    assertArrayEquals(new int[] {1, 2}, classes(rest));
    assertEquals(0, rows.size());
    assertEquals(4, rows.next());
    assertEquals(Optional.empty(), rows.takeRest());
  }

  @Test
  void rows_ofALongText_areCutInATimeThatGrowsAsItDoes() {
    LabelledRows rows =
        new LabelledRows(new LabelKind(new Head.Classes(4), Streams.kernels(), true), 2, 10, 0);
    int[] text = new int[400_001];
    for (int t = 0; t < text.length; t++) {
      text[t] = (t * 7 + t / 3) % 4;
    }
    assertTimeoutPreemptively(
        Duration.ofSeconds(10),
        () -> {
          assertEquals(400_000, rows.read(tokens(text)));
          for (int t = 0; t < 400_000; t += 2) {
            Batch segment = rows.take().orElseThrow();
            assertArrayEquals(new int[] {text[t], text[t + 1]}, tokens(segment));
            assertArrayEquals(new int[] {text[t + 1], text[t + 2]}, classes(segment));
          }
        });
    assertEquals(1, rows.size());
    assertEquals(400_001, rows.next());
  }
}
