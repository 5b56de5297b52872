package dev.unfold.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.kernels.storage.Matrix;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/// What the softmax cross-entropy of every backend must do.
public abstract class SoftmaxContract {
  private static final int[] CLASSES = {1, 2, 3, 7, 8, 9, 15, 16, 17, 31, 33, 127, 257, 10_000};

  private final double[] ones = scales(6, 1);
  private final Kernels kernels;
  private final Cases cases;

  /// The contract of `kernels`.
  protected SoftmaxContract(Kernels kernels) {
    this.kernels = kernels;
    cases = new Cases(kernels.precision());
  }

  @Test
  void softmaxCrossEntropy_rightClasses_isTheFormula() {
    for (int classes : CLASSES) {
      for (double scale : new double[] {1, 20}) {
        Matrix logits = cases.matrix(5, classes);
        cases.fill(logits, scale);
        int[] targets = cases.indices(2, 5, classes);
        double[] z = new double[5 * classes];
        for (int r = 0; r < 5; r++) {
          z[r * classes + targets[2 + r]] = 1;
        }
        Matrix gradient = cases.matrix(5, classes);
        double[] losses = new double[7];
        kernels.softmaxCrossEntropy(logits, targets, 2, scales(7, 0.125), gradient, losses);
        check(Cases.values(logits), z, gradient, losses);
      }
    }
  }

  @Test
  void softmaxCrossEntropy_distributions_isTheFormula() {
    for (int classes : CLASSES) {
      Matrix logits = cases.matrix(5, classes);
      Matrix targets = cases.matrix(5, classes);
      for (int r = 0; r < 5; r++) {
        for (int k = 0; k < classes; k++) {
          targets.set(r, k, Math.abs(targets.get(r, k)) / classes);
        }
      }
      Matrix gradient = cases.matrix(5, classes);
      double[] losses = new double[7];
      kernels.softmaxCrossEntropy(logits, targets, 2, scales(7, 0.125), gradient, losses);
      check(Cases.values(logits), Cases.values(targets), gradient, losses);
    }
  }

  private static double[] scales(int count, double scale) {
    double[] scales = new double[count];
    Arrays.fill(scales, scale);
    return scales;
  }

  @Test
  void softmaxCrossEntropy_rowsWithScaleZero_areZeroWhateverTheLogits() {
    Matrix logits = cases.matrix(3, 37);
    logits.set(1, 20, Double.NaN);
    for (boolean soft : new boolean[] {false, true}) {
      Matrix gradient = cases.matrix(3, 37);
      double[] got = {7, 7, 7, 7};
      double[] scales = {1, 2, 0, 2};
      if (soft) {
        Matrix targets = cases.matrix(3, 37);
        kernels.softmaxCrossEntropy(logits, targets, 1, scales, gradient, got);
      } else {
        kernels.softmaxCrossEntropy(logits, new int[] {0, 3, 4, 5}, 1, scales, gradient, got);
      }
      assertEquals(7, got[0]);
      assertEquals(0, got[2]);
      assertArrayEquals(new double[37], Cases.values(gradient.rows(1, 1)));
      assertTrue(Double.isFinite(got[1]) && got[1] != 0 && got[1] != 7);
      assertTrue(gradient.get(2, 20) != 0);
    }
  }

  /// Compares with the definition, computed in double from the same numbers.
  private void check(double[] logits, double[] z, Matrix gradient, double[] losses) {
    int classes = gradient.cols();
    for (int r = 0; r < gradient.rows(); r++) {
      double largest = Double.NEGATIVE_INFINITY;
      for (int k = 0; k < classes; k++) {
        largest = Math.max(largest, logits[r * classes + k]);
      }
      double sum = 0;
      for (int k = 0; k < classes; k++) {
        sum += Math.exp(logits[r * classes + k] - largest);
      }
      double loss = 0;
      double mass = 0;
      for (int k = 0; k < classes; k++) {
        loss += z[r * classes + k] * (largest + Math.log(sum) - logits[r * classes + k]);
        mass += z[r * classes + k];
      }
      // Of the loss, only the exponentials and the differences of the logits are kept in the
      // backend's
      // precision, each rounded once or twice.
      double range = 1 + Math.abs(largest) + Math.abs(loss);
      Cases.assertClose("loss", loss, losses[2 + r], 8 * cases.epsilon() * range);
      for (int k = 0; k < classes; k++) {
        double output = Math.exp(logits[r * classes + k] - largest) / sum;
        double expected = 0.125 * (output * mass - z[r * classes + k]);
        // The difference of the logits is rounded, which changes its exponential by as much
        // relatively.
        double distance = 4 + Math.abs(logits[r * classes + k] - largest);
        double tolerance =
            0.125 * cases.epsilon() * (2 * distance * output * mass + 2 * z[r * classes + k])
                + cases.smallest();
        String what = "gradient (" + r + ", " + k + ") of " + classes;
        Cases.assertClose(what, expected, gradient.get(r, k), tolerance);
      }
    }
    Cases.assertNeighboursUntouched("gradient", gradient);
    assertArrayEquals(new double[2], new double[] {losses[0], losses[1]});
  }

  @Test
  void softmaxCrossEntropy_inPlace_sameBits() {
    int[] targets = cases.indices(0, 4, 37);
    Matrix logits = cases.matrix(4, 37);
    Matrix gradient = cases.matrix(4, 37);
    double[] losses = new double[4];
    double[] inPlace = new double[4];
    kernels.softmaxCrossEntropy(logits, targets, 0, ones, gradient, losses);
    kernels.softmaxCrossEntropy(logits, targets, 0, ones, logits, inPlace);
    assertArrayEquals(Cases.values(gradient), Cases.values(logits));
    assertArrayEquals(losses, inPlace);
    Matrix distribution = cases.matrix(4, 37);
    kernels.softmaxCrossEntropy(gradient, distribution, 0, ones, logits, losses);
    kernels.softmaxCrossEntropy(gradient, distribution, 0, ones, gradient, inPlace);
    assertArrayEquals(Cases.values(logits), Cases.values(gradient));
    assertArrayEquals(losses, inPlace);
  }

  @Test
  void softmaxCrossEntropy_largeLogits_staysFinite() {
    Matrix logits = cases.matrix(1, 20);
    cases.fill(logits, 0);
    logits.set(0, 7, 1e4);
    Matrix gradient = cases.matrix(1, 20);
    double[] losses = new double[1];
    kernels.softmaxCrossEntropy(logits, new int[] {7}, 0, ones, gradient, losses);
    assertEquals(0, losses[0]);
    assertEquals(0, gradient.get(0, 7));
    kernels.softmaxCrossEntropy(logits, new int[] {3}, 0, ones, gradient, losses);
    assertEquals(1e4, losses[0]);
    assertEquals(-1, gradient.get(0, 3));
    assertEquals(1, gradient.get(0, 7));
  }

  /// What is left for the other classes, from exp(-5) to exp(-80), is the loss and the slope, whether the right class
  /// is given or a distribution.
  @Test
  void softmaxCrossEntropy_nearlySureClass_keepsWhatIsLeftForTheOthers() {
    for (int lead = 5; lead <= 80; lead += 5) {
      for (boolean soft : new boolean[] {false, true}) {
        Matrix logits = cases.matrix(1, 21);
        cases.fill(logits, 0);
        logits.set(0, 7, lead);
        Matrix gradient = cases.matrix(1, 21);
        Matrix targets = cases.matrix(1, 21);
        cases.fill(targets, 0);
        targets.set(0, 7, 1);
        double[] losses = new double[1];
        if (soft) {
          kernels.softmaxCrossEntropy(logits, targets, 0, ones, gradient, losses);
        } else {
          kernels.softmaxCrossEntropy(logits, new int[] {7}, 0, ones, gradient, losses);
        }
        double rest = 20 * Math.exp(-lead);
        // An exponential of single precision is right to two units, and so is all that is made of
        // it. A distribution's
        // other slopes are o - z in the precision of the backend, whose z is 0.
        double tolerance = 12 * cases.epsilon();
        double range = soft && rest > 1e-7 ? 2 * cases.epsilon() : 0;
        // A sum of 20 terms and 1, in double.
        double lost = rest > 1e-7 ? 3e-15 : 0;
        Cases.assertClose("loss", Math.log1p(rest), losses[0], tolerance * rest + lost);
        double slope = -rest / (1 + rest);
        Cases.assertClose("sure", slope, gradient.get(0, 7), tolerance * rest + lost + range);
        Cases.assertClose("other", -slope / 20, gradient.get(0, 3), tolerance * rest);
      }
    }
  }

  @Test
  void softmaxCrossEntropy_hugeLogits_keepsTheLogarithmOfTheirSum() {
    for (double size : new double[] {1e4, 1e30, -1e30}) {
      Matrix logits = cases.matrix(1, 20);
      cases.fill(logits, 0);
      for (int k = 0; k < 20; k++) {
        logits.set(0, k, size);
      }
      Matrix gradient = cases.matrix(1, 20);
      double[] losses = new double[1];
      kernels.softmaxCrossEntropy(logits, new int[] {3}, 0, ones, gradient, losses);
      assertEquals(Math.log(20), losses[0], 1e-14);
      assertEquals(-0.95, gradient.get(0, 3), 2 * cases.epsilon());
      assertEquals(0.05, gradient.get(0, 7), 2 * cases.epsilon());
    }
  }

  @Test
  void softmaxCrossEntropy_equalLogits_isUniform() {
    Matrix logits = cases.matrix(1, 10_000);
    cases.fill(logits, 0);
    Matrix gradient = cases.matrix(1, 10_000);
    double[] losses = new double[1];
    kernels.softmaxCrossEntropy(logits, new int[] {9_999}, 0, ones, gradient, losses);
    assertEquals(Math.log(10_000), losses[0], 1e-12);
    assertEquals(1e-4, gradient.get(0, 0), 2e-4 * cases.epsilon());
    assertEquals(1e-4 - 1, gradient.get(0, 9_999), 2 * cases.epsilon());
  }

  @Test
  void softmaxCrossEntropy_nan_showsInLossAndGradient() {
    for (int place : new int[] {0, 17, 36}) {
      Matrix logits = cases.matrix(2, 37);
      logits.set(1, place, Double.NaN);
      Matrix gradient = cases.matrix(2, 37);
      double[] losses = new double[2];
      kernels.softmaxCrossEntropy(logits, new int[] {5, 5}, 0, ones, gradient, losses);
      assertTrue(Double.isFinite(losses[0]));
      assertTrue(Double.isNaN(losses[1]));
      assertTrue(Double.isNaN(gradient.get(1, 20)));
    }
  }

  @Test
  void softmaxCrossEntropy_anyRowsAtATime_sameBits() {
    Matrix logits = cases.matrix(6, 45);
    int[] targets = cases.indices(0, 6, 45);
    Matrix whole = cases.matrix(6, 45);
    double[] losses = new double[6];
    kernels.softmaxCrossEntropy(logits, targets, 0, ones, whole, losses);
    double[] parts = new double[6];
    for (int r = 0; r < 6; r++) {
      Matrix part = cases.matrix(1, 45);
      kernels.softmaxCrossEntropy(logits.rows(r, 1), targets, r, ones, part, parts);
      assertArrayEquals(Cases.values(whole.rows(r, 1)), Cases.values(part), "row " + r);
    }
    assertArrayEquals(losses, parts);
  }
}
