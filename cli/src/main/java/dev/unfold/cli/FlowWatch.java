package dev.unfold.cli;

import dev.unfold.kernels.Team;
import dev.unfold.net.Batch;
import dev.unfold.net.ErrorFlow;
import dev.unfold.net.ErrorFlowMeter;
import dev.unfold.net.Network;
import dev.unfold.net.Reach;
import dev.unfold.net.ReachMeter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;

/// Writes down now and then during training how far the errors reach: `flow.jsonl` in the folder of a run.
final class FlowWatch {
  /// Errors that are followed back.
  private static final int TIMES = 8;

  private final UpdateLines lines;
  private final long every;

  /// Null before the first look; a run has one network and one shape of batches.
  private ErrorFlowMeter meter;

  /// Of single sequences, so that there is an interval.
  private ReachMeter reachMeter;

  /// @param every updates from one time to the next
  FlowWatch(Path folder, long every) {
    if (every < 1) {
      throw new IllegalArgumentException("watch: expected 1 update or more, got " + every);
    }
    lines = new UpdateLines(file(folder));
    this.every = every;
  }

  private static Path file(Path folder) {
    return folder.resolve("flow.jsonl");
  }

  /// One layer.
  ///
  /// @param decay for each power of two as lag what is left of the error
  private record LayerLine(String name, Double gain, Integer halfLife, List<Double> decay) {}

  /// How far the gradients reach.
  ///
  /// @param batches that were measured
  /// @param sequences of each
  private record ReachLine(int batches, int sequences, int half, int tenth, int hundredth) {}

  /// The lags up to which their shares are 50, 90 and 99 %.
  private record ShareLine(int half, int most, int all) {}

  /// @param reach null in both directions
  /// @param seconds that the look took
  private record Line(
      long update, ReachLine reach, ShareLine shares, List<LayerLine> layers, double seconds) {}

  /// Forgets what was after update `last`.
  void keep(long last) {
    lines.keep(last);
  }

  /// Whether it is time after this update.
  boolean isDue(long update) {
    return update % every == 0 || update == 1;
  }

  /// Measures on `batch`.
  void add(long update, Network network, Team team, Batch batch) {
    long begun = System.nanoTime();
    int[] times = ErrorFlow.someTimes(batch.steps(), TIMES);
    if (meter == null) {
      meter = new ErrorFlowMeter(network, team, batch.steps(), batch.batch(), times.length);
      reachMeter = new ReachMeter(network, team, batch.steps(), 1);
    }
    Reach reach =
        reachMeter.measure(IntStream.range(0, batch.batch()).mapToObj(batch::sequence).toList());
    ErrorFlow flow = meter.measure(batch, times);
    List<LayerLine> layers = new ArrayList<>();
    for (ErrorFlow.Layer layer : flow.layers()) {
      Inspection.LayerFlow own = Inspection.LayerFlow.of(layer, layer, null, batch.steps());
      List<Double> decay = new ArrayList<>();
      for (int lag = 1; lag < batch.steps(); lag *= 2) {
        decay.add(own.decay().get(lag));
      }
      layers.add(new LayerLine(layer.name(), Json.finite(own.gain()), own.halfLife(), decay));
    }
    Inspection.Shares shares = Inspection.Shares.of(flow);
    lines.add(
        new Line(
            update,
            reachLine(reach),
            new ShareLine(shares.half(), shares.most(), shares.all()),
            layers,
            (System.nanoTime() - begun) / 1e9));
  }

  private static ReachLine reachLine(Reach reach) {
    if (reach.errors().isEmpty()) {
      return null;
    }
    Inspection.Within within = Inspection.Within.of(reach.errors(), Trial.WITHIN);
    return new ReachLine(
        reach.errors().getFirst().count(),
        reach.sequences(),
        within.half(),
        within.tenth(),
        within.hundredth());
  }

  /// What was written down in the folder of a run.
  ///
  /// **Errors**: [IllegalArgumentException] if nothing was.
  static List<JsonNode> read(Path folder) {
    List<JsonNode> all = new UpdateLines(file(folder)).read();
    if (all.isEmpty()) {
      throw new IllegalArgumentException(
          folder + ": expected the folder of a run with --watch, found no " + file(folder));
    }
    return all;
  }
}
