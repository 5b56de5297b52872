package dev.unfold.run.learn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.run.learn.PairedWindow.Verdict;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class PairedWindowTest {
  @Test
  void window_hasTheLastSteps() {
    PairedWindow window = new PairedWindow(10);
    window.add(100, 0, 4);
    for (int i = 0; i < 3; i++) {
      assertFalse(i > 1 && !window.isFull());
      window.add(8, 4, 4);
    }

    assertTrue(window.isFull());
    assertEquals(12, window.steps());
    assertEquals(2, window.verdict().first());
    assertEquals(1, window.verdict().second());
    assertEquals(1, window.verdict().difference());
  }

  @Test
  void error_isThatOfARatioOfBlocks() {
    PairedWindow window = new PairedWindow(1000);
    double[] differences = {1, 2, 3, 4, 5, 6, 7, 8};
    double squares = 0;
    for (double difference : differences) {
      window.add(10 + difference, 10, 2);
      squares += (difference - 4.5) * (difference - 4.5);
    }

    // Means of 2 steps: half the differences; 8 of them, one standard error sqrt(var / 8) with 7
    // degrees of freedom.
    assertEquals(Math.sqrt(squares / 7 / 8) / 2, window.verdict().error(), 1e-15);
  }

  @Test
  void error_ofFewSegments_isInfinite() {
    PairedWindow window = new PairedWindow(100);
    for (int i = 0; i < 7; i++) {
      window.add(5, 1, 10);
    }
    assertEquals(Double.POSITIVE_INFINITY, window.verdict().error());
    assertFalse(window.verdict().isBetter(0, 0));
    window.add(5, 1, 10);
    assertTrue(window.verdict().isBetter(0.01, 3));
  }

  @Test
  void copies_thatDifferByChance_areRarelyJudged() {
    int judged = 0;
    for (int seed = 0; seed < 200; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      PairedWindow window = new PairedWindow(2000);
      for (int i = 0; i < 100; i++) {
        window.add(20 + random.nextGaussian(), 20 + random.nextGaussian(), 20);
      }
      judged += window.verdict().isBetter(0, 3) ? 1 : 0;
    }
    // One side of 3 standard errors with 25 blocks: 0.3 %.
    int times = judged;
    assertTrue(times <= 4, () -> times + " of 200");
  }

  @Test
  void differences_thatComeInRuns_countAsFew() {
    PairedWindow window = new PairedWindow(100_000);
    // Runs of 10 alike: as single ones they would seem clear.
    SplittableRandom random = new SplittableRandom(3);
    double run = 0;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < 320; i++) {
      run = i % 10 == 0 ? random.nextGaussian() : run;
      window.add(20 + run, 20, 1);
      sum += run;
      squares += run * run;
    }
    double single = Math.sqrt((squares / 320 - sum / 320 * sum / 320) / 320);
    assertTrue(window.verdict().error() > 2 * single);
  }

  @Test
  void verdict_wantsAShareAndMoreThanNoise() {
    Verdict clear = new Verdict(2, 1.9, 0.01, 100);
    assertTrue(clear.isBetter(0.04, 3));
    assertFalse(clear.isBetter(0.06, 3));
    assertFalse(clear.isBetter(0.04, 11));
    assertFalse(clear.isWorse(0, 0));
    Verdict belowZero = new Verdict(-2, -2.2, 0.01, 100);
    assertTrue(belowZero.isBetter(0.09, 3));
    assertFalse(belowZero.isBetter(0.11, 3));
    assertTrue(new Verdict(2, 3, 0.1, 100).isWorse(0.4, 3));
  }
}
