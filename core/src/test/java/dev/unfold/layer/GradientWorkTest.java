package dev.unfold.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.plan.Group;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// How weight gradients are split among threads.
final class GradientWorkTest {
  private static final int LANES = 16;

  private static List<Group> groups(int inputs, int hidden) {
    return List.of(
        new Group("ih", 0, inputs, 4 * hidden, 0, 1, List.of()),
        new Group("hh", 1, hidden, 4 * hidden, 1, 1, List.of()),
        new Group("other", 2, 3, 7, 2, 1, List.of()));
  }

  @ParameterizedTest
  @CsvSource({"512, 512", "1, 67", "300, 16", "5, 5"})
  void columns_ofAllParts_areEachDoneOnceInWholeBlocks(int inputs, int hidden) {
    List<Group> groups = groups(inputs, hidden);
    GradientWork work = new GradientWork(groups, LANES);
    for (int parts = 1; parts <= 9; parts++) {
      for (int g = 0; g < groups.size(); g++) {
        int width = groups.get(g).operandWidth();
        assertEquals(0, work.firstColumn(g, 0, parts));
        assertEquals(width, work.firstColumn(g, parts, parts));
        for (int part = 0; part < parts; part++) {
          int from = work.firstColumn(g, part, parts);
          assertTrue(from <= work.firstColumn(g, part + 1, parts), "rising");
          assertTrue(from % LANES == 0 || from == width, "at a whole block, got " + from);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"2", "3", "4"})
  void work_ofManyColumns_isTheSameForAllParts(int parts) {
    List<Group> groups = groups(512, 512);
    GradientWork work = new GradientWork(groups, LANES);
    long total = 2L * 512 * 2048 + 3 * 7;
    for (int part = 0; part < parts; part++) {
      long own = 0;
      for (int g = 0; g < groups.size(); g++) {
        int columns = work.firstColumn(g, part + 1, parts) - work.firstColumn(g, part, parts);
        own += (long) columns * groups.get(g).rows();
      }
      // Two cuts, each half a block off at most.
      assertEquals((double) total / parts, (double) own, LANES * 2048.0 + 21);
    }
  }
}
