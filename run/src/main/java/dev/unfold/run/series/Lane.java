package dev.unfold.run.series;

import dev.unfold.data.series.Timeline;
import dev.unfold.model.State;
import java.time.LocalDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// A series whose events come one by one: all that is needed to go on with it.
final class Lane {
  /// Numbers that are kept beside those of columns and tracks.
  private static final int OWN = 12;

  /// Whole numbers up to here are kept as they are.
  private static final double MOST = 1L << 32;

  private final SeriesSpec spec;
  private final List<String> keys;
  private final LiveTrack[] tracks;
  private final Window[] windows;
  private final boolean[] isStaticNumber;
  private final boolean[] isStaticText;

  /// The columns of numbers behind the targets, and those of texts, at this step and the one before.
  private final double[][] numbers;

  private final int[][] texts;

  /// Whether a step was entered: what never changes is as it was at the first.
  private boolean isEntered;

  private Timeline timeline;
  private int step;
  private int localStep = -1;
  private LocalDateTime local;

  /// The instant of the last event.
  private long instant;

  /// Those of the two before.
  private long earlier;

  private long earliest;

  /// Events since the beginning.
  private long events;

  /// The step of the last event that gave alarm; -1 for none.
  private int lastAlarm = -1;

  private long alarms;

  /// Events in a row that belong to an alarm.
  private int alarming;

  /// The hidden state, a row for each target.
  private State state;

  /// What the network says of each target at this step.
  final double[][] said;

  Lane(SeriesSpec spec, List<String> keys, State zeros) {
    this.spec = spec;
    this.keys = keys;
    this.state = zeros;
    int size = ring(spec);
    tracks = new LiveTrack[spec.targets()];
    for (int target = 0; target < tracks.length; target++) {
      tracks[target] = new LiveTrack(spec, this, target, size);
    }
    windows = new Window[tracks.length];
    said = new double[tracks.length][];
    int others = spec.numbers().size() - tracks.length;
    numbers = new double[others][2];
    texts = new int[spec.texts().size()][2];
    isStaticNumber = new boolean[others];
    for (int c = 0; c < others; c++) {
      String name = spec.numbers().get(tracks.length + c);
      isStaticNumber[c] = spec.columns().statics().contains(name);
    }
    isStaticText = new boolean[texts.length];
    for (int c = 0; c < texts.length; c++) {
      isStaticText[c] = spec.columns().statics().contains(spec.texts().get(c));
    }
    for (double[] each : numbers) {
      Arrays.fill(each, Double.NaN);
    }
  }

  private static int ring(SeriesSpec spec) {
    return Integer.highestOneBit((int) (LiveTrack.reach(spec) - 1)) << 1;
  }

  List<String> keys() {
    return keys;
  }

  LiveTrack track(int target) {
    return tracks[target];
  }

  int step() {
    return step;
  }

  Timeline timeline() {
    return timeline;
  }

  boolean isNew() {
    return timeline == null;
  }

  long instant() {
    return instant;
  }

  long events() {
    return events;
  }

  State state() {
    return state;
  }

  void begin(Timeline from) {
    timeline = from;
  }

  /// The window that the step is read and foreseen in.
  Window window(int target) {
    return windows[target];
  }

  /// What is known of the step beside its targets.
  ///
  /// @param ofNumbers the columns behind the targets
  /// @param ofTexts numbered as the model does
  void enter(double[] ofNumbers, int... ofTexts) {
    int at = step & 1;
    for (int c = 0; c < numbers.length; c++) {
      if (isStaticNumber[c]) {
        numbers[c][0] = isEntered ? numbers[c][0] : ofNumbers[c];
      } else {
        numbers[c][at] = ofNumbers[c];
      }
    }
    for (int c = 0; c < texts.length; c++) {
      if (isStaticText[c]) {
        texts[c][0] = isEntered ? texts[c][0] : ofTexts[c];
      } else {
        texts[c][at] = ofTexts[c];
      }
    }
    isEntered = true;
    for (int target = 0; target < windows.length; target++) {
      Window before = windows[target];
      windows[target] = before == null ? new Window(spec, tracks[target], step) : before.from(step);
    }
  }

  /// Takes in what came, on its scale, and goes on to the next step.
  void leave(double... values) {
    for (int target = 0; target < tracks.length; target++) {
      tracks[target].add(values[target]);
    }
    step++;
    for (LiveTrack track : tracks) {
      track.count();
    }
  }

  /// Goes on after a gap so long that all is forgotten; what was between is missing.
  void jump(int to) {
    int from = step;
    step = to;
    for (LiveTrack track : tracks) {
      track.forget(Math.min(to - from, to));
    }
  }

  /// Notes when the event of the step came.
  void arrive(long at) {
    earliest = earlier;
    earlier = instant;
    instant = at;
  }

  /// Counts the event of the step, of which something is there.
  void count() {
    events++;
  }

  double number(int column, int t) {
    int c = column - tracks.length;
    if (isStaticNumber[c]) {
      return numbers[c][0];
    }
    return t >= 0 && (t == step || t == step - 1) ? numbers[c][t & 1] : Double.NaN;
  }

  int text(int column, int t) {
    if (isStaticText[column]) {
      return texts[column][0];
    }
    return t >= 0 && (t == step || t == step - 1) ? texts[column][t & 1] : 0;
  }

  /// Microseconds from the event before to that of step `t`, which is known of the last one before this step.
  double gap(int t) {
    return t == step - 1 && t > 0 ? earlier - earliest : Double.NaN;
  }

  LocalDateTime local(int t) {
    if (timeline.isRows()) {
      // When the event of this step came is what nobody knew before.
      return timeline.localAt(step == 0 ? instant : earlier + spec.frequency().count());
    }
    if (localStep != t) {
      local = timeline.local(t);
      localStep = t;
    }
    return local;
  }

  /// Whether an alarm goes on: events that give alarm with no more than [Score#MERGED] steps from one to the next are
  /// one.
  boolean isWithinAlarm() {
    return lastAlarm >= 0 && step - lastAlarm <= Score.MERGED;
  }

  /// Notes whether the event of the step gives alarm.
  void note(boolean isAlarm) {
    boolean goesOn = isWithinAlarm();
    alarming = isAlarm || goesOn ? alarming + 1 : 0;
    if (isAlarm) {
      alarms += goesOn ? 0 : 1;
      lastAlarm = step;
    }
  }

  long alarms() {
    return alarms;
  }

  int alarming() {
    return alarming;
  }

  /// How many numbers are kept of a series beside its hidden state.
  static long kept(SeriesSpec spec) {
    long others = 2L * (spec.numbers().size() - spec.targets()) + 2L * spec.texts().size();
    return OWN
        + (spec.isOfRows() ? 4 : 0)
        + others
        + (long) spec.targets() * LiveTrack.numbers(ring(spec));
  }

  double[] write() {
    double[] into = new double[Math.toIntExact(kept(spec))];
    int next = put(into, 0, timeline.first());
    next = put(into, next, timeline.firstLocal());
    next = put(into, next, instant);
    into[next++] = timeline.isOfLastDays() ? 1 : 0;
    into[next++] = step;
    into[next++] = events;
    into[next++] = lastAlarm;
    into[next++] = alarms;
    into[next++] = alarming;
    if (spec.isOfRows()) {
      next = put(into, next, earlier);
      next = put(into, next, earliest);
    }
    for (double[] each : numbers) {
      into[next++] = each[0];
      into[next++] = each[1];
    }
    for (int[] each : texts) {
      into[next++] = each[0];
      into[next++] = each[1];
    }
    for (LiveTrack track : tracks) {
      next = track.write(into, next);
    }
    return into;
  }

  /// A long as two numbers, since a double does not hold it.
  private static int put(double[] into, int at, long number) {
    into[at] = number >> 32;
    into[at + 1] = number & 0xFFFFFFFFL;
    return at + 2;
  }

  private static long get(double[] from, int at) {
    return ((long) from[at] << 32) | (long) from[at + 1];
  }

  /// **Errors**: [IllegalArgumentException] for numbers that nothing has written.
  void read(double... from) {
    for (int i = 0; i < OWN; i++) {
      if (from[i] != Math.rint(from[i]) || Math.abs(from[i]) > MOST) {
        throw new IllegalArgumentException("expected whole numbers, got " + from[i]);
      }
    }
    if (from[7] < 1 || from[8] < 0 || from[9] < -1 || from[9] >= from[7] || from[10] < 0) {
      throw new IllegalArgumentException("expected steps and counts, got others");
    }
    long first = get(from, 0);
    long firstLocal = get(from, 2);
    instant = get(from, 4);
    Optional<java.time.ZoneId> zone = spec.columns().zone();
    timeline = new Timeline(spec.frequency(), first, firstLocal, zone, from[6] == 1);
    step = (int) from[7];
    events = (long) from[8];
    lastAlarm = (int) from[9];
    alarms = (long) from[10];
    alarming = (int) from[11];
    isEntered = true;
    int next = OWN;
    if (spec.isOfRows()) {
      earlier = get(from, next);
      earliest = get(from, next + 2);
      next += 4;
    }
    for (double[] each : numbers) {
      each[0] = from[next++];
      each[1] = from[next++];
    }
    for (int c = 0; c < texts.length; c++) {
      int most = spec.vocabularies().get(c).size();
      texts[c][0] = (int) Math.clamp(from[next++], 0, most);
      texts[c][1] = (int) Math.clamp(from[next++], 0, most);
    }
    for (LiveTrack track : tracks) {
      next = track.read(from, next);
    }
  }
}
