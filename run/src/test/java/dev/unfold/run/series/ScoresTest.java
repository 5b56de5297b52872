package dev.unfold.run.series;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// The parts of a score, by numbers that can be computed by hand.
final class ScoresTest {
  /// Distances of two targets whose covariance is that of four points, over and over.
  private static double[][] distances(int rounds, double odd) {
    double[][] points = {{1, 1}, {-1, -1}, {0.1, -0.1}, {-0.1, 0.1}};
    double[][] all = new double[2][4 * rounds + 1];
    for (int t = 0; t < 4 * rounds; t++) {
      all[0][t] = points[t % 4][0];
      all[1][t] = points[t % 4][1];
    }
    all[0][4 * rounds] = odd;
    all[1][4 * rounds] = -odd;
    return all;
  }

  /// `r_0` for S = ((a, b), (b, a)), whose inverse is ((a, -b), (-b, a)) / (a^2 - b^2), with a ridge.
  private static double left(double e0, double e1) {
    double a = 0.505 * 1.0001;
    double b = 0.495;
    double determinant = a * a - b * b;
    return (a * e0 - b * e1) / determinant / Math.sqrt(a / determinant);
  }

  @Test
  void relation_ofTwoTargets_isWhatTheOtherLeaves() {
    Relation relation = Relation.of(List.<double[][]>of(distances(500, 1000)));
    for (double[] e : new double[][] {{1, 1}, {1, -1}, {0.5, 0.4}, {0, 1}}) {
      double expected = Math.log1p(Math.abs(left(e[0], e[1])));
      assertEquals(expected, relation.score(0, e), 1e-9);
    }
    assertTrue(relation.score(0, 1, -1) > 2 * relation.score(0, 1, 1));
    assertEquals(Math.log1p(Math.abs(left(1, 0))), relation.score(0, 1, Double.NaN), 1e-9);
    assertTrue(Double.isNaN(relation.score(0, Double.NaN, 1)));
  }

  @Test
  void relation_ofOneTarget_saysNothing() {
    SplittableRandom random = new SplittableRandom(1);
    double[][] one = {random.doubles(50).toArray()};
    assertTrue(Double.isNaN(Relation.of(List.<double[][]>of(one)).score(0, 3)));
  }

  @Test
  void spread_followsHowOftenTheUsualIsExceeded() {
    assertEquals(0.01 * 0.95, Score.followed(0, 2.1, 2), 1e-12);
    assertEquals(-0.01 * 0.05, Score.followed(0, 1.9, 2), 1e-12);
    // Spread by e, the usual value is 2 e.
    assertEquals(1 - 0.01 * 0.05, Score.followed(1, 5, 2), 1e-12);
    assertEquals(1 + 0.01 * 0.95, Score.followed(1, 6, 2), 1e-12);
    assertEquals(2, Score.followed(2, 1e9, 2));
    assertEquals(-2, Score.followed(-2, 0, 2));
    double spread = 0;
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < 20_000; i++) {
      // One in twenty of these is above ln 20.
      spread = Score.followed(spread, -Math.log(random.nextDouble()), Math.log(20) / 2);
    }
    assertEquals(Math.log(2), spread, 0.1);
  }
}
