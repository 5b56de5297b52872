package dev.unfold.train.data;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.flow.TruncationMeter;
import dev.unfold.head.Reduction;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.sequence.Batch;
import java.util.ArrayList;
import java.util.List;

/// A text as [TextData] lays it out, read in windows of k steps, where k follows what shorter windows would cost: at
/// first and after every 250 updates it becomes the least of 1, 2, 4, ..., T whose windows give gradients within a
/// relative error of the exact ones, with its 95 % interval, as [TruncationMeter] finds it on eight pairs of stretches
/// of T steps; T if there is none.
///
/// A place is a step of the streams: so an epoch reads all of them whatever k is, and a run can go on from any.
///
/// **Cost**: a measurement takes about as long as 144 T steps of one sequence, forward and back.
///
/// **Source**: C. Aicher, N. J. Foti and E. B. Fox, Adaptively truncating backpropagation through time to control
/// gradient bias, UAI 2019 (arXiv 1905.07473); there k follows a bound on the bias, here the measured one.
public final class AdaptiveText implements TrainingData {
  /// Updates from one measurement to the next.
  private static final int EVERY = 250;

  private static final int SAMPLES = 8;
  private static final int SAMPLE_BATCH = 2;

  private final int[] tokens;
  private final TextData whole;
  private final double tolerance;
  private final int length;
  private int window;

  /// @param tokens the text
  /// @param windows T and the tolerance
  /// @param batch B; fewer if the text has not that many windows of T steps
  ///     <br>**Errors**: [IllegalArgumentException] if it has none
  public AdaptiveText(int[] tokens, Windows windows, int batch) {
    this.tokens = Expect.given("tokens", tokens);
    tolerance = Expect.given("windows", windows).tolerance();
    whole = new TextData(tokens, windows.most(), batch);
    length = whole.length();
    window = whole.steps();
  }

  @Override
  public int steps() {
    return whole.steps();
  }

  @Override
  public int batch() {
    return whole.batch();
  }

  @Override
  public int updatesPerEpoch() {
    return whole.updatesPerEpoch();
  }

  @Override
  public int places() {
    return length;
  }

  @Override
  public long next(long place) {
    return place + count(place);
  }

  private int count(long place) {
    return Math.min(window, length - (int) (place % length));
  }

  @Override
  public Batch batch(long place) {
    return whole.batch((int) (place % length), count(place));
  }

  @Override
  public boolean goesOn(long place) {
    return place % length != 0;
  }

  @Override
  public Reduction reduction() {
    return Reduction.MEAN;
  }

  @Override
  public int window() {
    return window;
  }

  @Override
  public void setWindow(int window) {
    if (window < 1 || window > steps()) {
      throw new Refusal("window", "1 to T=%d steps".formatted(steps()), window);
    }
    this.window = window;
  }

  @Override
  public void adapt(long updates, Network network, Team team) {
    if (updates % EVERY == 0) {
      window =
          TruncationMeter.of(network, team, samples(updates / EVERY))
              .least(tolerance)
              .orElse(steps());
    }
  }

  /// Others each time.
  private List<Batch> samples(long round) {
    List<Batch> samples = new ArrayList<>();
    for (int i = 0; i < SAMPLES; i++) {
      // Its arrays are its own, which the next call would fill anew.
      TextData data = new TextData(tokens, steps(), SAMPLE_BATCH);
      int full = (tokens.length - 1) / data.batch() / data.steps();
      samples.add(data.batch((round * SAMPLES + i) % full));
    }
    return samples;
  }
}
