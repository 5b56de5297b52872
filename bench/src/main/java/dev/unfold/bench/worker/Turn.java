package dev.unfold.bench.worker;

import dev.unfold.bench.peer.PeerStep;
import java.util.ArrayList;
import java.util.List;

/// The steps of one turn.
///
/// @param seconds of each step
/// @param layOutSeconds of each step, the part that laid out the weights
public record Turn(double[] seconds, double[] layOutSeconds) {
  private static final double NANOS = 1e9;

  /// Repeats `step` for `seconds`, at least once.
  static Turn of(PeerStep step, double seconds) {
    List<double[]> times = new ArrayList<>();
    long start = System.nanoTime();
    long end;
    do {
      long begin = System.nanoTime();
      step.layOut();
      long middle = System.nanoTime();
      step.run();
      end = System.nanoTime();
      times.add(new double[] {(end - begin) / NANOS, (middle - begin) / NANOS});
    } while (end - start < seconds * NANOS);
    return new Turn(column(times, 0), column(times, 1));
  }

  private static double[] column(List<double[]> times, int column) {
    return times.stream().mapToDouble(row -> row[column]).toArray();
  }
}
