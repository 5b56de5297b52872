package dev.unfold.run.series;

import dev.unfold.head.Reduction;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.sequence.Batch;
import dev.unfold.train.data.TrainingData;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The windows at given origins, in their order.
final class OriginData implements TrainingData {
  private final SeriesSpec spec;
  private final List<Origin> origins;
  private final Windows windows;
  private final int batch;

  /// An origin of a channel.
  ///
  /// @param learned the first step whose value counts, which may lie before the origin if the state is carried
  /// @param lent an input that is read as it is at another origin
  record Origin(Channel channel, int step, int learned, Optional<Lent> lent) {
    Origin(Channel channel, int step) {
      this(channel, step, step);
    }

    Origin(Channel channel, int step, int learned) {
      this(channel, step, learned, Optional.empty());
    }

    Origin with(Lent other) {
      return new Origin(channel, step, learned, Optional.of(other));
    }

    Window window(SeriesSpec spec) {
      Window own = new Window(spec, channel, step).learnedFrom(learned);
      return lent.map(each -> own.with(each.input(), each.from().window(spec))).orElse(own);
    }
  }

  /// An input as it is at an origin.
  record Lent(SeriesInput input, Origin from) {}

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
  private List<Window> windows(long place) {
    int first = (int) (place % updatesPerEpoch()) * batch;
    List<Window> all = new ArrayList<>(batch);
    for (int i = first; i < Math.min(first + batch, origins.size()); i++) {
      all.add(origins.get(i).window(spec));
    }
    return all;
  }

  @Override
  public Batch batch(long place) {
    return windows.of(windows(place));
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
