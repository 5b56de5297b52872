package dev.unfold.run.series;

import dev.unfold.infer.Runner;
import dev.unfold.infer.Stepper;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.model.State;
import dev.unfold.sequence.Inputs;
import java.util.ArrayList;
import java.util.List;

/// Runs a network one step on for some lanes side by side. The state of a single one stays in the network until another
/// comes.
///
/// **Threads**: one at a time.
final class LaneRunner {
  private final int width;
  private final int targets;
  private final Stepper stepper;
  private final Windows rows;
  private final Inputs inputs;
  private final State states;
  private Lane loaded;

  /// @param width lanes at most
  LaneRunner(SeriesSpec spec, Network network, int width) {
    this.width = width;
    targets = spec.targets();
    int batch = Math.multiplyExact(width, targets);
    stepper = new Runner(network).stepper(1, batch);
    rows = new Windows(spec, network.kernels().type(), 1, batch);
    inputs = rows.inputs();
    states = State.zeros(network.spec(), network.kernels().precision(), batch);
  }

  /// Foresees the step of each of `lanes`, which are different.
  void run(List<Lane> lanes) {
    if (width == 1) {
      load(lanes.getFirst());
    } else {
      for (int i = 0; i < lanes.size(); i++) {
        copy(lanes.get(i).state(), 0, states, i * targets);
      }
      stepper.start(states);
    }
    for (int i = 0; i < lanes.size(); i++) {
      Lane lane = lanes.get(i);
      for (int target = 0; target < targets; target++) {
        rows.fill(lane.window(target), lane.step(), 0, i * targets + target);
      }
    }
    Matrix outputs = stepper.run(inputs);
    for (int i = 0; i < lanes.size(); i++) {
      for (int target = 0; target < targets; target++) {
        double[] said = lanes.get(i).said[target];
        if (said == null) {
          said = new double[outputs.cols()];
          lanes.get(i).said[target] = said;
        }
        outputs.readRow(i * targets + target, said);
      }
    }
    if (width > 1) {
      stepper.copyState(states);
      for (int i = 0; i < lanes.size(); i++) {
        copy(states, i * targets, lanes.get(i).state(), 0);
      }
    }
  }

  private void load(Lane lane) {
    if (lane != loaded) {
      flush();
      stepper.start(lane.state());
      loaded = lane;
    }
  }

  /// Gives the state that is in the network back to its lane.
  void flush() {
    if (loaded != null) {
      stepper.copyState(loaded.state());
      loaded = null;
    }
  }

  private void copy(State from, int fromRow, State to, int toRow) {
    List<Matrix> sources = matrices(from);
    List<Matrix> targetMatrices = matrices(to);
    for (int i = 0; i < sources.size(); i++) {
      for (int target = 0; target < targets; target++) {
        targetMatrices.get(i).copyRow(sources.get(i), fromRow + target, toRow + target);
      }
    }
  }

  static List<Matrix> matrices(State state) {
    List<Matrix> all = new ArrayList<>();
    state.layers().forEach(all::addAll);
    return all;
  }
}
