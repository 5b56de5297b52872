package dev.unfold.run.series;

import dev.unfold.infer.Outcome;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.model.State;
import dev.unfold.run.series.OriginData.Origin;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// One pass over series with the state carried from their first step on, several side by side. At each origin a fork of
/// the state goes on over the horizon, beside others.
///
/// What rows of ended series and spare forks read is left over from others, and nobody looks at what they say.
///
/// Runs are of [#CHUNK] steps. A fork begins with the state before such a run, and so reads some steps again, but never
/// more than these.
final class CarriedPass {
  private static final int CHUNK = 32;

  private final SeriesSpec spec;
  private final Runner runner;
  private final Network network;
  private final int width;
  private final List<Origin> origins;
  private final double[][][] said;
  private final Windows forkRows;

  /// @param width channels, and forks, that run side by side
  CarriedPass(SeriesSpec spec, Network network, Runner runner, List<Origin> origins, int width) {
    this.spec = spec;
    this.network = network;
    this.runner = runner;
    this.origins = origins;
    this.width = width;
    said = new double[origins.size()][spec.horizon()][];
    int forks = Math.max(1, Math.min(width, origins.size()));
    forkRows = new Windows(spec, network.kernels().type(), CHUNK - 1 + spec.horizon(), forks);
  }

  /// A channel and the numbers of its origins, in the order of their steps.
  private record Lane(Channel channel, List<Integer> origins) {}

  /// Which origin a fork is of, and which sequence it leaves.
  private record Fork(int origin, int sequence) {}

  /// What the network says at each step of the horizon of each origin.
  double[][][] run() {
    Map<Channel, List<Integer>> byChannel = new LinkedHashMap<>();
    for (int i = 0; i < origins.size(); i++) {
      byChannel.computeIfAbsent(origins.get(i).channel(), _ -> new ArrayList<>()).add(i);
    }
    List<Lane> lanes = new ArrayList<>();
    byChannel.forEach((channel, own) -> {
      own.sort(Comparator.comparingInt(i -> origins.get(i).step()));
      lanes.add(new Lane(channel, own));
    });
    // Those that end alike go side by side, so that few wait for one.
    lanes.sort(Comparator.comparingInt(lane -> origins.get(lane.origins().getLast()).step()));
    int side = Math.min(width, lanes.size());
    for (int from = 0; from < lanes.size(); from += side) {
      run(lanes.subList(from, Math.min(from + side, lanes.size())), side);
    }
    return said;
  }

  private void run(List<Lane> lanes, int side) {
    int last = origins.get(lanes.getLast().origins().getLast()).step();
    State state = State.zeros(network.spec(), network.kernels().precision(), side);
    Windows rows = new Windows(spec, network.kernels().type(), CHUNK, side);
    int[] next = new int[lanes.size()];
    for (int start = 0; start <= last; start += CHUNK) {
      List<Fork> forks = new ArrayList<>();
      for (int b = 0; b < lanes.size(); b++) {
        List<Integer> own = lanes.get(b).origins();
        while (next[b] < own.size() && origins.get(own.get(next[b])).step() < start + CHUNK) {
          forks.add(new Fork(own.get(next[b]++), b));
        }
      }
      for (int from = 0; spec.horizon() > 1 && from < forks.size(); from += width) {
        fork(forks.subList(from, Math.min(from + width, forks.size())), state, start);
      }
      if (start + CHUNK > last && spec.horizon() > 1) {
        break;
      }
      for (int b = 0; b < lanes.size(); b++) {
        Channel channel = lanes.get(b).channel();
        Window window = new Window(spec, channel, start);
        for (int t = 0; t < CHUNK && start + t <= channel.series().steps(); t++) {
          rows.fill(t == 0 ? window : window.from(start + t), start + t, t, b);
        }
      }
      Outcome outcome = runner.run(rows.inputs(), state);
      if (spec.horizon() == 1) {
        for (Fork fork : forks) {
          int t = origins.get(fork.origin()).step() - start;
          said[fork.origin()][0] = outcome.outputs().row(t * side + fork.sequence());
        }
      }
      state = outcome.state();
    }
  }

  /// Runs forks over the steps before their origins and the horizon.
  private void fork(List<Fork> forks, State state, int start) {
    int side = Math.max(1, Math.min(width, origins.size()));
    int[] sequences = new int[side];
    for (int b = 0; b < forks.size(); b++) {
      sequences[b] = forks.get(b).sequence();
      Origin origin = origins.get(forks.get(b).origin());
      Window window = new Window(spec, origin.channel(), origin.step());
      for (int step = start; step < origin.step() + spec.horizon(); step++) {
        forkRows.fill(window.at(step), step, step - start, b);
      }
    }
    Matrix outputs = runner.run(forkRows.inputs(), state.rows(sequences)).outputs();
    for (int b = 0; b < forks.size(); b++) {
      int first = origins.get(forks.get(b).origin()).step() - start;
      for (int h = 0; h < spec.horizon(); h++) {
        said[forks.get(b).origin()][h] = outputs.row((first + h) * side + b);
      }
    }
  }
}
