package dev.unfold.bench.problem;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// How well a peer's results agree with Unfold's.
///
/// An error is the largest distance of two elements as a share of the tensor's largest element. Of a layer in 32 bits
/// it may be
///
///     c eps sqrt(n)      eps = 2^-23, n = T max(B, H)
///
/// since an element of a weight gradient sums T*B products and a signal passes T products of H terms, each
/// in an order of the library's own, and rounding errors of sums in different orders grow as the root of
/// their length. c = 8: two results with an error each, where libraries also compute tanh and sigmoid with
/// some units in the last place of error of their own. A wrong gate or a missing term is off by a hundred
/// times more.
///
/// The first losses of whole training, and the norms of their gradients, may differ by 1e-4: Adam divides by the root
/// of a square, so that a gradient which is nothing but rounding errors moves its parameter as far as any other does.
/// They come much closer. Updates that are twice as large change the norms by more, if not the losses of so few.
///
/// @param tolerance what an error may be
/// @param worst the largest error of all tensors
/// @param failures what is wrong, a line each
/// @param missing tensors that the peer does not tell
public record Agreement(
    double tolerance, double worst, List<String> failures, List<String> missing) {
  private static final double C = 8;
  private static final double EPS = 0x1p-23;
  private static final double OF_LOSSES = 1e-4;

  /// What an error may be if all computes with 32 bits.
  public static double tolerance(Shape shape) {
    double n = (double) shape.steps() * Math.max(shape.batch(), shape.width());
    return shape.task() == Task.WHOLE_TRAINING ? OF_LOSSES : C * EPS * Math.sqrt(n);
  }

  /// Compares.
  public static Agreement of(double tolerance, Tensors reference, Tensors peer) {
    List<String> failures = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    double worst = 0;
    for (Map.Entry<String, float[]> expected : reference.byName().entrySet()) {
      float[] got = peer.byName().get(expected.getKey());
      if (got == null) {
        missing.add(expected.getKey());
      } else if (got.length != expected.getValue().length) {
        failures.add(
            "%s: expected %d numbers, got %d"
                .formatted(expected.getKey(), expected.getValue().length, got.length));
      } else {
        double error = error(expected.getValue(), got);
        worst = Math.max(worst, error);
        if (!(error <= tolerance)) {
          failures.add(
              "%s: expected an error of at most %.1e, got %.1e"
                  .formatted(expected.getKey(), tolerance, error));
        }
      }
    }
    for (String needed : List.of(Tensors.OUTPUT, Tensors.LOSSES)) {
      if (missing.contains(needed)) {
        failures.add(needed + ": expected some, got none");
      }
    }
    return new Agreement(tolerance, worst, failures, missing);
  }

  private static double error(float[] expected, float[] got) {
    double distance = 0;
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      // A NaN stays: Math.max hands it on.
      distance = Math.max(distance, Math.abs((double) expected[i] - got[i]));
      largest = Math.max(largest, Math.abs(expected[i]));
    }
    return distance == 0 ? 0 : distance / largest;
  }

  /// Whether the peer computes the same function.
  public boolean holds() {
    return failures.isEmpty();
  }
}
