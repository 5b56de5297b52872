package dev.unfold.layer;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.LayerMemory.Cursor;
import dev.unfold.plan.Group;
import dev.unfold.plan.Place;
import dev.unfold.plan.Plan;
import dev.unfold.plan.Stage;
import java.util.ArrayList;
import java.util.List;

/// One part's share of what leaves the time loop on the way back, for the rows of a number of steps at once. Each
/// method is told which steps these are, by the first and the number of their rows; all of them have the same
/// sequences.
final class BackwardChunk {
  private final Kernels kernels;
  private final Strides late;
  private final Strides epilogue;
  // Arrays, because to iterate over a list allocates.
  private final WeightGradient[] weights;
  private final VectorGradient[] vectors;
  private List<Matrix> gradients;

  /// A part of a parameter's gradient: deltas^T times columns of the operand.
  private static final class WeightGradient {
    private final Cursor deltas;
    private final Cursor operand;
    private final int parameter;
    private final int row;
    private final int column;
    private Matrix target;

    /// @param row the first of the rows of parameter `parameter` that `deltas` shows
    /// @param column the first of its columns that `operand` shows
    WeightGradient(Cursor deltas, Cursor operand, int parameter, int row, int column) {
      this.deltas = deltas;
      this.operand = operand;
      this.parameter = parameter;
      this.row = row;
      this.column = column;
    }
  }

  /// The sums of columns of a sequence: `rows` shows those of this share, of which the first is the sequence's
  /// `column`-th. They are added to as many numbers of each of `places`, from there on.
  private static final class VectorGradient {
    private final Cursor rows;
    private final List<Plan.VectorTarget> places;
    private final int column;
    private final Matrix[] targets;

    VectorGradient(Cursor rows, List<Plan.VectorTarget> places, int column) {
      this.rows = rows;
      this.places = places;
      this.column = column;
      targets = new Matrix[places.size()];
    }
  }

  /// @param rows the most rows that it is told
  /// @param part whose share
  /// @param parts how many there are
  BackwardChunk(Layer layer, LayerMemory memory, int rows, int part, int parts) {
    kernels = layer.kernels();
    Plan plan = layer.plan();
    Chunk.Size size = new Chunk.Size(rows, part, parts);
    late = Chunk.strides(layer, memory, plan.backward().late(), Phase.INPUT_GRADIENT, size);
    List<Stage> stages = memory.inputGradient == null ? List.of() : plan.backward().epilogue();
    epilogue = Chunk.strides(layer, memory, stages, Phase.INPUT_GRADIENT, size);
    weights = weightGradients(plan, memory, part, parts);
    vectors = vectorGradients(plan, memory, part, parts);
  }

  private WeightGradient[] weightGradients(Plan plan, LayerMemory memory, int part, int parts) {
    GradientWork work = new GradientWork(plan.step().groups(), kernels.alignment());
    List<WeightGradient> gradients = new ArrayList<>();
    for (int g = 0; g < plan.step().groups().size(); g++) {
      int from = work.firstColumn(g, part, parts);
      int until = work.firstColumn(g, part + 1, parts);
      if (until > from) {
        addWeight(plan, memory, g, new Share.Span(from, until - from), gradients);
      }
    }
    return gradients.toArray(WeightGradient[]::new);
  }

  /// What belongs to some numbers of a group's operand: of a whole matrix all rows, of one with heads those of the same
  /// head in each slice.
  private static void addWeight(
      Plan plan, LayerMemory memory, int g, Share.Span span, List<WeightGradient> gradients) {
    Group group = plan.step().groups().get(g);
    Place deltas = plan.backward().deltas().get(g);
    Place operand = plan.forward().operands().get(g);
    if (group.heads() == 1) {
      Cursor own = memory.cursor(operand.slice(span.from(), span.count()));
      gradients.add(new WeightGradient(memory.cursor(deltas), own, group.weight(), 0, span.from()));
      return;
    }
    int width = group.columns();
    int until = span.from() + span.count();
    for (int head = span.from() / width; head * width < until; head++) {
      int from = Math.max(span.from(), head * width);
      int count = Math.min(until, (head + 1) * width) - from;
      for (Group.Slice slice : group.slices()) {
        int row = slice.from() + head * width;
        Cursor ofHead = memory.cursor(deltas.slice(row, width));
        Cursor own = memory.cursor(operand.slice(from, count));
        gradients.add(new WeightGradient(ofHead, own, group.weight(), row, from - head * width));
      }
    }
  }

  private static VectorGradient[] vectorGradients(
      Plan plan, LayerMemory memory, int part, int parts) {
    List<VectorGradient> gradients = new ArrayList<>();
    for (Plan.VectorGradient vector : plan.backward().vectorGradients()) {
      int width = vector.rows().width();
      int from = Team.from(width, part, parts);
      int count = Team.from(width, part + 1, parts) - from;
      if (count > 0) {
        Cursor source = memory.cursor(vector.rows().slice(from, count));
        gradients.add(new VectorGradient(source, vector.targets(), from));
      }
    }
    return gradients.toArray(VectorGradient[]::new);
  }

  /// How many phases [#runLate] has: none if there are no such signals.
  int latePhases() {
    return late.phases(1);
  }

  /// Computes, for the steps from `t` on, the error signals that feed no state's derivative.
  void runLate(int phase, int t, int rows, PhaseClock clock) {
    late.run(phase, t, 1, 1, rows, clock);
  }

  /// How many phases [#runEpilogue] has: none if the input's derivative is not wanted.
  int epiloguePhases() {
    return epilogue.phases(1);
  }

  /// Computes the input's derivative at the steps from `t` on.
  void runEpilogue(int phase, int t, int rows, PhaseClock clock) {
    epilogue.run(phase, t, 1, 1, rows, clock);
  }

  /// Adds what the steps from `t` on give to the parameters' derivatives.
  void addGradients(int t, int rows, List<Matrix> to) {
    aim(to);
    for (WeightGradient weight : weights) {
      weight.deltas.moveTo(t, 0, rows);
      weight.operand.moveTo(t, 0, rows);
      kernels.multiplyTransposedAdd(weight.deltas.window, weight.operand.window, weight.target);
    }
    for (VectorGradient vector : vectors) {
      vector.rows.moveTo(t, 0, rows);
      kernels.sumRowsAdd(vector.rows.window, vector.targets);
    }
  }

  /// Makes the windows onto the gradients, which are mostly those of the call before.
  @SuppressWarnings("ReferenceEquality") // the same list, not one of equal matrices
  private void aim(List<Matrix> to) {
    if (gradients == to) {
      return;
    }
    for (WeightGradient weight : weights) {
      weight.target =
          to.get(weight.parameter)
              .rows(weight.row, weight.deltas.window.cols())
              .columns(weight.column, weight.operand.window.cols());
    }
    for (VectorGradient vector : vectors) {
      for (int i = 0; i < vector.targets.length; i++) {
        Plan.VectorTarget place = vector.places.get(i);
        vector.targets[i] =
            to.get(place.parameter())
                .columns(place.from() + vector.column, vector.rows.window.cols());
      }
    }
    gradients = to;
  }
}
