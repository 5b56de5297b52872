package dev.unfold.spark;

import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;

/// What is to be foreseen of series, and by what.
///
/// @param <M> what is trained
/// @param <E> the estimator itself
public abstract class SeriesParams<M extends Model<M>, E extends TrainingEstimator<M, E>>
    extends PanelParams<M, E> {
  private static final long serialVersionUID = 1;

  private final IntParam horizon = whole("horizon", "H, steps to be foreseen");
  private final Param<String> context = text("context", "C, steps read before them");
  private final Param<String> season = text("season", "steps after which values are alike");
  private final Param<String> lags = text("lags", "how far back values are read");
  private final Param<String> calendar = text("calendar", "the parts of times that are read");
  private final Param<String> scale = text("scale", "how values are made alike");
  private final Param<String> output = text("output", "what is said of each value");
  private final IntParam holdout = whole("holdout", "steps that nothing is learned from");
  private final Param<String> validate = text("validate", "steps to choose the best by");
  private final Param<String> state = text("state", "window or carried");

  SeriesParams(String uid) {
    super(uid);
  }

  /// H.
  public final IntParam horizon() {
    return horizon;
  }

  /// Sets [#horizon()].
  public final E setHorizon(int value) {
    return with(horizon, value);
  }

  /// C.
  public final Param<String> context() {
    return context;
  }

  /// Sets [#context()].
  public final E setContext(String value) {
    return with(context, value);
  }

  /// Steps after which values are alike.
  public final Param<String> season() {
    return season;
  }

  /// Sets [#season()].
  public final E setSeason(String value) {
    return with(season, value);
  }

  /// How far back values are read.
  public final Param<String> lags() {
    return lags;
  }

  /// Sets [#lags()].
  public final E setLags(String value) {
    return with(lags, value);
  }

  /// The parts of times that are read.
  public final Param<String> calendar() {
    return calendar;
  }

  /// Sets [#calendar()].
  public final E setCalendar(String value) {
    return with(calendar, value);
  }

  /// How values are made alike.
  public final Param<String> scale() {
    return scale;
  }

  /// Sets [#scale()].
  public final E setScale(String value) {
    return with(scale, value);
  }

  /// What is said of each value.
  public final Param<String> output() {
    return output;
  }

  /// Sets [#output()].
  public final E setOutput(String value) {
    return with(output, value);
  }

  /// Steps at the end that nothing is learned from.
  public final IntParam holdout() {
    return holdout;
  }

  /// Sets [#holdout()].
  public final E setHoldout(int value) {
    return with(holdout, value);
  }

  /// Steps before those that the best parameters are chosen by.
  public final Param<String> validate() {
    return validate;
  }

  /// Sets [#validate()].
  public final E setValidate(String value) {
    return with(validate, value);
  }

  /// How far back the state goes: `window` or `carried`.
  public final Param<String> state() {
    return state;
  }

  /// Sets [#state()].
  public final E setState(String value) {
    return with(state, value);
  }
}
