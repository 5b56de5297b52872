package dev.unfold.bptt;

import dev.unfold.kernels.Team;

/// What the threads split among themselves in the time loop.
enum Split {
  /// Rows of the batch: no thread needs what another computes.
  ROWS,

  /// Units, for all rows of the batch: the threads meet before each product, whose operand each needs whole.
  UNITS;

  /// Units if there are fewer rows than threads and the layer's units can be split, otherwise rows.
  static Split of(Layer layer, int batch, int threads) {
    return batch < threads && allowsUnits(layer, threads) ? UNITS : ROWS;
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
