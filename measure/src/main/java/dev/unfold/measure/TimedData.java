package dev.unfold.measure;

import dev.unfold.sequence.Batch;
import dev.unfold.train.data.DerivedData;
import dev.unfold.train.data.TrainingData;

/// Data whose batches are timed and counted.
public final class TimedData extends DerivedData {
  private long nanos;
  private long rows;

  /// @param data where the batches come from
  public TimedData(TrainingData data) {
    super(data);
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
    Batch batch = data().batch(place);
    nanos += System.nanoTime() - begun;
    rows += (long) batch.steps() * batch.batch();
    return batch;
  }
}
