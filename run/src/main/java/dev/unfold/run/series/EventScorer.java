package dev.unfold.run.series;

import dev.unfold.argument.Refusal;
import dev.unfold.head.Distribution;
import java.util.ArrayList;
import java.util.List;

/// Tells how odd an event is by what was foreseen of it, and whether it gives alarm.
///
/// **Threads**: one at a time.
final class EventScorer {
  private static final int SCORES = Score.ALL.size();

  private final SeriesSpec spec;
  private final Scorer scorer;
  private final int targets;
  private final int warm;
  private final double enough;
  private final Calibration calibration;
  private final Tail.Lookup[] tails;
  private final Tail.Lookup event;
  private final Relation relation;
  private final double[][] scores;
  private final double[] distances;

  /// What is foreseen of each target: low, median, high.
  private final double[][] ranges;

  /// An event whose series is at its step.
  ///
  /// @param values of the targets, as they came
  /// @param isRepeated whether its step has been answered already
  record Event(Lane lane, String time, double[] values, boolean isRepeated) {}

  /// @param enough how rare an event has to be for an alarm, `-ln` of a rate
  ///
  /// **Errors**: [Refusal] if the model has no calibration.
  EventScorer(Forecaster forecaster, double enough) {
    this.enough = enough;
    spec = forecaster.spec();
    calibration =
        forecaster
            .calibration()
            .orElseThrow(() ->
                new Refusal(
                    "model",
                    "one whose training came to its end, where scores are calibrated",
                    "one without"));
    targets = spec.targets();
    scorer = new Scorer(forecaster.output());
    warm = Scorer.warm(spec);
    tails =
        calibration.targets().stream()
            .flatMap(each -> each.tails().stream())
            .map(Tail::lookup)
            .toArray(Tail.Lookup[]::new);
    event = calibration.event().lookup();
    relation = calibration.relation();
    scores = new double[targets][SCORES];
    distances = new double[targets];
    ranges = new double[targets][Scorer.HIGH + 1];
  }

  /// What an event is. Its series goes on.
  Detection detection(Event of) {
    return of.isRepeated() ? repeated(of) : scored(of);
  }

  /// A row of a step that was answered already.
  private Detection repeated(Event of) {
    List<Detection.Value> values = new ArrayList<>();
    for (int target = 0; target < targets; target++) {
      values.add(
          new Detection.Value(
              spec.numbers().get(target),
              of.values()[target],
              Double.NaN,
              Double.NaN,
              Double.NaN,
              Double.NaN));
    }
    return new Detection(
        of.lane().keys(), of.time(), values, Double.NaN, false, of.lane().alarms());
  }

  private Detection scored(Event of) {
    Lane lane = of.lane();
    List<Detection.Value> values = new ArrayList<>(targets);
    double[] scaled = new double[targets];
    boolean isWarm = lane.events() > warm;
    boolean learns = isWarm && !(lane.isWithinAlarm() && lane.alarming() < spec.context());
    double rarest = Double.NaN;
    for (int target = 0; target < targets; target++) {
      Distribution foreseen = scorer.foreseen(lane, target);
      scorer.foresee(foreseen, lane.said[target], ranges[target]);
      double value = of.values()[target];
      double median = ranges[target][Scorer.MEDIAN];
      distances[target] = scorer.score(lane, target, foreseen, median, value, scores[target]);
    }
    for (int target = 0; target < targets; target++) {
      double value = of.values()[target];
      Window window = lane.window(target);
      scores[target][Score.JOINT.place()] = relation.score(target, distances);
      double rarity = rarity(lane.track(target), target, learns);
      rarest = Double.isNaN(rarity) || rarity <= rarest ? rarest : rarity;
      scaled[target] = lane.track(target).scaled(value);
      int step = lane.step();
      values.add(
          new Detection.Value(
              spec.numbers().get(target),
              value,
              window.value(step, ranges[target][Scorer.MEDIAN]),
              window.value(step, ranges[target][Scorer.LOW]),
              window.value(step, ranges[target][Scorer.HIGH]),
              Math.exp(-rarity)));
    }
    double odd = Double.isNaN(rarest) ? Double.NaN : event.rarity(rarest);
    boolean isAlarm = isWarm && odd >= enough;
    if (!Double.isNaN(odd)) {
      lane.note(isAlarm);
    }
    lane.leave(scaled);
    return new Detection(lane.keys(), of.time(), values, Math.exp(-odd), isAlarm, lane.alarms());
  }

  /// The rarest of the scores of a target; NaN if nothing came.
  private double rarity(LiveTrack track, int target, boolean learns) {
    double rarest = Double.NaN;
    Calibration.OfTarget of = calibration.targets().get(target);
    for (int i = 0; i < SCORES; i++) {
      double x = scores[target][i];
      if (Double.isNaN(x)) {
        continue;
      }
      boolean isSpread = Score.ALL.get(i).isSpread();
      double spread = isSpread ? track.spreads[i] + of.spreads().get(i) : 0;
      double rarity = tails[target * SCORES + i].rarity(x / Math.exp(spread));
      rarest = rarity <= rarest ? rarest : rarity;
      if (learns && isSpread) {
        track.spreads[i] = Score.followed(spread, x, of.usual().get(i)) - of.spreads().get(i);
      }
    }
    return rarest;
  }
}
