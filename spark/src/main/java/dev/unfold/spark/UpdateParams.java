package dev.unfold.spark;

import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;

/// How a network is trained.
///
/// @param <M> what is trained
/// @param <E> the estimator itself
public abstract class UpdateParams<M extends Model<M>, E> extends NetworkParams<M, E> {
  private static final long serialVersionUID = 1;

  private final IntParam batch = whole("batch", "B, sequences side by side");
  private final IntParam epochs = whole("epochs", "how often it goes through the data");
  private final IntParam blocks =
      whole("blocks", "N, parts of a batch whose gradients are added up in order");
  private final Param<String> optimizer = text("optimizer", "adam, sgd, adagrad or rmsprop");
  private final DoubleParam lr = number("lr", "the learning rate");
  private final Param<String> schedule = text("schedule", "how the learning rate changes");
  private final DoubleParam decay = number("decay", "weight decay");
  private final Param<String> group =
      text("group", "other rates and decays of some parameters, with semicolons between them");
  private final Param<String> clip = text("clip", "largest norm of the gradient");
  private final IntParam accumulate = whole("accumulate", "batches of an update");
  private final Param<String> average = text("average", "the average of parameters to keep");
  private final IntParam patience = whole("patience", "validations without gain");
  private final IntParam interval = whole("interval", "updates between validations");

  UpdateParams(String uid) {
    super(uid);
  }

  /// B.
  public final IntParam batch() {
    return batch;
  }

  /// Sets [#batch()].
  public final E setBatch(int value) {
    return with(batch, value);
  }

  /// How often a training goes through the data.
  public final IntParam epochs() {
    return epochs;
  }

  /// Sets [#epochs()].
  public final E setEpochs(int value) {
    return with(epochs, value);
  }

  /// N, in how many parts a batch is summed; as many as [PlaceParams#workers()], unless it is set.
  public final IntParam blocks() {
    return blocks;
  }

  /// Sets [#blocks()].
  public final E setBlocks(int value) {
    return with(blocks, value);
  }

  /// How gradients become changes.
  public final Param<String> optimizer() {
    return optimizer;
  }

  /// Sets [#optimizer()].
  public final E setOptimizer(String value) {
    return with(optimizer, value);
  }

  /// The learning rate.
  public final DoubleParam lr() {
    return lr;
  }

  /// Sets [#lr()].
  public final E setLr(double value) {
    return with(lr, value);
  }

  /// How the learning rate changes.
  public final Param<String> schedule() {
    return schedule;
  }

  /// Sets [#schedule()].
  public final E setSchedule(String value) {
    return with(schedule, value);
  }

  /// Weight decay.
  public final DoubleParam decay() {
    return decay;
  }

  /// Sets [#decay()].
  public final E setDecay(double value) {
    return with(decay, value);
  }

  /// Other rates and decays, as multiples, of the parameters that a regular expression matches, with semicolons between
  /// several: `bias.*,decay=0;embedding.*,rate=0.1`.
  public final Param<String> group() {
    return group;
  }

  /// Sets [#group()].
  public final E setGroup(String value) {
    return with(group, value);
  }

  /// The largest norm of the gradient.
  public final Param<String> clip() {
    return clip;
  }

  /// Sets [#clip()].
  public final E setClip(String value) {
    return with(clip, value);
  }

  /// Batches of an update.
  public final IntParam accumulate() {
    return accumulate;
  }

  /// Sets [#accumulate()].
  public final E setAccumulate(int value) {
    return with(accumulate, value);
  }

  /// The average of the parameters that is kept.
  public final Param<String> average() {
    return average;
  }

  /// Sets [#average()].
  public final E setAverage(String value) {
    return with(average, value);
  }

  /// Validations in a row without gain, before it ends.
  public final IntParam patience() {
    return patience;
  }

  /// Sets [#patience()].
  public final E setPatience(int value) {
    return with(patience, value);
  }

  /// Updates between validations, besides those after epochs.
  public final IntParam interval() {
    return interval;
  }

  /// Sets [#interval()].
  public final E setInterval(int value) {
    return with(interval, value);
  }
}
