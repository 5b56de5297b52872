package dev.unfold.bptt;

import dev.unfold.kernels.Team;

/// What the threads split among themselves in the time loop.
enum Split {
  /// Rows of the batch: no thread needs what another computes.
  ROWS,

  /// Units, for all rows of the batch: the threads meet before each product, whose operand each needs whole.
  UNITS;

  /// With fewer rows for each thread than this, units are split: a product's tile has four rows or eight.
  private static final int FEWEST_ROWS = 4;

  /// With a state of so many units, units are split whatever the batch: the weights then are too large for a thread to
  /// let all of them pass by at each step.
  private static final int WIDE = 1024;

  /// What has been found to be faster, of what the layer allows.
  static Split of(Layer layer, int batch, int threads) {
    boolean fewRows = batch < FEWEST_ROWS * threads;
    boolean wide = layer.plan().stateWidths().stream().anyMatch(width -> width >= WIDE);
    return threads > 1 && (fewRows || wide) && allowsUnits(layer, threads) ? UNITS : ROWS;
  }

  /// Whether the units of `layer` can be split among `threads` threads, with work for each.
  static boolean allowsUnits(Layer layer, int threads) {
    return layer.plan().isSplitByUnits(threads, layer.kernels().alignment());
  }

  /// The share of a step that the part-th thread of `team` has.
  Share share(Layer layer, int batch, int part, Team team) {
    return switch (this) {
      case ROWS -> Share.Rows.of(batch, part, team.size());
      case UNITS ->
          new Share.Units(new Blocks(part, team.size(), layer.kernels().alignment()), team);
    };
  }
}
