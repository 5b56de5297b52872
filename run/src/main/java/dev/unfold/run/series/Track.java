package dev.unfold.run.series;

import java.time.LocalDateTime;

/// What is known of one target of one series, step by step. Steps that do not exist are missing.
interface Track {
  /// Which of the targets of its series.
  int target();

  /// The value at step `t` on the [Scale]; NaN for none.
  double at(int t);

  /// What a column of numbers has at step `t`; NaN for none.
  double number(int column, int t);

  /// What a column of texts has at step `t`, as the model numbers it: 0 for what is unknown, or missing.
  int text(int column, int t);

  /// What a clock shows at step `t`, as far as that is known at an origin: rows at any distances go on by the median
  /// one behind it.
  LocalDateTime local(int t, int origin);

  /// Microseconds from the row before to that of step `t`; NaN if there is none before.
  double gap(int t);

  /// How large values are as far as they are known at an origin, by all that came before it.
  Level levelBefore(int origin);
}
