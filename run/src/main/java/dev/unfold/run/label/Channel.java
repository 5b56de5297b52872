package dev.unfold.run.label;

import dev.unfold.data.label.LabelledData;
import dev.unfold.data.label.LabelledSequence;

/// A number of each step as the network reads it: less the mean of the training part, divided by its deviation there.
/// One that is missing is 0, and where the training part lacks any, 1 or 0 beside it says whether it is there.
///
/// @param name of the column
/// @param mean in the training part
/// @param deviation in the training part; 1 if all are the same
/// @param mayLack whether the training part lacks any
record Channel(String name, double mean, double deviation, boolean mayLack) {
  /// That of number `n` of `training`.
  static Channel of(LabelledData training, int n) {
    double mean = 0;
    double squares = 0;
    long count = 0;
    boolean mayLack = false;
    int width = training.numbers().size();
    for (LabelledSequence sequence : training.sequences()) {
      for (int t = 0; t < sequence.steps(); t++) {
        double number = sequence.numbers()[t * width + n];
        if (Double.isNaN(number)) {
          mayLack = true;
          continue;
        }
        // By Welford: sums of squares would cancel where the mean is large.
        count++;
        double before = number - mean;
        mean += before / count;
        squares += before * (number - mean);
      }
    }
    double deviation = count == 0 ? 0 : Math.sqrt(squares / count);
    boolean isUsable = Double.isFinite(deviation) && deviation > 1e-12 * Math.abs(mean);
    return new Channel(training.numbers().get(n), mean, isUsable ? deviation : 1, mayLack);
  }

  /// How many numbers the network reads for it.
  int width() {
    return mayLack ? 2 : 1;
  }

  /// What the network reads of a number that is there.
  double scaled(double number) {
    return (number - mean) / deviation;
  }
}
