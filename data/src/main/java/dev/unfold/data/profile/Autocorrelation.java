package dev.unfold.data.profile;

/// How alike a series is to itself some steps later.
///
/// Sums over all lags at once are a product of Fourier transforms; those of a mask count the pairs that are there.
final class Autocorrelation {
  private Autocorrelation() {}

  /// For each lag up to `lags` the correlation over all pairs of values that are there; NaN is missing. Null if nothing
  /// varies.
  static double[] of(double[] series, int lags) {
    int n = series.length;
    double sum = 0;
    int count = 0;
    for (double value : series) {
      if (!Double.isNaN(value)) {
        sum += value;
        count++;
      }
    }
    double mean = sum / count;
    int size = Integer.highestOneBit(2 * n - 1) << 1;
    // The series is the real part and its mask the imaginary one, so that one transform does for
    // both.
    double[] re = new double[size];
    double[] im = new double[size];
    double variance = 0;
    for (int i = 0; i < n; i++) {
      if (!Double.isNaN(series[i])) {
        re[i] = series[i] - mean;
        im[i] = 1;
        variance += re[i] * re[i];
      }
    }
    // Not even the rounding of the mean varies.
    if (count < 3 || !(variance > 1e-24 * count * mean * mean) || !(variance > 0)) {
      return null;
    }
    transform(re, im);
    double[] a = new double[size];
    double[] b = new double[size];
    for (int k = 0; k < size; k++) {
      int m = (size - k) & (size - 1);
      double xr = (re[k] + re[m]) / 2;
      double xi = (im[k] - im[m]) / 2;
      double mr = (im[k] + im[m]) / 2;
      double mi = (re[m] - re[k]) / 2;
      a[k] = xr * xr + xi * xi;
      b[k] = mr * mr + mi * mi;
    }
    // Both are even and real, so a transform forth is one back but for the size.
    transform(a, b);
    double[] correlation = new double[lags + 1];
    for (int k = 0; k <= lags; k++) {
      double pairs = Math.rint(b[k] / size);
      correlation[k] = pairs < 3 ? 0 : a[k] / size / pairs / (variance / count);
    }
    return correlation;
  }

  /// In place, for a size that is a power of two.
  private static void transform(double[] re, double[] im) {
    int n = re.length;
    for (int i = 1, j = 0; i < n; i++) {
      int bit = n >> 1;
      for (; (j & bit) != 0; bit >>= 1) {
        j ^= bit;
      }
      j ^= bit;
      if (i < j) {
        double r = re[i];
        re[i] = re[j];
        re[j] = r;
        double m = im[i];
        im[i] = im[j];
        im[j] = m;
      }
    }
    double[] cos = new double[n / 2];
    double[] sin = new double[n / 2];
    for (int i = 0; i < n / 2; i++) {
      cos[i] = Math.cos(-2 * Math.PI * i / n);
      sin[i] = Math.sin(-2 * Math.PI * i / n);
    }
    for (int half = 1; half < n; half <<= 1) {
      int stride = n / (2 * half);
      for (int block = 0; block < n; block += 2 * half) {
        for (int k = 0; k < half; k++) {
          int p = block + k;
          int q = p + half;
          double c = cos[k * stride];
          double s = sin[k * stride];
          double r = re[q] * c - im[q] * s;
          double m = re[q] * s + im[q] * c;
          re[q] = re[p] - r;
          im[q] = im[p] - m;
          re[p] += r;
          im[p] += m;
        }
      }
    }
  }
}
