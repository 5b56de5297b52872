package dev.unfold.run.series;

import dev.unfold.head.Reduction;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.sequence.Batch;
import dev.unfold.train.data.TrainingData;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Windows at random origins: each channel is as likely as any other, and in it each origin of the training part. The
/// windows of a batch follow from its place and the seed alone.
final class WindowData implements TrainingData {
  /// Batches of an epoch, at most: with more windows than that, an epoch is a part of them.
  private static final int MOST_BATCHES = 50;

  private final SeriesSpec spec;
  private final List<Span> spans;
  private final Windows windows;
  private final int batch;
  private final int perEpoch;
  private final long seed;

  /// Origins of a channel from `first` to `last`.
  record Span(Channel channel, int first, int last) {
    int origins() {
      return last - first + 1;
    }
  }

  WindowData(SeriesSpec spec, List<Span> spans, ElementType type, int batch, long seed) {
    this.spec = spec;
    this.spans = spans;
    this.batch = batch;
    this.seed = seed;
    long all = spans.stream().mapToLong(Span::origins).sum();
    perEpoch = (int) Math.clamp(Math.ceilDiv(all, batch), 1, MOST_BATCHES);
    windows = new Windows(spec, type, batch);
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
    return perEpoch;
  }

  @Override
  public Batch batch(long place) {
    SplittableRandom random =
        new SplittableRandom(new SplittableRandom(seed).nextLong() + place);
    List<Window> drawn = new ArrayList<>(batch);
    for (int b = 0; b < batch; b++) {
      Span span = spans.get(random.nextInt(spans.size()));
      int origin = span.first() + random.nextInt(span.origins());
      drawn.add(new Window(spec, span.channel(), origin));
    }
    return windows.of(drawn);
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
