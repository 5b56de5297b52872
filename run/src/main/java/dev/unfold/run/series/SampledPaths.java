package dev.unfold.run.series;

import dev.unfold.infer.Outcome;
import dev.unfold.infer.Runner;
import dev.unfold.model.Network;
import dev.unfold.model.State;
import dev.unfold.run.series.OriginData.Origin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;

/// Forecasts of any length by a network that foresees one step from a state that it carries: at an origin the state is
/// forked into N paths; on each a value is drawn from what is foreseen and read as if it had come, step by step. The
/// quantiles of a step are those of its N values.
///
/// What is drawn follows from the seed, the name of the series and the target.
record SampledPaths(SeriesSpec spec, Output output, Network network, Runner runner) {
  private static final int CHUNK = 32;

  /// What comes from an origin on.
  ///
  /// @param paths N
  Forecast of(Origin origin, int steps, int paths, long seed) {
    Channel channel = origin.channel();
    int from = origin.step();
    RunningLevel level = new RunningLevel(spec);
    for (int t = 0; t < from; t++) {
      level.add(channel, t);
    }
    State state = state(channel, from).rows(new int[paths]);
    List<SampledTrack> tracks = new ArrayList<>();
    for (int n = 0; n < paths; n++) {
      tracks.add(new SampledTrack(spec, channel, from, level, steps));
    }
    long own = 31L * channel.series().name().hashCode() + channel.target();
    SplittableRandom random = new SplittableRandom(new SplittableRandom(seed).nextLong() + own);
    Windows rows = new Windows(spec, network.kernels().type(), 1, paths);
    double[][] quantiles = new double[steps][];
    double[] means = new double[steps];
    List<String> times = new ArrayList<>();
    for (int h = 0; h < steps; h++) {
      int step = from + h;
      Window[] windows = new Window[paths];
      for (int n = 0; n < paths; n++) {
        windows[n] = new Window(spec, tracks.get(n), step);
        rows.fill(windows[n], step, 0, n);
      }
      Outcome outcome = runner.run(rows.inputs(), state);
      state = outcome.state();
      double[] values = new double[paths];
      for (int n = 0; n < paths; n++) {
        double z =
            output.loss().distribution(outcome.outputs().row(n)).orElseThrow().sample(random);
        tracks.get(n).add(windows[n].y(step, z));
        values[n] = windows[n].value(step, z);
      }
      means[h] = Arrays.stream(values).average().orElseThrow();
      Arrays.sort(values);
      quantiles[h] = output.levels().stream().mapToDouble(q -> quantile(values, q)).toArray();
      times.add(channel.series().timeline().text(step));
    }
    return new Forecast(
        channel.series().name(),
        channel.series().keys(),
        spec.numbers().get(channel.target()),
        from,
        times,
        output.levels(),
        quantiles,
        means);
  }

  /// The state before step `until`.
  private State state(Channel channel, int until) {
    State state = State.zeros(network.spec(), network.kernels().precision(), 1);
    for (int start = 0; start < until; start += CHUNK) {
      int count = Math.min(CHUNK, until - start);
      Windows rows = new Windows(spec, network.kernels().type(), count, 1);
      for (int t = 0; t < count; t++) {
        rows.fill(new Window(spec, channel, start + t), start + t, t, 0);
      }
      state = runner.run(rows.inputs(), state).state();
    }
    return state;
  }

  /// Between the two sorted values that stand around it, linear.
  private static double quantile(double[] sorted, double level) {
    double place = level * sorted.length - 0.5;
    int below = Math.clamp((long) Math.floor(place), 0, sorted.length - 1);
    int above = Math.min(below + 1, sorted.length - 1);
    double share = Math.clamp(place - below, 0, 1);
    return sorted[below] + share * (sorted[above] - sorted[below]);
  }
}
