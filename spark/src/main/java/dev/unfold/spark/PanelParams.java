package dev.unfold.spark;

import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.StringArrayParam;

/// Which columns are series that are to be foreseen, and what else is known of them.
///
/// @param <M> what is trained
/// @param <E> the estimator itself
public abstract class PanelParams<M extends Model<M>, E extends TrainingEstimator<M, E>>
    extends TrainingEstimator<M, E> {
  private static final long serialVersionUID = 1;

  private final StringArrayParam time = columns("time", "the columns of times");
  private final StringArrayParam by = columns("by", "the columns that tell series apart");
  private final StringArrayParam target = columns("target", "the columns to be foreseen");
  private final StringArrayParam known = columns("known", "columns known of the future as well");
  private final StringArrayParam past = columns("past", "columns known of the past alone");
  private final StringArrayParam statics = columns("static", "columns that never change");
  private final BooleanParam staticStart = flag("staticStart", "start states from these");
  private final Param<String> tz = text("tz", "the time zone of times without one");
  private final Param<String> duplicates = text("duplicates", "what rows of the same time become");
  private final Param<String> frequency = text("frequency", "auto, or none: each row is a step");
  private final Param<String> gaps = text("gaps", "grid, or input: distances are read");

  PanelParams(String uid) {
    super(uid);
  }

  /// The column of times, or those of year, month and day; the first with times if it is not set.
  public final StringArrayParam time() {
    return time;
  }

  /// Sets [#time()].
  public final E setTime(String... value) {
    return with(time, value);
  }

  /// The columns that tell series apart.
  public final StringArrayParam by() {
    return by;
  }

  /// Sets [#by()].
  public final E setBy(String... value) {
    return with(by, value);
  }

  /// The columns whose series matter.
  public final StringArrayParam target() {
    return target;
  }

  /// Sets [#target()].
  public final E setTarget(String... value) {
    return with(target, value);
  }

  /// Columns that are known of the future as well.
  public final StringArrayParam known() {
    return known;
  }

  /// Sets [#known()].
  public final E setKnown(String... value) {
    return with(known, value);
  }

  /// Columns that are known of the past alone.
  public final StringArrayParam past() {
    return past;
  }

  /// Sets [#past()].
  public final E setPast(String... value) {
    return with(past, value);
  }

  /// Columns that never change in a series.
  public final StringArrayParam statics() {
    return statics;
  }

  /// Sets [#statics()].
  public final E setStatic(String... value) {
    return with(statics, value);
  }

  /// Whether states start from [#statics()].
  public final BooleanParam staticStart() {
    return staticStart;
  }

  /// Sets [#staticStart()].
  public final E setStaticStart(boolean value) {
    return with(staticStart, value);
  }

  /// The time zone of times, that of the session for timestamps if it is not set.
  public final Param<String> tz() {
    return tz;
  }

  /// Sets [#tz()].
  public final E setTz(String value) {
    return with(tz, value);
  }

  /// What rows of a series with the same time become: `refuse`, `mean`, `sum` or `last`.
  public final Param<String> duplicates() {
    return duplicates;
  }

  /// Sets [#duplicates()].
  public final E setDuplicates(String value) {
    return with(duplicates, value);
  }

  /// `auto`, or `none`: each row is a step.
  public final Param<String> frequency() {
    return frequency;
  }

  /// Sets [#frequency()].
  public final E setFrequency(String value) {
    return with(frequency, value);
  }

  /// `grid`, or `input`: the distances of rows are read.
  public final Param<String> gaps() {
    return gaps;
  }

  /// Sets [#gaps()].
  public final E setGaps(String value) {
    return with(gaps, value);
  }
}
