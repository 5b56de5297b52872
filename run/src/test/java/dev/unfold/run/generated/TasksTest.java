package dev.unfold.run.generated;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.head.Targets;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class TasksTest {
  private static final int B = 50;

  @Test
  void adding_ofAnySequence_wantsTheSumOfTheMarked() {
    AddingProblem task = new AddingProblem(21, B, Precision.DOUBLE, 3);
    Batch batch = task.batch(5);
    Matrix inputs = ((Inputs.Vectors) batch.inputs()).values();
    assertEquals(B, batch.losses());
    double squares = 0;
    for (int b = 0; b < B; b++) {
      double sum = 0;
      int[] marks = new int[2];
      for (int t = 0; t < 21; t++) {
        double mark = inputs.get(t * B + b, 1);
        sum += mark * inputs.get(t * B + b, 0);
        marks[t < 10 ? 0 : 1] += (int) mark;
        assertEquals(t == 20, batch.targets().has(t * B + b));
      }
      assertArrayEquals(new int[] {1, 1}, marks);
      double target = ((Targets.Values) batch.targets()).values().get(20 * B + b, 0);
      assertEquals(sum, target);
      squares += (target - 1) * (target - 1);
    }
    // Of 50 squares with a mean of 1/6 and a variance of 7/180.
    assertEquals(task.baseline(), squares / B, 4 * Math.sqrt(7.0 / 180 / B));
  }

  @Test
  void copying_ofAnySequence_wantsItsSymbolsAfterTheSign() {
    CopyingMemory task = new CopyingMemory(7, B, 3);
    Batch batch = task.batch(5);
    int[] inputs = ((Inputs.Tokens) batch.inputs()).tokens();
    int[] targets = ((Targets.Classes) batch.targets()).classes();
    assertEquals(27, task.steps());
    assertEquals(27L * B, batch.losses());
    for (int b = 0; b < B; b++) {
      for (int t = 0; t < 27; t++) {
        int input = inputs[t * B + b];
        int target = targets[t * B + b];
        assertEquals(t < 10, input < 8, "symbols first");
        assertEquals(t == 16, input == 9, "a sign");
        assertEquals(t < 17 ? 8 : inputs[(t - 17) * B + b], target);
      }
    }
    assertEquals(10 * Math.log(8) / 27, task.baseline());
  }

  @Test
  void parity_ofAnySequence_wantsWhetherItsOnesAreOdd() {
    Parity task = new Parity(21, B, 3);
    Batch batch = task.batch(5);
    int[] inputs = ((Inputs.Tokens) batch.inputs()).tokens();
    int[] targets = ((Targets.Classes) batch.targets()).classes();
    assertEquals(21L * B, batch.losses());
    for (int b = 0; b < B; b++) {
      int ones = 0;
      for (int t = 0; t < 21; t++) {
        ones += inputs[t * B + b];
        assertEquals(ones % 2, targets[t * B + b]);
      }
    }
    assertEquals(2, Arrays.stream(inputs).distinct().count());
    assertEquals(20 * Math.log(2) / 21, task.baseline(), 1e-15);
  }

  @Test
  void score_ofOutputs_countsLastStepsAndAll() {
    Matrix outputs = Matrix.allocate(Precision.DOUBLE.type(), 6, 2);
    int[] said = {0, 1, 1, 1, 0, 1};
    for (int row = 0; row < 6; row++) {
      outputs.set(row, said[row], 1);
    }
    Parity.Score score = Parity.Score.of(outputs, new int[] {0, 1, 1, 0, 1, 1}, 2);
    assertEquals(new Parity.Score(0.5, 4.0 / 6), score);
  }

  @Test
  void batch_ofAnUpdate_followsFromSeedAndUpdate() {
    GeneratedTask task = new CopyingMemory(7, B, 3);
    assertArrayEquals(symbols(task, 4), symbols(new CopyingMemory(7, B, 3), 4));
    assertFalse(Arrays.equals(symbols(task, 4), symbols(task, 5)));
    assertFalse(Arrays.equals(symbols(task, 4), symbols(task.withSeed(4), 4)));
    assertTrue(Arrays.stream(symbols(task, 4)).distinct().count() == 10);
  }

  private static int[] symbols(GeneratedTask task, long update) {
    return ((Inputs.Tokens) task.batch(update).inputs()).tokens();
  }
}
