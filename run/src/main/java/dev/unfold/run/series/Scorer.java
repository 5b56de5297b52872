package dev.unfold.run.series;

import dev.unfold.head.Distribution;
import dev.unfold.head.LearnedStudentT;
import java.util.Arrays;

/// Scores what comes by what was foreseen, and keeps up what that needs.
final class Scorer {
  static final int LOW = 0;
  static final int MEDIAN = 1;
  static final int HIGH = 2;
  private static final double HALF = 0.5;
  private static final double UPPER = 0.975;

  /// Less is no longer told apart.
  private static final double LEAST = 1e-300;

  /// Where quantiles are computed beforehand: of 2 degrees and nearly no more, to some 50, which count for more as
  /// well.
  private static final double FROM = -16;

  private static final double STEP = 0.0625;
  private static final int UPPERS = 1024;

  private final Output output;
  private final double[] uppers;

  Scorer(Output output) {
    this.output = output;
    uppers = output.loss() instanceof LearnedStudentT ? uppers() : new double[0];
  }

  /// Events of a series before the first that may give alarm: as many as are read of the past.
  static int warm(SeriesSpec spec) {
    return (int) Math.max(spec.context(), LiveTrack.reach(spec) / 4);
  }

  /// What is foreseen of a target.
  Distribution foreseen(Lane lane, int target) {
    return output.loss().distribution(lane.said[target]).orElseThrow();
  }

  /// Scores a value that came, by all scores but the joint one.
  ///
  /// @param said what was foreseen
  /// @param median of that
  /// @param value as it came; NaN for none, which leaves all as it is
  /// @param scores by [Score], NaN for none
  /// @return how far it is from what was expected, in the unit s of its series
  double score(
      Lane lane, int target, Distribution said, double median, double value, double... scores) {
    LiveTrack track = lane.track(target);
    Arrays.fill(scores, Double.NaN);
    if (Double.isNaN(value)) {
      return Double.NaN;
    }
    double y = track.scaled(value);
    if (value > 0 && !(value >= track.least)) {
      track.least = value;
    }
    Window window = lane.window(target);
    double z = window.z(lane.step(), y);
    double p = probability(said, z, median);
    double single = -Math.log(Math.max(LEAST, p));
    track.counted = Math.min(track.counted + 1, Score.RECENTLY);
    track.recent += (Math.min(single, Score.CAP) - track.recent) / track.counted;
    track.held = value == track.last ? track.held + 1 : 0;
    track.last = value;
    scores[Score.SINGLE.place()] = single;
    scores[Score.RECENT.place()] = track.recent;
    scores[Score.HELD.place()] = Math.max(0, track.held - Score.REPEATED);
    return z - median;
  }

  /// That of a value so far out, on both sides together.
  private double probability(Distribution said, double z, double median) {
    double p;
    if (output.isSymmetric()) {
      p = 2 * said.cdf(Math.min(z, 2 * median - z));
    } else {
      double high = output.isOfCounts() ? said.survival(z - 1) : said.survival(z);
      p = 2 * Math.min(said.cdf(z), high);
    }
    return p < 1 ? p : 1;
  }

  /// z between which 95 of 100 values were foreseen, and their median.
  void foresee(Distribution said, double[] outputs, double... into) {
    into[MEDIAN] = said.quantile(HALF);
    into[HIGH] =
        output.loss() instanceof LearnedStudentT
            ? into[MEDIAN] + Math.exp(outputs[1]) * studentUpper(outputs[2])
            : said.quantile(UPPER);
    into[LOW] = output.isSymmetric() ? 2 * into[MEDIAN] - into[HIGH] : said.quantile(1 - UPPER);
  }

  /// The upper quantile of Student's t distribution by what the network says of its degrees, up to those of the table,
  /// where it is 2.5 % above that of a normal one: what is shown of each event need not cost more than its score.
  private double studentUpper(double degrees) {
    double place = Math.clamp((degrees - FROM) / STEP, 0, UPPERS - 2.0);
    int below = (int) place;
    double share = place - below;
    return (1 - share) * uppers[below] + share * uppers[below + 1];
  }

  private static double[] uppers() {
    double[] all = new double[UPPERS];
    LearnedStudentT loss = new LearnedStudentT();
    for (int i = 0; i < UPPERS; i++) {
      all[i] = loss.distribution(0, 0, FROM + i * STEP).orElseThrow().quantile(UPPER);
    }
    return all;
  }
}
