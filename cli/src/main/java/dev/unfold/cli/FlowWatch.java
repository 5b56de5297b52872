package dev.unfold.cli;

import dev.unfold.kernels.Team;
import dev.unfold.net.Batch;
import dev.unfold.net.ErrorFlow;
import dev.unfold.net.ErrorFlowMeter;
import dev.unfold.net.Network;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/// Writes down now and then during training how far the errors reach: `flow.jsonl` in the folder of a run.
final class FlowWatch {
  /// Errors that are followed back.
  private static final int TIMES = 8;

  private final UpdateLines lines;
  private final long every;

  /// Null before the first look; a run has one network and one shape of batches.
  private ErrorFlowMeter meter;

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

  /// @param seconds that the look took
  private record Line(long update, Inspection.Lags lags, List<LayerLine> layers, double seconds) {}

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
    }
    ErrorFlow flow = meter.measure(batch, times);
    List<LayerLine> layers = new ArrayList<>();
    for (ErrorFlow.Layer layer : flow.layers()) {
      Inspection.LayerFlow own = Inspection.LayerFlow.of(layer, batch.steps());
      List<Double> decay = new ArrayList<>();
      for (int lag = 1; lag < batch.steps(); lag *= 2) {
        decay.add(own.decay().get(lag));
      }
      layers.add(new LayerLine(layer.name(), Json.finite(own.gain()), own.halfLife(), decay));
    }
    lines.add(new Line(update, Inspection.lags(flow), layers, (System.nanoTime() - begun) / 1e9));
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
