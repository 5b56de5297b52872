package dev.unfold.run.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Edit distances against the definition.
final class LabelErrorsTest {
  private static final long SEED = 20261129L;

  private static int byDefinition(int[] right, int... found) {
    if (right.length == 0 || found.length == 0) {
      return right.length + found.length;
    }
    int[] lessRight = Arrays.copyOf(right, right.length - 1);
    int[] lessFound = Arrays.copyOf(found, found.length - 1);
    int last = right[right.length - 1] == found[found.length - 1] ? 0 : 1;
    int one = 1 + Math.min(byDefinition(lessRight, found), byDefinition(right, lessFound));
    return Math.min(one, last + byDefinition(lessRight, lessFound));
  }

  @Test
  void distance_ofAnyLabels_isTheLeastNumberOfEdits() {
    Random random = new Random(SEED);
    for (int i = 0; i < 200; i++) {
      int[] right = random.ints(random.nextInt(7), 0, 3).toArray();
      int[] found = random.ints(random.nextInt(7), 0, 3).toArray();
      assertEquals(byDefinition(right, found), LabelErrors.distance(right, found), "seed " + SEED);
      assertEquals(0, LabelErrors.distance(right, right));
    }
  }

  @Test
  void rate_ofSeveralSequences_isThatOfAllLabels() {
    LabelErrors errors = new LabelErrors();
    assertTrue(errors.rate().isEmpty() && errors.exact().isEmpty());
    errors.add(new int[] {1, 2, 3}, 1, 3);
    errors.add(new int[] {4}, 4);
    errors.add(new int[0], 1, 1);
    assertEquals(3 / 4.0, errors.rate().orElseThrow());
    assertEquals(1 / 3.0, errors.exact().orElseThrow());
    assertEquals(3, errors.sequences());
  }
}
