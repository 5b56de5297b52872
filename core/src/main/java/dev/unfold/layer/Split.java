package dev.unfold.layer;

import dev.unfold.plan.Group;
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

  /// With a state of so many units a head, units are split in the time loop whatever the batch: the weights then are
  /// too large for a thread to let all of them pass by at each step.
  private static final int WIDE = 1024;

  /// With fewer units for each thread than this, they are not worth a meeting.
  private static final int FEWEST_UNITS = 96;

  /// What has been found to be faster for the time loop, of what the layer allows.
  static Split ofLoop(Layer layer, int batch, int threads) {
    boolean isWide = width(layer) / heads(layer) >= WIDE;
    boolean pays = threads > 1 && (isWide || isWorthMeeting(layer, batch, threads));
    return pays && allowsUnits(layer, threads) ? UNITS : ROWS;
  }

  /// The same for stages that run on `rows` rows of many steps at once.
  static Split ofChunk(Layer layer, List<Stage> stages, int rows, int threads) {
    boolean pays = threads > 1 && isWorthMeeting(layer, rows, threads);
    return pays && allowsUnits(layer, stages, threads) ? UNITS : ROWS;
  }

  private static boolean isWorthMeeting(Layer layer, int rows, int threads) {
    return rows < FEWEST_ROWS * threads && width(layer) >= FEWEST_UNITS * threads;
  }

  /// The most units of a state.
  private static int width(Layer layer) {
    return layer.plan().memory().states().stream().mapToInt(width -> width).max().orElse(0);
  }

  private static int heads(Layer layer) {
    return layer.plan().step().groups().stream().mapToInt(Group::heads).max().orElse(1);
  }

  /// Whether the units of a step of `layer` can be split among `threads` threads, with work for each.
  static boolean allowsUnits(Layer layer, int threads) {
    return allowsUnits(layer, layer.plan().forward().loop(), threads)
        && allowsUnits(layer, layer.plan().backward().loop(), threads);
  }

  private static boolean allowsUnits(Layer layer, List<Stage> stages, int threads) {
    return Plan.areSplitByUnits(stages, threads, layer.kernels().alignment());
  }

  /// The share that the part-th of `parts` parts has.
  Share share(Layer layer, int part, int parts) {
    return switch (this) {
      case ROWS -> new Share.Rows(part, parts);
      case UNITS -> new Share.Units(new Blocks(part, parts, layer.kernels().alignment()));
    };
  }
}
