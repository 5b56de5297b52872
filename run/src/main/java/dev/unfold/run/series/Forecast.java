package dev.unfold.run.series;

import java.util.List;

/// What is foreseen of one target of one series.
///
/// @param series its name; empty if there is one
/// @param keys the values that tell it from the others
/// @param target the name of the target
/// @param origin the first step that is foreseen
/// @param times of the steps, for people
/// @param levels of the quantiles
/// @param quantiles for each step that of each level
/// @param means for each step; where quantiles alone are learned, the mean of what they say
public record Forecast(
    String series,
    List<String> keys,
    String target,
    int origin,
    List<String> times,
    List<Double> levels,
    double[][] quantiles,
    double[] means) {

  /// The median of a step, from 0.
  public double median(int step) {
    return quantiles[step][levels.indexOf(0.5)];
  }
}
