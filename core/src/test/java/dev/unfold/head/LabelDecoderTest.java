package dev.unfold.head;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Labels found, against all paths one by one.
final class LabelDecoderTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261129L);
  private static final int B = 2;

  private final Random random = new Random(SEED);

  LabelDecoderTest() {
    System.out.println("LabelDecoderTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  private Matrix outputs(int steps, int classes, double spread) {
    Matrix outputs = Matrix.allocate(ElementType.FLOAT64, steps * B, classes);
    for (int i = 0; i < steps * B * classes; i++) {
      outputs.set(i / classes, i % classes, random.nextDouble(-spread, spread));
    }
    return outputs;
  }

  /// What a path says.
  private static List<Integer> labels(int blank, int... path) {
    List<Integer> labels = new ArrayList<>();
    int before = blank;
    for (int k : path) {
      if (k != blank && k != before) {
        labels.add(k);
      }
      before = k;
    }
    return labels;
  }

  private static double probability(Matrix outputs, int b, int... path) {
    double probability = 1;
    for (int t = 0; t < path.length; t++) {
      double sum = 0;
      for (int k = 0; k < outputs.cols(); k++) {
        sum += Math.exp(outputs.get(t * B + b, k));
      }
      probability *= Math.exp(outputs.get(t * B + b, path[t])) / sum;
    }
    return probability;
  }

  private static List<int[]> paths(int steps, int classes) {
    List<int[]> paths = new ArrayList<>();
    for (int i = 0; i < Math.pow(classes, steps); i++) {
      int[] path = new int[steps];
      int rest = i;
      for (int t = 0; t < steps; t++) {
        path[t] = rest % classes;
        rest /= classes;
      }
      paths.add(path);
    }
    return paths;
  }

  private static List<Integer> list(Labelling labelling) {
    return Arrays.stream(labelling.labels()).boxed().toList();
  }

  @ParameterizedTest
  @CsvSource({"1, 2, 0", "4, 3, 1", "6, 3, 0", "5, 4, 3", "7, 2, 1"})
  void labels_ofAnyOutputs_areThoseOfAllPaths(int steps, int classes, int blank) {
    LabelDecoder decoder = LabelDecoder.of(new Head.Labels(classes, blank));
    for (int turn = 0; turn < 5; turn++) {
      Matrix outputs = outputs(steps, classes, 1 + turn);
      int[] lengths = {steps, steps - 1};
      List<Labelling> greedy = decoder.greedy(outputs, lengths);
      List<List<Labelling>> exact = decoder.search(100_000, outputs, lengths);
      List<List<Labelling>> some = decoder.search(3, outputs, lengths);
      for (int b = 0; b < B; b++) {
        Map<List<Integer>, Double> all = new HashMap<>();
        int[] best = null;
        for (int[] path : paths(lengths[b], classes)) {
          double own = probability(outputs, b, path);
          all.merge(labels(blank, path), own, Double::sum);
          best = best == null || own > probability(outputs, b, best) ? path : best;
        }
        assertEquals(labels(blank, best), list(greedy.get(b)));
        assertEquals(
            Math.log(probability(outputs, b, best)), greedy.get(b).logProbability(), 1e-12);
        List<Double> sorted = all.values().stream().sorted((x, y) -> Double.compare(y, x)).toList();
        assertEquals(all.size(), exact.get(b).size(), "seed " + SEED);
        for (int i = 0; i < sorted.size(); i++) {
          Labelling own = exact.get(b).get(i);
          assertEquals(sorted.get(i), Math.exp(own.logProbability()), 1e-12);
          assertEquals(all.get(list(own)), Math.exp(own.logProbability()), 1e-12);
        }
        assertTrue(some.get(b).size() <= 3);
        for (Labelling own : some.get(b)) {
          assertTrue(Math.exp(own.logProbability()) <= all.get(list(own)) + 1e-12);
        }
      }
    }
  }

  /// The best path says nothing, but most paths together say a label.
  @Test
  void search_findsWhatTheBestPathDoesNotSay() {
    Matrix outputs = Matrix.allocate(ElementType.FLOAT64, 2, 2);
    for (int t = 0; t < 2; t++) {
      outputs.set(t, 0, Math.log(0.6));
      outputs.set(t, 1, Math.log(0.4));
    }
    LabelDecoder decoder = LabelDecoder.of(new Head.Labels(2, 0));
    assertEquals(0, decoder.greedy(outputs, 2).getFirst().labels().length);
    List<Labelling> found = decoder.search(2, outputs, 2).getFirst();
    assertArrayEquals(new int[] {1}, found.getFirst().labels());
    assertEquals(Math.log(0.64), found.getFirst().logProbability(), 1e-15);
    assertEquals(Math.log(0.36), found.getLast().logProbability(), 1e-15);
  }

  /// A sequence of no steps says nothing, for sure; one of many large outputs has its digits.
  @Test
  void labels_ofExtremeSequences_areFound() {
    LabelDecoder decoder = LabelDecoder.of(new Head.Labels(3, 0));
    Matrix outputs = Matrix.allocate(ElementType.FLOAT32, 4000, 3);
    for (int t = 0; t < 2000; t++) {
      outputs.set(2 * t, t % 40 == 0 ? 1 + t / 40 % 2 : 0, 1e30);
    }
    List<List<Labelling>> found = decoder.search(4, outputs, 2000, 0);
    assertEquals(50, found.getFirst().getFirst().labels().length);
    assertEquals(0, found.getFirst().getFirst().logProbability());
    assertArrayEquals(
        decoder.greedy(outputs, 2000, 0).getFirst().labels(), found.getFirst().getFirst().labels());
    assertEquals(0, found.getLast().getFirst().labels().length);
    assertEquals(0, found.getLast().getFirst().logProbability());
  }

  @Test
  void outputs_ofAnotherShape_areRefused() {
    LabelDecoder decoder = LabelDecoder.of(new Head.Labels(3, 0));
    Matrix outputs = outputs(2, 3, 1);
    assertRefused("lengths: expected 0 to T=2, got 3", () -> decoder.greedy(outputs, 2, 3));
    assertRefused("outputs: expected T*B rows, B=3, got 4", () -> decoder.greedy(outputs, 1, 1, 1));
    assertRefused("beams: expected W of 1 or more, got 0", () -> decoder.search(0, outputs, 2, 2));
    Matrix wide = outputs(2, 4, 1);
    assertRefused("outputs: expected K=3 columns, got 4", () -> decoder.greedy(wide, 2, 2));
  }

  private static void assertRefused(String message, Runnable action) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, action::run).getMessage());
  }
}
