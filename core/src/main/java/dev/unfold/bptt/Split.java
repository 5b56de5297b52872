package dev.unfold.bptt;

import dev.unfold.kernels.Team;
import dev.unfold.plan.Plan;
import dev.unfold.plan.Stage;
import java.util.List;

/// What the threads split among themselves.
enum Split {
  /// Rows: no thread needs what another computes.
  ROWS,

  /// Units, for all rows: the threads meet before each product, whose operand each needs whole.
  UNITS;

  /// With fewer rows for each thread than this, units are split: a product's tile has four rows or eight.
  private static final int FEWEST_ROWS = 4;

  /// With a state of so many units, units are split in the time loop whatever the batch: the weights then are too large for a thread to
  /// let all of them pass by at each step.
  private static final int WIDE = 1024;

  /// What has been found to be faster for the time loop, of what the layer allows.
  static Split ofLoop(Layer layer, int batch, int threads) {
    boolean wide = layer.plan().stateWidths().stream().anyMatch(width -> width >= WIDE);
    boolean pays = threads > 1 && (wide || isFew(batch, threads));
    return pays && allowsUnits(layer, threads) ? UNITS : ROWS;
  }

  /// The same for stages that run on `rows` rows of many steps at once.
  static Split ofChunk(Layer layer, List<Stage> stages, int rows, int threads) {
    return isFew(rows, threads) && allowsUnits(layer, stages, threads) ? UNITS : ROWS;
  }

  private static boolean isFew(int rows, int threads) {
    return threads > 1 && rows < FEWEST_ROWS * threads;
  }

  /// Whether the units of a step of `layer` can be split among `threads` threads, with work for each.
  static boolean allowsUnits(Layer layer, int threads) {
    return allowsUnits(layer, layer.plan().forward(), threads)
        && allowsUnits(layer, layer.plan().backward(), threads);
  }

  private static boolean allowsUnits(Layer layer, List<Stage> stages, int threads) {
    return Plan.areSplitByUnits(stages, threads, layer.kernels().alignment());
  }

  /// The share of `rows` rows that the part-th thread of `team` has.
  Share share(Layer layer, int rows, int part, Team team) {
    return switch (this) {
      case ROWS -> Share.Rows.of(rows, part, team.size());
      case UNITS ->
          new Share.Units(new Blocks(part, team.size(), layer.kernels().alignment()), rows, team);
    };
  }
}
