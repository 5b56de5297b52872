package dev.unfold.head;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// What outputs say of a number, against closed forms, sums and numbers computed elsewhere in 40 digits.
final class DistributionTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261129L);
  private static final double[] PROBABILITIES = {
    1e-12, 1e-6, 0.001, 0.025, 0.1, 0.25, 0.4, 0.5, 0.51, 0.75, 0.9, 0.975, 0.999, 1 - 1e-6
  };

  private static Distribution of(ValueLoss loss, double... own) {
    return loss.distribution(own).orElseThrow();
  }

  static Stream<Distribution> distributions() {
    return Stream.of(
        of(new ValueLoss.Gaussian(), 1.5, -0.7),
        of(new ValueLoss.StudentT(0.4), -0.3, 0.2),
        of(new ValueLoss.StudentT(7), -2, 1.2),
        of(new ValueLoss.StudentT(1e9), 0, 0),
        of(new LearnedStudentT(), 0.5, -1, 0.3),
        of(new Quantiles(List.of(0.1, 0.5, 0.9)), 0.4, 1, -0.6),
        of(new Quantiles(List.of(0.2, 0.3, 0.5, 0.95)), 0.4, 1, -0.6, 3));
  }

  static Stream<Distribution> counts() {
    return Stream.of(
        of(new ValueLoss.NegativeBinomial(0.3), 0.5),
        of(new ValueLoss.NegativeBinomial(20), 3.2),
        of(new LearnedNegativeBinomial(), -4, 1),
        of(new LearnedNegativeBinomial(), 6, -2),
        of(new LearnedNegativeBinomial(), 2, 13),
        of(new LearnedNegativeBinomial(), 2, 17),
        of(new LearnedNegativeBinomial(), 5, 300),
        of(new LearnedNegativeBinomial(), 2, 5000));
  }

  @ParameterizedTest
  @CsvSource({
    "1e-300, -37.047096299361199",
    "1e-20, -9.2623400897984076",
    "0.001, -3.0902323061678135",
    "0.025, -1.9599639845400542",
    "0.1, -1.2815515655446004",
    "0.4, -0.25334710313579974",
    "0.5, 0",
    "0.75, 0.67448975019608174",
    "0.99, 2.3263478740408408"
  })
  void quantile_ofANormalDistribution_isThatOfManyDigits(double p, double expected) {
    Distribution standard = of(new ValueLoss.Gaussian(), 0, 0);
    assertEquals(expected, standard.quantile(p), 4e-15 * Math.abs(expected) + 1e-16);
    Distribution other = of(new ValueLoss.Gaussian(), 3, Math.log(4));
    assertEquals(3 + 2 * expected, other.quantile(p), 1e-14 * (3 + 2 * Math.abs(expected)));
  }

  @ParameterizedTest
  @CsvSource({
    "0.5, 0.01, -1028.4910104716219",
    "2.5, 0.025, -3.5746548420036831",
    "5, 0.1, -1.475884048824481",
    "10, 0.975, 2.2281388519862742",
    "30, 0.999, 3.3851848668293048",
    "100, 1e-8, -6.1015734720297958",
    "1e4, 0.3, -0.52441722834546679",
    "1e6, 0.001, -3.0902404563165196",
    "3, 1e-12, -10331.108244292486"
  })
  void quantile_ofStudentsT_isThatOfManyDigits(double degrees, double p, double expected) {
    double got = of(new ValueLoss.StudentT(degrees), 0, 0).quantile(p);
    assertEquals(expected, got, 1e-11 * Math.abs(expected));
  }

  /// One degree is Cauchy's distribution; of two the distribution function is `1/2 + t / (2 sqrt(2 + t^2))`.
  @Test
  void quantile_ofOneDegreeAndOfTwo_isTheirFormula() {
    for (double p : PROBABILITIES) {
      double cauchy = -1 / Math.tan(Math.PI * p);
      double one = of(new ValueLoss.StudentT(1), 2, Math.log(3)).quantile(p);
      assertEquals(2 + 3 * cauchy, one, 1e-9 * (2 + 3 * Math.abs(cauchy)), "p " + p);
      double two = (2 * p - 1) * Math.sqrt(1 / (2 * p * (1 - p)));
      assertEquals(two, of(new ValueLoss.StudentT(2), 0, 0).quantile(p), 1e-9 * Math.abs(two));
    }
  }

  @ParameterizedTest
  @MethodSource("distributions")
  void cdf_ofAQuantile_isItsProbability(Distribution distribution) {
    double before = Double.NEGATIVE_INFINITY;
    for (double p : PROBABILITIES) {
      double z = distribution.quantile(p);
      assertTrue(z > before, distribution + " rises at " + p);
      assertEquals(p, distribution.cdf(z), 1e-12 * p + 1e-15, distribution + " at " + p);
      before = z;
    }
  }

  /// The integral of the density between two quantiles is the difference of their probabilities, and that of z times
  /// it, with the two tails, is the mean.
  @ParameterizedTest
  @MethodSource("distributions")
  void density_betweenQuantiles_isTheSlopeOfTheProbability(Distribution distribution) {
    for (double p : new double[] {0.02, 0.12, 0.33, 0.6, 0.91, 0.97}) {
      double z = distribution.quantile(p);
      double step = 1e-5 * Math.abs(distribution.quantile(0.75) - distribution.quantile(0.25));
      double slope = (distribution.cdf(z + step) - distribution.cdf(z - step)) / (2 * step);
      assertEquals(
          slope, Math.exp(distribution.logDensity(z)), 1e-7 * slope, distribution + " " + p);
    }
  }

  @ParameterizedTest
  @MethodSource("distributions")
  void mean_ofManyQuantiles_isTheirAverage(Distribution distribution) {
    if (Double.isNaN(distribution.mean())) {
      return;
    }
    int count = 20_000;
    double sum = 0;
    for (int i = 0; i < count; i++) {
      sum += distribution.quantile((i + 0.5) / count) / count;
    }
    assertEquals(distribution.mean(), sum, 1e-3, distribution.toString());
  }

  /// The quantile is the first count up to which the sum of the probabilities is p.
  @ParameterizedTest
  @MethodSource("counts")
  void counts_ofANegativeBinomial_addUp(Distribution distribution) {
    double sum = 0;
    double mean = 0;
    int next = 0;
    for (int k = 0; k < 200_000 && sum < 1 - 1e-11; k++) {
      double probability = Math.exp(distribution.logDensity(k));
      sum += probability;
      mean += k * probability;
      if (k < 100 || k % 997 == 0) {
        assertEquals(sum, distribution.cdf(k), 1e-11, distribution + " up to " + k);
        assertEquals(distribution.cdf(k), distribution.cdf(k + 0.5));
      }
      while (next < PROBABILITIES.length && sum > PROBABILITIES[next] * (1 + 1e-12)) {
        double p = PROBABILITIES[next];
        assertEquals(k, distribution.quantile(p), distribution + " at " + p);
        next++;
      }
    }
    assertEquals(PROBABILITIES.length, next);
    assertEquals(distribution.mean(), mean, 1e-6 * mean);
    assertEquals(0, distribution.cdf(-1));
    assertEquals(Double.NEGATIVE_INFINITY, distribution.logDensity(0.5));
  }

  /// Their probabilities are the likelihood that the loss is of.
  @Test
  void logDensity_ofEachLikelihood_isTheLossTurnedRound() {
    ValueLoss loss = new LearnedStudentT();
    double[] own = {0.3, -0.2, 1.7};
    double expected = NumberLoss.of(loss).compute(own, 2.5, new double[3]);
    assertEquals(-expected, of(loss, own).logDensity(2.5), 1e-14);
  }

  @Test
  void quantiles_ofTheirLevels_areWhatTheOutputsSay() {
    Quantiles loss = new Quantiles(List.of(0.1, 0.5, 0.9));
    Distribution distribution = of(loss, 0, 2, Math.log(Math.E - 1));
    double lower = 2 - Math.log(2);
    assertEquals(lower, distribution.quantile(0.1), 1e-15);
    assertEquals(2, distribution.quantile(0.5));
    assertEquals(3, distribution.quantile(0.9), 1e-15);
    assertEquals(2.5, distribution.quantile(0.7), 1e-15);
    // Beyond the highest: the slope 1 / 0.4 goes on at first, and the tail is exponential.
    assertEquals(3 + 0.25 * Math.log(10), distribution.quantile(0.99), 1e-14);
    assertEquals(1, loss.valueOutput());
    assertEquals(
        0.4 * (lower + 2) / 2 + 0.4 * 2.5 + 0.1 * (lower - 0.25 * Math.log(2)) + 0.1 * 3.25,
        distribution.mean(),
        1e-14);
  }

  /// A gap of nothing is a number that has a probability of its own.
  @Test
  void quantiles_thatAreEqual_areOneNumber() {
    Distribution distribution = of(new Quantiles(List.of(0.1, 0.4, 0.5, 0.9)), 1, -800, 2, 1);
    assertEquals(2, distribution.quantile(0.4));
    assertEquals(2, distribution.quantile(0.45));
    assertEquals(0.5, distribution.cdf(2), 1e-15);
    assertTrue(distribution.cdf(Math.nextDown(2)) <= 0.4);
  }

  @ParameterizedTest
  @MethodSource("distributions")
  void samples_ofADistribution_fallBetweenItsQuantiles(Distribution distribution) {
    Random random = new Random(SEED);
    int count = 5_000;
    int below = 0;
    double z = distribution.quantile(0.3);
    for (int i = 0; i < count; i++) {
      below += distribution.sample(random) <= z ? 1 : 0;
    }
    // 5 standard deviations of a share of 0.3.
    assertEquals(0.3, (double) below / count, 5 * Math.sqrt(0.21 / count), "seed " + SEED);
    assertEquals(distribution.sample(new Random(SEED)), distribution.sample(new Random(SEED)));
  }

  @Test
  void losses_ofASingleValue_haveNoDistribution() {
    for (ValueLoss loss :
        List.of(
            new ValueLoss.SquaredError(),
            new ValueLoss.Huber(1),
            new ValueLoss.Quantile(0.9),
            new ValueLoss.SigmoidCrossEntropy(),
            new Quantiles(List.of(0.5)))) {
      assertTrue(loss.distribution(1).isEmpty(), loss.text());
    }
    assertThrows(IllegalArgumentException.class, () -> new ValueLoss.Gaussian().distribution(1));
    for (double p : new double[] {0, 1, -0.1, Double.NaN}) {
      distributions()
          .forEach(each -> assertThrows(IllegalArgumentException.class, () -> each.quantile(p)));
    }
  }

  /// Outputs lie side by side: first one for each number, then the next.
  @Test
  void distribution_ofOneNumberOfAStep_isOfItsOwnOutputs() {
    Head.Values head = new Head.Values(2, new Quantiles(List.of(0.1, 0.5, 0.9)));
    Matrix outputs = Matrix.allocate(ElementType.FLOAT64, 2, 6);
    for (int k = 0; k < 6; k++) {
      outputs.set(1, k, k);
    }
    Distribution second = head.distribution(outputs, 1, 1).orElseThrow();
    assertEquals(3, second.quantile(0.5));
    assertEquals(3 - Logistic.softplus(1), second.quantile(0.1), 1e-15);
    assertEquals(3 + Logistic.softplus(5), second.quantile(0.9), 1e-15);
    double[] prediction = head.prediction(outputs, 1);
    assertEquals(List.of(2.0, 3.0), List.of(prediction[0], prediction[1]));
    assertEquals(2, prediction.length);
  }

  /// A learned shape is a fixed one at the same number.
  @Test
  void learnedShapes_ofAnyOutput_areTheFixedOnes() {
    Random random = new Random(SEED);
    for (int i = 0; i < 500; i++) {
      double m = random.nextDouble(-3, 3);
      double s = random.nextDouble(-3, 3);
      double a = random.nextDouble(-6, 12);
      double z = random.nextInt(30);
      double degrees = LearnedStudentT.degrees(a);
      same(new LearnedStudentT(), new ValueLoss.StudentT(degrees), z, m, s, a);
      same(new LearnedNegativeBinomial(), new ValueLoss.NegativeBinomial(Math.exp(a)), z, m, a);
    }
  }

  private static void same(ValueLoss learned, ValueLoss fixed, double z, double... own) {
    double[] slopes = new double[own.length];
    double[] expected = new double[own.length];
    double loss = NumberLoss.of(learned).compute(own, z, slopes);
    String place = learned.text() + " seed " + SEED;
    assertEquals(NumberLoss.of(fixed).compute(own, z, expected), loss, 1e-9, place);
    for (int part = 0; part < own.length - 1; part++) {
      assertEquals(expected[part], slopes[part], 1e-9 * Math.max(1, Math.abs(slopes[part])), place);
    }
    double step = 1e-4;
    double[] moved = own.clone();
    moved[own.length - 1] += step;
    double above = NumberLoss.of(learned).compute(moved, z, expected);
    moved[own.length - 1] -= 2 * step;
    double below = NumberLoss.of(learned).compute(moved, z, expected);
    double slope = (above - below) / (2 * step);
    assertEquals(slope, slopes[own.length - 1], 1e-5 * Math.max(1, Math.abs(slope)), place);
  }

  @Test
  void survival_isWhatTheDistributionFunctionLacksWithAllItsDigits() {
    List<ValueLoss> losses =
        List.of(
            new ValueLoss.Gaussian(),
            new LearnedStudentT(),
            new LearnedNegativeBinomial(),
            new Quantiles(List.of(0.1, 0.5, 0.9)));
    for (ValueLoss loss : losses) {
      double[] outputs = Arrays.copyOf(new double[] {0.3, 0.2, 0.4}, loss.outputsPerNumber());
      Distribution own = loss.distribution(outputs).orElseThrow();
      for (double z = -3; z <= 4; z += 0.25) {
        assertEquals(1 - own.cdf(z), own.survival(z), 4 * Math.ulp(1.0), loss + " at " + z);
      }
    }
    for (ValueLoss loss : losses.subList(0, 2)) {
      Distribution own = loss.distribution(new double[loss.outputsPerNumber()]).orElseThrow();
      assertEquals(own.cdf(-30), own.survival(30), own.cdf(-30) * 4 * Math.ulp(1.0));
    }
  }
}
