package dev.unfold.measure;

import dev.unfold.argument.Expect;
import dev.unfold.head.Reduction;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.sequence.Batch;
import dev.unfold.train.data.TrainingData;

/// Data whose batches are timed and counted.
public final class TimedData implements TrainingData {
  private final TrainingData data;
  private long nanos;
  private long rows;

  /// @param data where the batches come from
  public TimedData(TrainingData data) {
    this.data = Expect.given("data", data);
  }

  /// How long it took to make all batches so far.
  public double seconds() {
    return nanos / 1e9;
  }

  /// T*B of each batch, summed over all so far.
  public long rows() {
    return rows;
  }

  @Override
  public Batch batch(long place) {
    long begun = System.nanoTime();
    Batch batch = data.batch(place);
    nanos += System.nanoTime() - begun;
    rows += (long) batch.steps() * batch.batch();
    return batch;
  }

  @Override
  public int steps() {
    return data.steps();
  }

  @Override
  public int batch() {
    return data.batch();
  }

  @Override
  public int updatesPerEpoch() {
    return data.updatesPerEpoch();
  }

  @Override
  public int places() {
    return data.places();
  }

  @Override
  public long next(long place) {
    return data.next(place);
  }

  @Override
  public boolean goesOn(long place) {
    return data.goesOn(place);
  }

  @Override
  public int window() {
    return data.window();
  }

  @Override
  public void setWindow(int window) {
    data.setWindow(window);
  }

  @Override
  public void adapt(long updates, Network network, Team team) {
    data.adapt(updates, network, team);
  }

  @Override
  public Reduction reduction() {
    return data.reduction();
  }
}
