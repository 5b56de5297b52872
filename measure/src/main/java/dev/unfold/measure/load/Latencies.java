package dev.unfold.measure.load;

/// How long things took, in classes each 1 % wider than the one before: as good for an hour as for a second.
///
/// **Threads**: one at a time.
public final class Latencies {
  private static final double WIDTH = Math.log(1.01);
  private static final int CLASSES = 2200;

  private final long[] counts = new long[CLASSES];
  private long count;
  private long largest;

  /// None yet.
  public Latencies() {}

  /// Adds one of so many nanoseconds.
  public void add(long nanos) {
    int index = (int) (Math.log((double) Math.max(1, nanos)) / WIDTH);
    counts[Math.min(CLASSES - 1, index)]++;
    count++;
    largest = Math.max(largest, nanos);
  }

  /// Adds all of others.
  public void add(Latencies others) {
    for (int i = 0; i < CLASSES; i++) {
      counts[i] += others.counts[i];
    }
    count += others.count;
    largest = Math.max(largest, others.largest);
  }

  /// How many there are.
  public long count() {
    return count;
  }

  /// The longest, in milliseconds.
  public double largest() {
    return largest / 1e6;
  }

  /// What a share of all did not take longer than, in milliseconds, to 1 %.
  public double quantile(double share) {
    long sum = 0;
    for (int i = 0; i < CLASSES; i++) {
      sum += counts[i];
      if (sum > 0 && sum >= share * count) {
        return Math.min((double) largest, Math.exp((i + 1) * WIDTH)) / 1e6;
      }
    }
    return 0;
  }
}
