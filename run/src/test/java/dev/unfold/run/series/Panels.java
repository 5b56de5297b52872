package dev.unfold.run.series;

import dev.unfold.data.profile.Frequency;
import dev.unfold.data.profile.FrequencyUnit;
import dev.unfold.data.series.Duplicates;
import dev.unfold.data.series.Numbers;
import dev.unfold.data.series.Panel;
import dev.unfold.data.series.Series;
import dev.unfold.data.series.SeriesColumns;
import dev.unfold.data.series.Timeline;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/// Hourly series that are made up: two targets, of which some values are missing, a known number and a known text, a
/// past number and a past text, and a static text.
public final class Panels {
  static final int TARGETS = 2;

  private static final long HOUR = 3_600_000_000L;

  private static final List<List<String>> WORDS =
      List.of(List.of("work", "feast"), List.of("rain", "sun", "snow"), List.of("a", "b"));

  private Panels() {}

  /// Series of `lengths` steps, all of which end at the same time.
  public static Panel of(long seed, int... lengths) {
    SplittableRandom random = new SplittableRandom(seed);
    int longest = 0;
    for (int length : lengths) {
      longest = Math.max(longest, length);
    }
    List<Series> all = new ArrayList<>();
    for (int s = 0; s < lengths.length; s++) {
      all.add(series(random, s, lengths[s], longest - lengths[s]));
    }
    SeriesColumns columns =
        new SeriesColumns(
            List.of("t"),
            List.of("id"),
            List.of("y", "z"),
            List.of("price", "day"),
            List.of("wind", "sky"),
            List.of("kind"),
            Optional.empty(),
            false,
            Duplicates.REFUSE);
    return new Panel(
        columns,
        new Frequency(FrequencyUnit.HOUR, 1),
        List.of("y", "z", "price", "wind"),
        List.of("day", "sky", "kind"),
        WORDS,
        all);
  }

  private static Series series(SplittableRandom random, int s, int length, int later) {
    double[][] numbers = new double[4][length];
    int[][] texts = new int[3][length];
    for (int t = 0; t < length; t++) {
      double season = 3 * Math.sin(2 * Math.PI * (t + later) / 24);
      for (int target = 0; target < TARGETS; target++) {
        boolean isMissing = random.nextInt(20) == 0;
        double value = 20 + 5 * target + 2 * s + season + random.nextGaussian();
        numbers[target][t] = isMissing ? Double.NaN : Math.rint(value);
      }
      numbers[2][t] = random.nextGaussian();
      numbers[3][t] = random.nextInt(10) == 0 ? Double.NaN : random.nextGaussian();
      texts[0][t] = random.nextInt(2);
      texts[1][t] = random.nextInt(4) - 1;
      texts[2][t] = s % 2;
    }
    numbers[0][length - 1] = 20;
    Timeline timeline =
        new Timeline(
            new Frequency(FrequencyUnit.HOUR, 1), later * HOUR, later * HOUR, Optional.empty());
    return new Series("s" + s, List.of("s" + s), timeline, numbers, texts);
  }

  /// A copy that can be changed.
  static Panel copy(Panel panel) {
    return with(
        panel,
        panel.series().stream()
            .map(each ->
                new Series(
                    each.name(),
                    each.keys(),
                    each.timeline(),
                    copy(each.numbers()),
                    copy(each.texts())))
            .toList());
  }

  private static Numbers[] copy(Numbers... columns) {
    return Arrays.stream(columns)
        .map(each -> Numbers.of(each.copy(0, each.length())))
        .toArray(Numbers[]::new);
  }

  /// The same with other series.
  static Panel with(Panel panel, List<Series> series) {
    return new Panel(
        panel.columns(),
        panel.frequency(),
        panel.numbers(),
        panel.texts(),
        panel.dictionary(),
        series);
  }
}
