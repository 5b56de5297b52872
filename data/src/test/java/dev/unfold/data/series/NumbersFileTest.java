package dev.unfold.data.series;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class NumbersFileTest {
  @Test
  void numbers_ofAFileWithFewPagesInTheHeap_areThoseThatWereSet() {
    long seed = 9;
    System.out.println("NumbersFileTest: seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    NumbersFile file = new NumbersFile(3);
    List<Numbers> columns = new ArrayList<>();
    List<double[]> expected = new ArrayList<>();
    for (int length : new int[] {1, PagedNumbers.PAGE, 5 * PagedNumbers.PAGE + 7, 3000}) {
      columns.add(file.allocate(length, length == 1 ? -1 : Double.NaN));
      double[] blank = new double[length];
      Arrays.fill(blank, length == 1 ? -1 : Double.NaN);
      expected.add(blank);
    }
    for (int i = 0; i < 50_000; i++) {
      int column = random.nextInt(columns.size());
      int step = random.nextInt(columns.get(column).length());
      assertEquals(expected.get(column)[step], columns.get(column).at(step));
      if (random.nextInt(3) == 0) {
        double number = random.nextDouble();
        columns.get(column).set(step, number);
        expected.get(column)[step] = number;
      }
    }
    for (int i = 0; i < columns.size(); i++) {
      assertArrayEquals(
          expected.get(i), columns.get(i).copy(0, columns.get(i).length()), "column " + i);
    }
  }

  @Test
  void numbers_readByManyThreads_areTheSame() {
    NumbersFile file = new NumbersFile(2);
    Numbers numbers = file.allocate(8 * PagedNumbers.PAGE, 0);
    for (int t = 0; t < numbers.length(); t++) {
      numbers.set(t, t);
    }
    long right =
        IntStream.range(0, 200_000)
            .parallel()
            .filter(i -> {
              int t = (int) (i * 7919L % numbers.length());
              return numbers.at(t) == t;
            })
            .count();
    assertEquals(200_000, right);
  }
}
