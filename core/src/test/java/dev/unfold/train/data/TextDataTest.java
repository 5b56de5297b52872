package dev.unfold.train.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.head.Targets;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class TextDataTest {
  private static int[] inputs(Batch batch) {
    int rows = batch.steps() * batch.batch();
    return Arrays.copyOf(((Inputs.Tokens) batch.inputs()).tokens(), rows);
  }

  private static int[] targets(Batch batch) {
    int rows = batch.steps() * batch.batch();
    return Arrays.copyOf(((Targets.Classes) batch.targets()).classes(), rows);
  }

  @Test
  void batches_ofTwoStreams_interleaveTheirTokensByTime() {
    TextData data = new TextData(IntStream.range(0, 11).toArray(), 3, 2);
    assertEquals(2, data.updatesPerEpoch());
    for (long epoch = 0; epoch < 2; epoch++) {
      Batch first = data.batch(2 * epoch);
      assertEquals(3, first.steps());
      assertArrayEquals(new int[] {0, 5, 1, 6, 2, 7}, inputs(first));
      assertArrayEquals(new int[] {1, 6, 2, 7, 3, 8}, targets(first));
      assertFalse(data.goesOn(2 * epoch));
      // The rest of the epoch is shorter.
      Batch second = data.batch(2 * epoch + 1);
      assertEquals(2, second.steps());
      assertArrayEquals(new int[] {3, 8, 4, 9}, inputs(second));
      assertArrayEquals(new int[] {4, 9, 5, 10}, targets(second));
      assertTrue(data.goesOn(2 * epoch + 1));
    }
  }

  @Test
  void batch_ofAShortText_hasFewerStreams() {
    assertEquals(3, new TextData(new int[28], 9, 4).batch());
    assertEquals(9, new TextData(new int[28], 9, 4).steps());
    assertEquals(1, new TextData(new int[10], 9, 4).batch());
    IllegalArgumentException error =
        assertThrows(IllegalArgumentException.class, () -> new TextData(new int[9], 9, 4));
    assertEquals(
        "text: expected at least T + 1 = 10 tokens to train on, got 9", error.getMessage());
  }
}
