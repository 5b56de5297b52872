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
  /// Batches of an epoch, however many windows there are.
  private static final int BATCHES = 50;

  /// How often an origin is drawn until one has values behind it.
  private static final int DRAWS = 16;

  /// One of so many windows has unknown texts.
  private static final int UNKNOWN = 50;

  private final SeriesSpec spec;
  private final List<Span> spans;
  private final Windows windows;
  private final int batch;
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
    return BATCHES;
  }

  @Override
  public Batch batch(long place) {
    SplittableRandom random = new SplittableRandom(new SplittableRandom(seed).nextLong() + place);
    List<Window> drawn = new ArrayList<>(batch);
    for (int b = 0; b < batch; b++) {
      Span span = spans.get(random.nextInt(spans.size()));
      Window window = draw(span, random);
      boolean isUnknown = random.nextInt(UNKNOWN) == 0;
      drawn.add(isUnknown ? window.ofUnknown() : window);
    }
    return windows.of(drawn);
  }

  /// One with values to be foreseen, if there are not too few of them.
  private Window draw(Span span, SplittableRandom random) {
    Window window = null;
    for (int i = 0; i < DRAWS; i++) {
      int origin = span.first() + random.nextInt(span.origins());
      window =
          new Window(spec, span.channel(), origin)
              .learnedFrom(Math.max(span.first(), origin - spec.warm()));
      if (window.hasTargets()) {
        break;
      }
    }
    return window;
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
