package dev.unfold.run.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.argument.Refusal;
import dev.unfold.train.Evaluation;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class NGramTest {
  private static final int TOKENS = 4;

  private static int[] sequence(SplittableRandom random, int length) {
    return random.ints(length, 0, TOKENS).map(token -> token * random.nextInt(2)).toArray();
  }

  /// The definition, by lists of what followed each context.
  private static double expected(List<int[]> learned, int order, List<Integer> context, int token) {
    double p = 1.0 / TOKENS;
    for (int length = 0; length < order && length <= context.size(); length++) {
      List<Integer> last = context.subList(context.size() - length, context.size());
      Map<Integer, Integer> followers = new HashMap<>();
      for (int[] sequence : learned) {
        List<Integer> all = Arrays.stream(sequence).boxed().toList();
        for (int t = Math.max(1, length); t < sequence.length; t++) {
          if (all.subList(t - length, t).equals(last)) {
            followers.merge(sequence[t], 1, Integer::sum);
          }
        }
      }
      int times = followers.values().stream().mapToInt(Integer::intValue).sum();
      if (times == 0) {
        break;
      }
      int different = followers.size();
      p = (followers.getOrDefault(token, 0) + different * p) / (times + different);
    }
    return p;
  }

  @Test
  void probabilities_ofRandomSequences_areThoseOfTheDefinition() {
    long seed = 3;
    System.out.println("NGramTest: seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    for (int order = 1; order <= 5; order++) {
      List<int[]> learned = List.of(sequence(random, 30), sequence(random, 2), sequence(random, 9));
      NGram gram = new NGram(order, TOKENS);
      learned.forEach(gram::learn);
      int[] asked = sequence(random, 20);
      for (int t = 0; t < asked.length; t++) {
        List<Integer> context = Arrays.stream(asked, 0, t).boxed().toList();
        assertEquals(
            expected(learned, order, context, asked[t]), gram.probability(asked, t), 1e-15);
      }
    }
  }

  @Test
  void probabilities_ofAllTokens_sumToOne() {
    NGram gram = new NGram(3, TOKENS);
    gram.learn(0, 1, 2, 0, 1, 0, 1, 2);
    for (int[] context : new int[][] {{}, {0}, {0, 1}, {3, 3}, {2, 0}}) {
      double sum = 0;
      Set<Double> all = new HashSet<>();
      for (int token = 0; token < TOKENS; token++) {
        int[] sequence = Arrays.copyOf(context, context.length + 1);
        sequence[context.length] = token;
        double p = gram.probability(sequence, context.length);
        all.add(p);
        sum += p;
      }
      assertEquals(1, sum, 1e-15);
      assertEquals(true, all.size() > 1);
    }
  }

  @Test
  void evaluation_ofSequences_countsAllButTheFirstOfEach() {
    NGram gram = new NGram(2, TOKENS);
    Evaluation evaluation = gram.evaluate(List.of(new int[] {0, 1, 2}, new int[] {3, 3}));

    assertEquals(3, evaluation.count());
    assertEquals(Math.log(TOKENS), evaluation.mean(), 1e-15);
  }

  @Test
  void arguments_thatCannotBe_areRefused() {
    assertThrows(Refusal.class, () -> new NGram(0, 3));
    assertThrows(Refusal.class, () -> new NGram(3, 0));
    assertThrows(Refusal.class, () -> new NGram(3, 3).learn(0, 3));
  }
}
