package dev.unfold.run.series;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.data.series.Duplicates;
import dev.unfold.data.series.EventReader;
import dev.unfold.data.series.Timeline;
import dev.unfold.data.source.DataException;
import dev.unfold.data.table.RowStream;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.kernels.Kernels;
import dev.unfold.model.Network;
import dev.unfold.model.State;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// Finds what is odd in series whose events come one by one: each is scored by what a network that carries its state
/// had foreseen, and gives alarm if so odd an event is rarer than the alarms that are put up with.
///
/// An event is answered from what came before it alone, in time and memory that do not grow. What is said of a series
/// is the same bits alone and beside others, and after a stop as without one.
///
/// **Threads**: one at a time.
public final class Detector {
  /// Steps back that values are kept, at most.
  static final long LONGEST = 1 << 20;

  private static final int SIDE_BY_SIDE = 16;

  private final Forecaster forecaster;
  private final SeriesSpec spec;
  private final EventScorer scorer;
  private final int targets;
  private final int warm;
  private final int forgotten;
  private final LaneRunner single;
  private final LaneRunner wide;
  private final List<Map<String, Integer>> words = new ArrayList<>();
  private final Map<List<String>, Lane> lanes = new LinkedHashMap<>();
  private final Map<String, Lane> byKey = new HashMap<>();

  private final List<EventScorer.Event> pending = new ArrayList<>();
  private final List<Lane> running = new ArrayList<>();

  /// A detector by a model.
  ///
  /// **Errors**: [Refusal] if the model is none that detects.
  public Detector(Forecaster forecaster, AlarmRate alarms) {
    this.forecaster = Expect.given("forecaster", forecaster);
    spec = forecaster.spec();
    if (!Calibrator.fits(spec, forecaster.output())) {
      throw new Refusal(
          "model",
          "one of unfold train series --horizon 1 --state carried, with --output student, normal,"
              + " negbin or quantiles",
          "--horizon %d --state %s --output %s"
              .formatted(spec.horizon(), spec.state().text(), forecaster.output().text()));
    }
    targets = spec.targets();
    warm = Scorer.warm(spec);
    forgotten = 4 * warm;
    scorer =
        new EventScorer(
            forecaster, -Math.log(Expect.given("alarms", alarms).perStep(spec.frequency())));
    single = new LaneRunner(spec, forecaster.network(), 1);
    wide = new LaneRunner(spec, forecaster.network(), SIDE_BY_SIDE);
    for (List<String> vocabulary : spec.vocabularies()) {
      Map<String, Integer> known = new HashMap<>();
      vocabulary.forEach(word -> known.put(word, known.size() + 1));
      words.add(known);
    }
  }

  /// A detector by a model file.
  ///
  /// **Errors**: [FormatException] if the file is no model of series; [Refusal] if it is none that detects.
  public static Detector load(Path model, AlarmRate alarms, Kernels kernels) {
    return new Detector(Forecaster.load(model, kernels), alarms);
  }

  /// Its model.
  public Forecaster forecaster() {
    return forecaster;
  }

  /// Events of a series before the first that may give alarm.
  public int warm() {
    return warm;
  }

  /// Keeps all that is known of the series, to go on with [#resume]: whole or not at all.
  ///
  /// **Errors**: [dev.unfold.formats.safetensors.WriteException] if the file cannot be written.
  public void save(Path state) {
    DetectorState.save(state, this);
  }

  /// Goes on from where a detector with the same model was when it saved, with the same bits.
  ///
  /// **Errors**: [FormatException] for a file that is none, or of another model.
  public void resume(Path state) {
    DetectorState.load(state, this);
  }

  Collection<Lane> lanes() {
    single.flush();
    return lanes.values();
  }

  /// Goes on with a series as it was left.
  void restore(Lane lane) {
    lanes.put(lane.keys(), lane);
  }

  Lane lane(List<String> keys) {
    Network network = forecaster.network();
    return new Lane(
        spec, keys, State.zeros(network.spec(), network.kernels().precision(), targets));
  }

  /// Reads all events that come, and tells what each is; several series side by side, but none later than more is
  /// waited for.
  ///
  /// **Errors**: [DataException] for an event that cannot be read, and none of those before it: they have been told.
  public void read(RowStream rows, Consumer<Detection> found) {
    read(rows, found, () -> {});
  }

  /// The same.
  ///
  /// @param wait what is done before more is waited for
  public void read(RowStream rows, Consumer<Detection> found, Runnable wait) {
    EventReader events =
        new EventReader(rows, spec.columns(), spec.frequency(), spec.numbers(), spec.texts());
    try {
      events.read(
          () -> take(events, found),
          () -> {
            answer(found);
            wait.run();
          });
    } finally {
      answer(found);
    }
  }

  private void take(EventReader events, Consumer<Detection> found) {
    Lane lane = laneOf(events);
    if (pending.size() == SIDE_BY_SIDE || waits(lane)) {
      answer(found);
    }
    double[] values = new double[targets];
    for (int target = 0; target < targets; target++) {
      double value = events.number(target);
      double scaled = lane.track(target).scaled(value);
      if (!Double.isNaN(value) && !Double.isFinite(scaled)) {
        throw events
            .place()
            .refusal(
                spec.numbers().get(target),
                "a number above 0, whose logarithm is learned",
                value + "");
      }
      values[target] = value;
    }
    boolean isRepeated = !arrive(lane, events);
    String time = events.timeText();
    if (isRepeated) {
      pending.add(new EventScorer.Event(lane, time, values, true));
      return;
    }
    double[] others = new double[spec.numbers().size() - targets];
    for (int c = 0; c < others.length; c++) {
      others[c] = events.number(targets + c);
    }
    int[] texts = new int[spec.texts().size()];
    for (int c = 0; c < texts.length; c++) {
      texts[c] = events.text(c).map(words.get(c)::get).orElse(0);
    }
    lane.enter(others, texts);
    lane.arrive(events.instant());
    if (Arrays.stream(values).anyMatch(value -> !Double.isNaN(value))) {
      lane.count();
    }
    pending.add(new EventScorer.Event(lane, time.isEmpty() ? text(lane) : time, values, false));
  }

  private static String text(Lane lane) {
    return lane.timeline().isRows()
        ? lane.timeline().textAt(lane.instant())
        : lane.timeline().text(lane.step());
  }

  private boolean waits(Lane lane) {
    for (EventScorer.Event each : pending) {
      if (each.lane() == lane) {
        return true;
      }
    }
    return false;
  }

  private Lane laneOf(EventReader events) {
    if (events.keyed() <= 1) {
      Lane known = byKey.get(events.key());
      if (known != null) {
        return known;
      }
    }
    Lane lane = lanes.computeIfAbsent(events.keys(), this::lane);
    if (events.keyed() <= 1) {
      byKey.put(events.key(), lane);
    }
    return lane;
  }

  /// Brings a lane to the step of an event, over those that are missing.
  ///
  /// @return whether it is a step that had none yet
  private boolean arrive(Lane lane, EventReader events) {
    events.time(lane.isNew() ? Long.MIN_VALUE : lane.instant());
    if (lane.isNew()) {
      lane.begin(
          new Timeline(spec.frequency(), events.instant(), events.local(), spec.columns().zone()));
      return true;
    }
    if (spec.isOfRows()) {
      return arriveNext(lane, events);
    }
    OptionalLong step = lane.timeline().step(events.instant(), events.local());
    if (step.isEmpty() && lane.events() == 1 && Timeline.isLastDay(events.local())) {
      Timeline ofLastDays =
          new Timeline(
              spec.frequency(),
              lane.timeline().first(),
              lane.timeline().firstLocal(),
              spec.columns().zone(),
              true);
      step = ofLastDays.step(events.instant(), events.local());
      if (step.isPresent()) {
        lane.begin(ofLastDays);
      }
    }
    String of = lane.keys().isEmpty() ? "" : " of series " + String.join(", ", lane.keys());
    if (step.isEmpty()) {
      throw events.refusal(
          "a time %s after the one before%s, %s"
              .formatted(spec.frequency().text(), of, lane.timeline().text(lane.step() - 1L)),
          events.timeText());
    }
    long gap = step.getAsLong() - lane.step();
    if (gap == -1 && spec.columns().duplicates() != Duplicates.REFUSE) {
      return false;
    }
    if (gap < 0) {
      throw events.refusal(
          "a time after the one before%s, %s".formatted(of, lane.timeline().text(lane.step() - 1L)),
          events.timeText());
    }
    if (step.getAsLong() >= Integer.MAX_VALUE) {
      throw events.refusal("fewer than 2^31 steps" + of, events.timeText());
    }
    for (long i = 0; i < Math.min(gap, forgotten); i++) {
      skip(lane);
    }
    if (gap > forgotten) {
      lane.jump((int) step.getAsLong());
    }
    return true;
  }

  /// The same where each event is the next step, whenever it comes.
  private boolean arriveNext(Lane lane, EventReader events) {
    if (events.instant() == lane.instant() && spec.columns().duplicates() != Duplicates.REFUSE) {
      return false;
    }
    if (events.instant() <= lane.instant()) {
      String of = lane.keys().isEmpty() ? "" : " of series " + String.join(", ", lane.keys());
      throw events.refusal(
          "a time after the one before%s, %s".formatted(of, lane.timeline().textAt(lane.instant())),
          events.timeText());
    }
    return true;
  }

  /// A step at which nothing came.
  private void skip(Lane lane) {
    double[] others = new double[spec.numbers().size() - targets];
    Arrays.fill(others, Double.NaN);
    double[] none = new double[targets];
    Arrays.fill(none, Double.NaN);
    lane.enter(others, new int[spec.texts().size()]);
    single.run(List.of(lane));
    lane.leave(none);
  }

  /// Foresees and scores the events that wait.
  private void answer(Consumer<Detection> found) {
    if (pending.isEmpty()) {
      return;
    }
    running.clear();
    for (EventScorer.Event each : pending) {
      if (!each.isRepeated()) {
        running.add(each.lane());
      }
    }
    if (running.size() == 1) {
      single.run(running);
    } else if (running.size() > 1) {
      single.flush();
      wide.run(running);
    }
    try {
      for (EventScorer.Event each : pending) {
        found.accept(scorer.detection(each));
      }
    } finally {
      pending.clear();
    }
  }
}
