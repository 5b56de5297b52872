package dev.unfold.run.series;

import dev.unfold.data.series.Panel;
import dev.unfold.data.series.Series;
import dev.unfold.data.source.DataException;
import dev.unfold.run.series.OriginData.Origin;
import dev.unfold.run.series.WindowData.Span;
import java.util.ArrayList;
import java.util.List;

/// What is learned from a panel: all that follows from its training part, the windows to learn from, and those to
/// choose the best parameters by, which begin where the former end.
///
/// @param spec what the network reads
/// @param training origins to learn from
/// @param validation origins to choose by
/// @param parts all series without their test parts
record SeriesPlan(SeriesSpec spec, List<Span> training, List<Origin> validation, List<Part> parts) {
  /// Windows to validate on, at most, and of one channel.
  private static final int MOST_VALIDATED = 600;

  private static final int MOST_OF_CHANNEL = 9;

  /// The validation part is this share of a series, and so many horizons at most.
  private static final int SHARE = 10;

  private static final int HORIZONS = 10;

  /// Steps of a series.
  ///
  /// @param channel its first target
  /// @param from the first step
  /// @param end the one behind the last
  record Part(Channel channel, int from, int end) {
    /// Copies what is known at a step beside the targets.
    void copy(int t, double[] numbers, int... texts) {
      int targets = channel.series().numbers().length - numbers.length;
      for (int c = 0; c < numbers.length; c++) {
        numbers[c] = channel.series().numbers()[targets + c].at(from + t);
      }
      for (int c = 0; c < texts.length; c++) {
        texts[c] = channel.text(c, from + t);
      }
    }
  }

  /// What follows from `panel`.
  ///
  /// **Errors**: [DataException] if no series is long enough.
  static SeriesPlan of(Panel panel, SeriesOptions options) {
    int horizon = options.horizon();
    int targets = panel.targets();
    Cut test = Cut.before(panel, options.holdout());
    int[] lengths =
        panel.series().stream().mapToInt(each -> test.end(each, targets)).sorted().toArray();
    int median = lengths[lengths.length / 2];
    int held =
        options
            .validation()
            .orElseGet(() -> Math.clamp(median / SHARE, horizon, most(options, median)));
    Cut cut = Cut.before(panel, Math.addExact(options.holdout(), held));
    SeriesSpec spec = new SpecFinder(panel, options, cut, test).spec();
    List<Span> training = new ArrayList<>();
    List<Origin> validation = new ArrayList<>();
    List<Part> parts = new ArrayList<>();
    int longest = 0;
    for (Channel channel : Channels.of(panel, spec).all()) {
      Series series = channel.series();
      int end = cut.end(series, targets);
      channel.expectScaled(spec.numbers().get(channel.target()), end);
      longest = Math.max(longest, end);
      if (channel.target() == 0) {
        parts.add(new Part(channel, 0, test.end(series, targets)));
      }
      int first = Math.min(spec.context(), Math.max(2, spec.season() + 1));
      if (end - horizon >= first) {
        training.add(new Span(channel, first, end - horizon));
      }
      int last = test.end(series, targets) - horizon;
      int stride = Math.max(1, Math.ceilDiv(held - horizon, MOST_OF_CHANNEL - 1));
      for (int origin = last; origin >= Math.max(end, 2); origin -= stride) {
        if (new Window(spec, channel, origin).hasTargets()) {
          int learned = horizon == 1 ? Math.max(end, origin - spec.warm()) : origin;
          validation.add(new Origin(channel, origin, learned));
        }
      }
    }
    if (validation.isEmpty() && !training.isEmpty()) {
      throw new DataException(
          ("expected values in the %,d steps before the last %,d, to choose the best parameters by,"
                  + " in a series that has begun before them, got none; --validate sets how many")
              .formatted(held, options.holdout()));
    }
    if (training.isEmpty()) {
      throw new DataException(
          ("expected a series with more than %,d steps before its last %,d, which are held out for"
                  + " validation and test, got %,d at most")
              .formatted(
                  Math.min(spec.context(), Math.max(2, spec.season() + 1)) + horizon,
                  held + options.holdout(),
                  longest));
    }
    return new SeriesPlan(spec, List.copyOf(training), thinned(validation), List.copyOf(parts));
  }

  /// Steps of a validation part, at most. With a state that is carried a tenth of the series, as
  /// steps before an origin count there as well.
  private static int most(SeriesOptions options, int median) {
    int horizons = Math.multiplyExact(HORIZONS, options.horizon());
    return options.state() == StateUse.CARRIED ? Math.max(horizons, median / SHARE) : horizons;
  }

  /// Evenly fewer, if there are many.
  private static List<Origin> thinned(List<Origin> all) {
    if (all.size() <= MOST_VALIDATED) {
      return List.copyOf(all);
    }
    List<Origin> some = new ArrayList<>();
    for (int i = 0; i < MOST_VALIDATED; i++) {
      some.add(all.get((int) ((long) i * all.size() / MOST_VALIDATED)));
    }
    return some;
  }
}
