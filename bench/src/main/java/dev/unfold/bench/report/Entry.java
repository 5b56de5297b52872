package dev.unfold.bench.report;

import dev.unfold.bench.problem.Agreement;
import dev.unfold.measure.Times;

/// What was found out about one library at one point.
///
/// @param peer the library
/// @param version of it, or null if it did not start
/// @param implementation that it has chosen, or empty
/// @param check how well it agrees with Unfold; null for Unfold itself
/// @param timing null if it was not timed
/// @param peak how close it comes to the machine's peak, or null where that is not told
/// @param reason why it was not timed, or null
public record Entry(
    String peer,
    String version,
    String implementation,
    Agreement check,
    Timing timing,
    Peak peak,
    String reason) {

  /// How close the products of a step come to what the machine can do.
  ///
  /// @param gigaflops multiply-adds from registers on all threads, measured just before the steps
  /// @param share of them that a step has, in its median
  public record Peak(double gigaflops, double share) {}

  /// How long a step took.
  ///
  /// @param medianMillis of a step
  /// @param spread the distance between the quartiles, as a share of the median
  /// @param layOutMillis the part of it that laid out the weights, where the library has that
  /// @param steps how many were timed
  /// @param ratio its median by Unfold's
  public record Timing(
      double medianMillis, double spread, double layOutMillis, int steps, double ratio) {

    /// For a library whose times are these, next to Unfold's median.
    public static Timing of(Times whole, Times layOut, double unfoldSeconds) {
      return new Timing(
          whole.median() * 1e3,
          whole.spread(),
          layOut.median() * 1e3,
          whole.count(),
          whole.median() / unfoldSeconds);
    }
  }
}
