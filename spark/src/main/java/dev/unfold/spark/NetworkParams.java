package dev.unfold.spark;

import org.apache.spark.ml.Model;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.LongParam;
import org.apache.spark.ml.param.Param;

/// Which network is trained, and how it starts.
///
/// @param <M> what is trained
/// @param <E> the estimator itself
public abstract class NetworkParams<M extends Model<M>, E> extends OptionParams<M, E> {
  private static final long serialVersionUID = 1;

  private final Param<String> cell = text("cell", "the recurrence: lstm, gru, elman, ...");
  private final Param<String> size = text("size", "sizes of the cell's own: P=N,...");
  private final IntParam heads = whole("heads", "blocks of the recurrent matrices");
  private final Param<String> hidden = text("hidden", "H, hidden units of a layer, or auto");
  private final Param<String> layers = text("layers", "how many layers, or what each is");
  private final Param<String> wiring = text("wiring", "residual, tied, factored");
  private final Param<String> dropout = text("dropout", "random masks to train with");
  private final Param<String> init = text("init", "how the parameters start");
  private final LongParam seed = new LongParam(this, "seed", "of all that is random");

  NetworkParams(String uid) {
    super(uid);
  }

  /// The recurrence.
  public final Param<String> cell() {
    return cell;
  }

  /// Sets [#cell()].
  public final E setCell(String value) {
    return with(cell, value);
  }

  /// Sizes of the cell's own: `P=128`.
  public final Param<String> size() {
    return size;
  }

  /// Sets [#size()].
  public final E setSize(String value) {
    return with(size, value);
  }

  /// How many blocks the recurrent matrices have.
  public final IntParam heads() {
    return heads;
  }

  /// Sets [#heads()].
  public final E setHeads(int value) {
    return with(heads, value);
  }

  /// H.
  public final Param<String> hidden() {
    return hidden;
  }

  /// Sets [#hidden()].
  public final E setHidden(String value) {
    return with(hidden, value);
  }

  /// How many layers there are, or what each is: `lstm:64,gru:32`.
  public final Param<String> layers() {
    return layers;
  }

  /// Sets [#layers()].
  public final E setLayers(String value) {
    return with(layers, value);
  }

  /// What the network has beyond layers: `residual`, `tied`, `factored`.
  public final Param<String> wiring() {
    return wiring;
  }

  /// Sets [#wiring()].
  public final E setWiring(String value) {
    return with(wiring, value);
  }

  /// Random masks to train with.
  public final Param<String> dropout() {
    return dropout;
  }

  /// Sets [#dropout()].
  public final E setDropout(String value) {
    return with(dropout, value);
  }

  /// How the parameters start.
  public final Param<String> init() {
    return init;
  }

  /// Sets [#init()].
  public final E setInit(String value) {
    return with(init, value);
  }

  /// The seed of all that is random.
  public final LongParam seed() {
    return seed;
  }

  /// Sets [#seed()].
  public final E setSeed(long value) {
    return with(seed, value);
  }
}
