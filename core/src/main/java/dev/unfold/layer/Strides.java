package dev.unfold.layer;

import dev.unfold.plan.Stage;
import java.util.ArrayList;
import java.util.List;

/// One part's stages of some steps, cut into phases of a team's task ([dev.unfold.kernels.work.Team.Phases]): where
/// units are split, a product's operand is needed whole, so a phase begins before each product. Where rows are, all
/// steps are one phase.
///
/// What a step does before its first product is done in the same phase as the last product of the step before.
final class Strides {
  private final Timing timing;
  private final boolean isEmpty;
  private final StageRunner whole;
  private final StageRunner head;
  private final StageRunner[] strides;

  /// What the time counts as.
  record Timing(Phase product, Phase pointwise) {}

  /// @param share the part's
  Strides(Layer layer, LayerMemory memory, List<Stage> stages, Share share, Timing timing) {
    this.timing = timing;
    isEmpty = stages.isEmpty();
    List<List<Stage>> cuts = cut(stages, share);
    List<StageRunner> runners = new ArrayList<>();
    cuts.forEach(cut -> runners.add(StageRunner.ofShare(layer, memory, cut, share)));
    whole = cuts.size() == 1 ? runners.getFirst() : null;
    head = cuts.getFirst().isEmpty() ? null : runners.getFirst();
    strides = runners.subList(1, runners.size()).toArray(StageRunner[]::new);
  }

  /// What is before the first product, which may be nothing, and then from each stage with products to the next.
  private static List<List<Stage>> cut(List<Stage> stages, Share share) {
    List<List<Stage>> cuts = new ArrayList<>();
    cuts.add(new ArrayList<>());
    for (Stage stage : stages) {
      if (share instanceof Share.Units && !stage.products().isEmpty()) {
        cuts.add(new ArrayList<>());
      }
      cuts.getLast().add(stage);
    }
    return cuts;
  }

  /// How many phases `steps` steps have.
  int phases(int steps) {
    if (whole != null) {
      return isEmpty ? 0 : 1;
    }
    return steps * strides.length + (head == null ? 0 : 1);
  }

  /// Runs one phase of `steps` steps that have `rows` rows each. Step k of them is `first + k * direction`.
  ///
  /// @param clock counts the time, or null
  void run(int phase, int first, int direction, int steps, int rows, PhaseClock clock) {
    if (whole != null) {
      for (int step = 0; step < steps; step++) {
        run(whole, first + step * direction, rows, clock);
      }
      return;
    }
    int stride = head == null ? phase : phase - 1;
    if (stride >= 0) {
      int step = stride / strides.length;
      run(strides[stride % strides.length], first + step * direction, rows, clock);
    }
    int next = (stride + 1) / strides.length;
    if (head != null && (stride + 1) % strides.length == 0 && next < steps) {
      run(head, first + next * direction, rows, clock);
    }
  }

  private void run(StageRunner runner, int t, int rows, PhaseClock clock) {
    if (clock == null) {
      runner.run(t, rows);
    } else {
      runner.run(t, rows, clock, timing.product, timing.pointwise);
    }
  }
}
