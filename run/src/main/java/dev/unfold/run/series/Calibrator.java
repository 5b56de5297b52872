package dev.unfold.run.series;

import dev.unfold.head.Distribution;
import dev.unfold.model.Network;
import dev.unfold.model.State;
import dev.unfold.run.series.SeriesPlan.Part;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Runs a model once over the training and validation parts, as a detector would, and keeps how its scores are
/// distributed there.
final class Calibrator {
  private static final int SCORES = Score.ALL.size();

  /// Values that are looked at, at most, and of a series at least, if there are many.
  private static final int MOST = 1 << 19;

  private static final int FEWEST = 2000;

  private static final int SIDE_BY_SIDE = 16;

  /// The least scale of the tail of events.
  private static final double LEAST = 0.05;

  private final SeriesSpec spec;
  private final Network network;
  private final Scorer scorer;
  private final int targets;
  private final int warm;

  Calibrator(SeriesSpec spec, Network network) {
    this.spec = spec;
    this.network = network;
    scorer = new Scorer(Output.of(network.spec().head()));
    targets = spec.targets();
    warm = Scorer.warm(spec);
  }

  /// The scores of a part, `[target][score][step]`, and how far values were from what was expected, `[target][step]`;
  /// NaN where there are none.
  private record Scored(double[][][] of, double[][] distances) {
    int steps() {
      return of[0][0].length;
    }

    /// Steps at which something has a score.
    long events() {
      long count = 0;
      for (int t = 0; t < steps(); t++) {
        for (double[][] target : of) {
          if (!Double.isNaN(target[Score.SINGLE.place()][t])) {
            count++;
            break;
          }
        }
      }
      return count;
    }
  }

  /// What a model that detects has to have: a state that is carried, one step of horizon, and a distribution.
  static boolean fits(SeriesSpec spec, Output output) {
    return spec.state() == StateUse.CARRIED
        && spec.horizon() == 1
        && output.levels().size() > 1
        && LiveTrack.reach(spec) <= Detector.LONGEST;
  }

  Calibration calibrate(List<Part> parts) {
    List<Part> some = some(parts);
    List<Scored> all = new ArrayList<>();
    int side = Math.min(SIDE_BY_SIDE, Math.max(1, some.size()));
    LaneRunner runner = new LaneRunner(spec, network, side);
    for (int from = 0; from < some.size(); from += side) {
      all.addAll(score(some.subList(from, Math.min(from + side, some.size())), runner));
    }
    long events = all.stream().mapToLong(Scored::events).sum();
    Relation relation = Relation.of(all.stream().map(Scored::distances).toList());
    all.forEach(each -> join(each, relation));
    List<Tail> tails = new ArrayList<>();
    double[] usual = new double[targets * SCORES];
    for (int target = 0; target < targets; target++) {
      for (Score score : Score.ALL) {
        List<double[]> own = new ArrayList<>();
        for (Scored each : all) {
          own.add(each.of()[target][score.place()]);
        }
        tails.add(Tail.of(peaks(own), events, score.fitted(), score.leastScale()));
        usual[target * SCORES + score.place()] = usual(own);
      }
    }
    return event(all, tails, usual, events, relation);
  }

  /// Adds the joint scores.
  private void join(Scored of, Relation relation) {
    double[] distances = new double[targets];
    for (int t = 0; t < of.steps(); t++) {
      for (int target = 0; target < targets; target++) {
        distances[target] = of.distances()[target][t];
      }
      for (int target = 0; target < targets; target++) {
        of.of()[target][Score.JOINT.place()][t] = relation.score(target, distances);
      }
    }
  }

  /// The tail of the rarest score of each event, with spreads that follow as they do in a detector.
  private Calibration event(
      List<Scored> all, List<Tail> tails, double[] usual, long events, Relation relation) {
    Tail.Lookup[] lookups = tails.stream().map(Tail::lookup).toArray(Tail.Lookup[]::new);
    double[] last = new double[lookups.length];
    List<double[]> rarest = new ArrayList<>();
    for (Scored each : all) {
      double[] spreads = new double[lookups.length];
      double[] most = new double[each.steps()];
      for (int t = 0; t < most.length; t++) {
        for (int i = 0; i < lookups.length; i++) {
          double x = each.of()[i / SCORES][i % SCORES][t];
          if (!Double.isNaN(x)) {
            most[t] = Math.max(most[t], lookups[i].rarity(x / Math.exp(spreads[i])));
            spreads[i] =
                Score.ALL.get(i % SCORES).isSpread() ? Score.followed(spreads[i], x, usual[i]) : 0;
          }
        }
      }
      rarest.add(most);
      for (int i = 0; i < last.length; i++) {
        last[i] += spreads[i] / all.size();
      }
    }
    List<Calibration.OfTarget> of = new ArrayList<>();
    for (int target = 0; target < targets; target++) {
      int from = target * SCORES;
      of.add(
          new Calibration.OfTarget(
              tails.subList(from, from + SCORES),
              Arrays.stream(usual, from, from + SCORES).boxed().toList(),
              Arrays.stream(last, from, from + SCORES).boxed().toList(),
              relation.row(target)));
    }
    return new Calibration(
        of, Tail.of(peaks(rarest), events, Score.SINGLE.fitted(), LEAST), events);
  }

  /// Parts from their end, and evenly fewer of them, if there is more than enough.
  private List<Part> some(List<Part> parts) {
    int most = Math.max(1, MOST / (FEWEST * targets));
    List<Part> some = new ArrayList<>();
    int count = Math.min(most, parts.size());
    for (int i = 0; i < count; i++) {
      Part part = parts.get((int) ((long) i * parts.size() / count));
      int steps = Math.max(FEWEST, MOST / (count * targets));
      some.add(new Part(part.channel(), Math.max(part.from(), part.end() - steps), part.end()));
    }
    return some;
  }

  private List<Scored> score(List<Part> parts, LaneRunner runner) {
    List<Lane> lanes = new ArrayList<>();
    List<Scored> all = new ArrayList<>();
    int longest = 0;
    for (Part part : parts) {
      State zeros = State.zeros(network.spec(), network.kernels().precision(), targets);
      Lane lane = new Lane(spec, List.of(), zeros);
      lane.begin(part.channel().series().timeline());
      if (part.from() > 0) {
        arrive(lane, part, -2);
        arrive(lane, part, -1);
        lane.jump(part.from());
      }
      lanes.add(lane);
      int steps = part.end() - part.from();
      longest = Math.max(longest, steps);
      double[][][] of = new double[targets][SCORES][steps];
      Arrays.stream(of).flatMap(Arrays::stream).forEach(each -> Arrays.fill(each, Double.NaN));
      double[][] distances = new double[targets][steps];
      Arrays.stream(distances).forEach(each -> Arrays.fill(each, Double.NaN));
      all.add(new Scored(of, distances));
    }
    double[] others = new double[spec.numbers().size() - targets];
    int[] texts = new int[spec.texts().size()];
    double[] scores = new double[SCORES];
    for (int t = 0; t < longest; t++) {
      List<Lane> running = new ArrayList<>();
      for (int i = 0; i < parts.size(); i++) {
        if (t < all.get(i).steps()) {
          parts.get(i).copy(t, others, texts);
          arrive(lanes.get(i), parts.get(i), t);
          lanes.get(i).enter(others, texts);
          running.add(lanes.get(i));
        }
      }
      runner.run(running);
      for (int i = 0; i < parts.size(); i++) {
        if (t < all.get(i).steps()) {
          leave(lanes.get(i), parts.get(i), t, all.get(i), scores);
        }
      }
    }
    runner.flush();
    return all;
  }

  private static void arrive(Lane lane, Part part, int t) {
    if (lane.timeline().isRows()) {
      lane.arrive(lane.timeline().position(part.from() + t));
    }
  }

  private void leave(Lane lane, Part part, int t, Scored into, double... scores) {
    double[] values = new double[targets];
    for (int target = 0; target < targets; target++) {
      double value = part.channel().series().numbers()[target].at(part.from() + t);
      Distribution said = scorer.foreseen(lane, target);
      double distance = scorer.score(lane, target, said, said.quantile(0.5), value, scores);
      into.distances()[target][t] = t >= warm ? distance : Double.NaN;
      values[target] = lane.track(target).scaled(value);
      for (int score = 0; t >= warm && score < SCORES; score++) {
        into.of()[target][score][t] = scores[score];
      }
    }
    lane.leave(values);
  }

  /// Values above 0 that none within the steps by which alarms are merged is above.
  private double[] peaks(List<double[]> all) {
    double[] peaks = new double[16];
    int count = 0;
    for (double[] each : all) {
      int last = -1;
      for (int t = 0; t < each.length; t++) {
        if (each[t] > 0 && isPeak(each, t, last)) {
          if (count == peaks.length) {
            peaks = Arrays.copyOf(peaks, 2 * count);
          }
          peaks[count++] = each[t];
          last = t;
        }
      }
    }
    return Arrays.copyOf(peaks, count);
  }

  /// The first of equal ones is the peak.
  private boolean isPeak(double[] all, int t, int last) {
    for (int i = Math.max(0, t - Score.MERGED);
        i <= Math.min(all.length - 1, t + Score.MERGED);
        i++) {
      if (all[i] > all[t] || (all[i] == all[t] && i == last)) {
        return false;
      }
    }
    return true;
  }

  /// The value that one event in so many is above.
  private static double usual(List<double[]> all) {
    double[] values =
        all.stream()
            .flatMapToDouble(Arrays::stream)
            .filter(x -> !Double.isNaN(x))
            .sorted()
            .toArray();
    int place = values.length - 1 - values.length / Score.OFTEN;
    double usual = place < 0 ? 1 : values[place];
    return usual > 0 ? usual : 1;
  }
}
