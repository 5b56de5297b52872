package dev.unfold.run.series;

import dev.unfold.head.Reduction;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.sequence.Batch;
import dev.unfold.train.data.TrainingData;
import java.util.ArrayList;
import java.util.List;

/// The windows at given origins, in their order.
final class OriginData implements TrainingData {
  private final SeriesSpec spec;
  private final List<Origin> origins;
  private final Windows windows;
  private final int batch;

  /// An origin of a channel.
  record Origin(Channel channel, int step) {}

  OriginData(SeriesSpec spec, List<Origin> origins, ElementType type, int batch) {
    this.spec = spec;
    this.origins = List.copyOf(origins);
    this.batch = Math.min(batch, origins.size());
    windows = new Windows(spec, type, this.batch);
  }

  @Override
  public int steps() {
    return spec.steps();
  }

  @Override
  public int batch() {
    return batch;
  }

  @Override
  public int updatesPerEpoch() {
    return Math.ceilDiv(origins.size(), batch);
  }

  /// The windows of the batch at `place`.
  List<Window> windows(long place) {
    int first = (int) (place % updatesPerEpoch()) * batch;
    List<Window> all = new ArrayList<>(batch);
    for (int i = first; i < Math.min(first + batch, origins.size()); i++) {
      all.add(new Window(spec, origins.get(i).channel(), origins.get(i).step()));
    }
    return all;
  }

  Batch batch(List<Window> of) {
    return windows.of(of);
  }

  @Override
  public Batch batch(long place) {
    return batch(windows(place));
  }

  @Override
  public boolean goesOn(long place) {
    return false;
  }

  @Override
  public Reduction reduction() {
    return Reduction.MEAN;
  }
}
