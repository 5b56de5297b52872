package dev.unfold.run.series;

import dev.unfold.data.series.Panel;
import dev.unfold.data.series.Series;
import java.util.OptionalLong;

/// Where a panel is cut: at one time for all of its series, or, if steps are but an order, so many steps before the end
/// of each.
///
/// @param last the position of the last step before the cut; empty for an order
/// @param steps how many steps before the end that is
record Cut(OptionalLong last, int steps) {

  /// The cut `steps` steps before the last target of `panel`.
  static Cut before(Panel panel, int steps) {
    int targets = panel.targets();
    OptionalLong last =
        panel.series().stream()
            .filter(series -> !series.timeline().isOrder() && series.observed(targets) > 0)
            .mapToLong(series -> series.timeline().position(series.observed(targets) - 1L - steps))
            .max();
    return new Cut(last, steps);
  }

  /// How many steps of a series lie before the cut.
  int end(Series series, int targets) {
    int observed = series.observed(targets);
    if (last.isEmpty()) {
      return Math.max(0, observed - steps);
    }
    int from = 0;
    int until = observed;
    while (from < until) {
      int middle = (from + until) >>> 1;
      if (series.timeline().position(middle) > last.getAsLong()) {
        until = middle;
      } else {
        from = middle + 1;
      }
    }
    return from;
  }
}
