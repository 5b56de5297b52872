package dev.unfold.run.folder;

import dev.unfold.argument.Refusal;
import dev.unfold.flow.ErrorFlow;
import dev.unfold.flow.ErrorFlowMeter;
import dev.unfold.flow.Reach;
import dev.unfold.flow.ReachMeter;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.run.inspect.Inspection;
import dev.unfold.run.inspect.Trial;
import dev.unfold.run.output.Json;
import dev.unfold.sequence.Batch;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;

/// Writes down now and then during training how far the errors reach: `flow.jsonl` in the folder of a run.
public final class FlowWatch {
  /// Errors that are followed back.
  private static final int TIMES = 8;

  private final UpdateLines lines;
  private final long every;

  /// Null before the first look; a run has one network and one shape of batches.
  private ErrorFlowMeter meter;

  /// Of single sequences, so that there is an interval.
  private ReachMeter reachMeter;

  /// @param every updates from one time to the next; 0 for never
  public FlowWatch(Path folder, long every) {
    if (every < 0) {
      throw new Refusal("watch", "0 updates or more", every);
    }
    lines = lines(folder);
    this.every = every;
  }

  private static UpdateLines lines(Path folder) {
    return new UpdateLines(file(folder), FlowWatch::isLook);
  }

  /// Whether a line says what is shown of it.
  private static boolean isLook(JsonNode line) {
    JsonNode reach = line.path("reach");
    // Layers in both directions have no reach; earlier versions wrote shares as lags, and no reach
    // either.
    boolean hasReach =
        reach.isMissingNode() || reach.isNull() || hasLags(reach, "half", "tenth", "hundredth");
    String shares = line.has("shares") ? "shares" : "lags";
    return hasReach
        && hasLags(line.path(shares), "half", "most", "all")
        && line.path("seconds").isNumber()
        && line.path("layers").isArray()
        && line.path("layers").valueStream().allMatch(FlowWatch::isLayer);
  }

  private static boolean hasLags(JsonNode of, String... names) {
    return Stream.of(names)
        .map(of::path)
        .allMatch(lag -> lag.canConvertToInt() && lag.asInt() >= 0);
  }

  private static boolean isLayer(JsonNode layer) {
    return layer.path("name").isString()
        && (layer.path("gain").isNumber() || layer.path("gain").isNull());
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

  /// Begins anew: without lines, or without a file if nobody watches.
  void clear() {
    if (isOn()) {
      lines.clear();
    } else {
      lines.delete();
    }
  }

  /// Forgets what was after update `last`. A run of before that nobody watches any more may have lines, too.
  void keep(long last) {
    if (isOn() || Files.exists(lines.file())) {
      lines.keep(line -> line.path("update").asLong() <= last);
    }
  }

  /// Makes all of it outlive the machine, too.
  void force() {
    if (isOn()) {
      lines.force();
    }
  }

  /// Checks what was written down before.
  ///
  /// **Errors**: `FormatException` if something else was.
  void check() {
    lines.read();
  }

  private boolean isOn() {
    return every > 0;
  }

  /// Whether it is time after this update.
  boolean isDue(long update) {
    return isOn() && (update % every == 0 || update == 1);
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
  /// **Errors**: [IllegalArgumentException] if nothing was; `FormatException` if something else was.
  public static List<JsonNode> read(Path folder) {
    List<JsonNode> all = lines(folder).read();
    if (all.isEmpty()) {
      throw new Refusal(
          folder.toString(), "the folder of a run with --watch", "one without " + file(folder));
    }
    return all;
  }
}
