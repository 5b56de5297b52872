package dev.unfold.head;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.proof.AllPaths;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Paths of tags against all of them, one by one.
final class LinearChainTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261202L);

  private final Random random = new Random(SEED);

  LinearChainTest() {
    System.out.println("LinearChainTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  private Matrix drawn(int rows, int cols, double size) {
    Matrix matrix = Matrix.onHeap(ElementType.FLOAT64, rows, cols);
    for (int i = 0; i < rows * cols; i++) {
      matrix.set(i / cols, i % cols, random.nextDouble(-size, size));
    }
    return matrix;
  }

  private TagRules rules(int tags) {
    boolean[][] transitions = new boolean[tags][tags];
    for (boolean[] row : transitions) {
      for (int k = 0; k < tags; k++) {
        row[k] = random.nextInt(3) > 0;
      }
    }
    boolean[] starts = new boolean[tags];
    boolean[] ends = new boolean[tags];
    for (int k = 0; k < tags; k++) {
      starts[k] = random.nextInt(3) > 0;
      ends[k] = random.nextInt(3) > 0;
    }
    return new TagRules(starts, transitions, ends);
  }

  private static double score(
      int[] path, Matrix emissions, int b, int batch, Matrix start, Matrix between, Matrix end) {
    double score = start.get(0, path[0]) + end.get(0, path[path.length - 1]);
    for (int t = 0; t < path.length; t++) {
      score += emissions.get(t * batch + b, path[t]);
      score += t == 0 ? 0 : between.get(path[t - 1], path[t]);
    }
    return score;
  }

  private static boolean allows(TagRules rules, int... path) {
    boolean allows = rules.starts()[path[0]] && rules.ends()[path[path.length - 1]];
    for (int t = 1; t < path.length; t++) {
      allows &= rules.transitions()[path[t - 1]][path[t]];
    }
    return allows;
  }

  /// Up to 4 tags and 6 steps: without rules, and with some, which may leave no path.
  @Test
  void paths_ofSmallChains_areThoseOfAllTogether() {
    int refused = 0;
    int constrained = 0;
    for (int problem = 0; problem < 300; problem++) {
      int tags = 1 + random.nextInt(4);
      int steps = 1 + random.nextInt(6);
      int batch = 1 + random.nextInt(3);
      double size = List.of(2.0, 40.0, 2000.0).get(problem % 3);
      Matrix emissions = drawn(steps * batch, tags, size);
      Matrix start = drawn(1, tags, size);
      Matrix between = drawn(tags, tags, size);
      Matrix end = drawn(1, tags, size);
      int[] lengths = random.ints(batch, 1, steps + 1).toArray();
      LinearChain chain = LinearChain.of(start, between, end);
      boolean isFree = problem % 2 == 0;
      TagRules rules = rules(tags);
      chain = isFree ? chain : chain.with(rules);
      List<List<int[]>> allowed = new ArrayList<>();
      for (int b = 0; b < batch; b++) {
        allowed.add(
            AllPaths.of(tags, lengths[b]).stream()
                .filter(p -> isFree || allows(rules, p))
                .toList());
      }
      if (allowed.stream().anyMatch(List::isEmpty)) {
        refused++;
        LinearChain own = chain;
        assertThrows(IllegalArgumentException.class, () -> own.best(emissions, lengths));
        assertThrows(IllegalArgumentException.class, () -> own.marginals(emissions, lengths));
        continue;
      }
      constrained += isFree ? 0 : 1;
      List<LinearChain.Path> best = chain.best(emissions, lengths);
      Matrix marginals = chain.marginals(emissions, lengths);
      for (int b = 0; b < batch; b++) {
        int sequence = b;
        double[] scores =
            allowed.get(b).stream()
                .mapToDouble(p -> score(p, emissions, sequence, batch, start, between, end))
                .toArray();
        double most = Arrays.stream(scores).max().orElseThrow();
        assertEquals(most, best.get(b).score(), 1e-12 * size * steps, "problem " + problem);
        int place = Arrays.stream(scores).boxed().toList().indexOf(most);
        assertArrayEquals(allowed.get(b).get(place), best.get(b).tags());
        double sum = Arrays.stream(scores).map(s -> Math.exp(s - most)).sum();
        for (int t = 0; t < steps; t++) {
          for (int k = 0; k < tags; k++) {
            double own = 0;
            for (int p = 0; p < scores.length && t < lengths[b]; p++) {
              own += allowed.get(b).get(p)[t] == k ? Math.exp(scores[p] - most) / sum : 0;
            }
            assertEquals(own, marginals.get(t * batch + b, k), 1e-12, "problem " + problem);
          }
        }
      }
    }
    assertTrue(refused > 10 && constrained > 50, refused + " and " + constrained);
  }

  @Test
  void posterior_ofSmallChains_isThatOfAllPaths() {
    for (int problem = 0; problem < 100; problem++) {
      int tags = 1 + random.nextInt(4);
      int steps = 1 + random.nextInt(6);
      Matrix emissions = drawn(steps, tags, 3);
      Matrix start = drawn(1, tags, 3);
      // Transitions out of the ordinary are computed in another way.
      Matrix between = drawn(tags, tags, problem % 2 == 0 ? 3 : 400);
      Matrix end = drawn(1, tags, 3);
      int[] rows = new int[steps];
      Arrays.setAll(rows, t -> t);
      Posterior posterior = LinearChain.of(start, between, end).posterior(emissions, rows);
      List<int[]> all = AllPaths.of(tags, steps);
      double[] scores =
          all.stream().mapToDouble(p -> score(p, emissions, 0, 1, start, between, end)).toArray();
      double most = Arrays.stream(scores).max().orElseThrow();
      double total = most + Math.log(Arrays.stream(scores).map(s -> Math.exp(s - most)).sum());
      double[] pairs = new double[tags * tags];
      for (int p = 0; p < scores.length; p++) {
        double allowed = problem % 2 == 0 ? 1e-12 : 1e-10;
        assertEquals(total - scores[p], posterior.loss(all.get(p)), allowed, "problem " + problem);
        for (int t = 1; t < steps; t++) {
          pairs[all.get(p)[t - 1] * tags + all.get(p)[t]] += 2 * Math.exp(scores[p] - total);
        }
      }
      double[] own = new double[tags * tags];
      posterior.addPairs(own, 2);
      assertArrayEquals(pairs, own, 1e-12);
    }
  }

  /// Of large scores, and after many steps, probabilities have their digits.
  @Test
  void posterior_ofLargeScoresAndManySteps_keepsItsDigits() {
    int steps = 100_000;
    Matrix emissions = drawn(steps, 3, 1);
    Matrix shifted = Matrix.onHeap(ElementType.FLOAT64, steps, 3);
    for (int t = 0; t < steps; t++) {
      for (int k = 0; k < 3; k++) {
        emissions.set(t, k, Math.rint(64 * emissions.get(t, k)) / 64);
        shifted.set(t, k, emissions.get(t, k) + (t % 2 == 0 ? 1e9 : -1e9));
      }
    }
    LinearChain chain = LinearChain.of(drawn(1, 3, 1), drawn(3, 3, 1), drawn(1, 3, 1));
    int[] rows = new int[steps];
    Arrays.setAll(rows, t -> t);
    Posterior plain = chain.posterior(emissions, rows);
    Posterior large = chain.posterior(shifted, rows);
    int[] tags = random.ints(steps, 0, 3).toArray();
    assertEquals(plain.loss(tags), large.loss(tags));
    double[] pairs = new double[9];
    plain.addPairs(pairs, 1);
    assertEquals(steps - 1, Arrays.stream(pairs).sum(), 1e-6);
    for (int t = 0; t < steps; t++) {
      double sum = plain.marginal(t, 0) + plain.marginal(t, 1) + plain.marginal(t, 2);
      assertEquals(1, sum, 1e-14);
      assertEquals(plain.marginal(t, 1), large.marginal(t, 1));
    }
    // Nearly sure: what is left is far below the digits of the scores.
    Matrix sure = Matrix.onHeap(ElementType.FLOAT64, 2, 2);
    sure.set(0, 0, 500);
    sure.set(1, 1, 500);
    LinearChain free =
        LinearChain.of(new TagRules(all(2), new boolean[][] {all(2), all(2)}, all(2)));
    assertEquals(0, free.posterior(sure, 0, 1).loss(0, 1), 1e-200);
    assertEquals(500, free.posterior(sure, 0, 1).loss(1, 1), 1e-12);
  }

  private static boolean[] all(int tags) {
    boolean[] all = new boolean[tags];
    Arrays.fill(all, true);
    return all;
  }

  @Test
  void rules_ofChunks_allowWhatTheSchemeDoes() {
    List<String> names = List.of("O", "B-PER", "I-PER", "B-LOC", "I-LOC");
    TagRules rules = TagRules.bio(names);
    assertArrayEquals(new boolean[] {true, true, false, true, false}, rules.starts());
    assertArrayEquals(all(5), rules.ends());
    for (int from = 0; from < 5; from++) {
      for (int to = 0; to < 5; to++) {
        boolean isWrong =
            names.get(to).startsWith("I-") && !names.get(from).endsWith(names.get(to).substring(1));
        assertEquals(!isWrong, rules.transitions()[from][to], names.get(from) + names.get(to));
      }
    }
    Matrix logits = Matrix.onHeap(ElementType.FLOAT32, 3, 5);
    logits.set(0, 2, 3);
    logits.set(0, 1, 2);
    logits.set(1, 2, 1);
    logits.set(2, 4, 4);
    logits.set(2, 3, 3);
    LinearChain.Path path = LinearChain.of(rules).best(logits, 3).getFirst();
    assertArrayEquals(new int[] {1, 2, 3}, path.tags());
    assertEquals(6, path.score());
    assertRefused(
        "names: expected O, B-KIND or I-KIND, got X-PER", () -> TagRules.bio(List.of("X-PER")));
  }

  @Test
  void sequence_ofNoSteps_hasAnEmptyPath() {
    LinearChain chain = LinearChain.of(drawn(1, 2, 1), drawn(2, 2, 1), drawn(1, 2, 1));
    Matrix emissions = drawn(4, 2, 1);
    LinearChain.Path none = chain.best(emissions, 0, 2).getFirst();
    assertEquals(0, none.tags().length);
    assertEquals(0, none.score());
    assertEquals(0, chain.marginals(emissions, 0, 2).get(0, 0));
  }

  @Test
  void paths_ofEqualScore_haveTheLowerTag() {
    Matrix emissions = Matrix.onHeap(ElementType.FLOAT64, 3, 3);
    LinearChain free = LinearChain.of(drawn(1, 3, 0.1), drawn(3, 3, 0.1), drawn(1, 3, 0.1));
    TagRules rules = new TagRules(all(3), new boolean[][] {all(3), all(3), all(3)}, all(3));
    assertEquals(3, free.tags());
    assertArrayEquals(new int[3], LinearChain.of(rules).best(emissions, 3).getFirst().tags());
  }

  @Test
  void arguments_thatDoNotFit_areRefused() {
    Matrix row = drawn(1, 2, 1);
    Matrix square = drawn(2, 2, 1);
    LinearChain chain = LinearChain.of(row, square, row);
    assertRefused("transitions: expected [2, 2], got [1, 2]", () -> LinearChain.of(row, row, row));
    assertRefused("end: expected [1, 2], got [2, 2]", () -> LinearChain.of(row, square, square));
    assertRefused("emissions: expected K=2 columns, got 3", () -> chain.best(drawn(2, 3, 1), 2));
    assertRefused(
        "emissions: expected a multiple of B=2 rows, got 3",
        () -> chain.best(drawn(3, 2, 1), 1, 1));
    assertRefused("lengths: expected 0 to T=2, got 3", () -> chain.best(square, 3));
    boolean[] one = {true};
    TagRules other = new TagRules(one, new boolean[][] {one}, one);
    assertRefused("rules: expected K=2 tags, got 1", () -> chain.with(other));
    assertRefused(
        "ends: expected K=1 as there are starts, got 2",
        () -> new TagRules(one, new boolean[][] {one}, all(2)));
    TagRules none = new TagRules(new boolean[2], new boolean[][] {all(2), all(2)}, all(2));
    assertRefused(
        "rules: expected a path that they allow for each sequence, got none for sequence 0",
        () -> LinearChain.of(none).best(square, 2));
  }

  private static void assertRefused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }
}
