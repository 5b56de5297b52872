package dev.unfold.bptt;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.Team;
import dev.unfold.plan.Group;
import dev.unfold.plan.Plan;
import java.util.List;

/// A recurrent layer unrolled over T steps for B sequences at once: full back-propagation through time.
///
/// [#forward] runs the cell for t = 0..T-1 and keeps what the adjoint needs. [#backward] follows the
/// error back for t = T-1..0 with the error signals already summed over the error times,
///
///     delta(t') = sum over t >= t' of delta(t', t)
///
/// and then sums what the shared weights collect, as one product over all T*B rows a matrix:
///
///     dE/dW = sum over t of delta(t)^T operand(t)
///
/// **Shapes**: input and its gradient `[T, B, I]`, output and its gradient `[T, B, H]`, states `[B, H]`, error
/// signals `[T, B, N]` for a merged matrix of N rows.
///
/// **Memory**: for each step and row the states, the kept values and the error signals; all of it is
/// allocated here, none while running.
///
/// **Threads**: one caller at a time. Rows of the batch are split among the team, then rows of the weight
/// gradients; never a summed dimension, so the result is the same for any team, bit for bit.
public final class UnrolledLayer {
  private final Plan plan;
  private final Kernels kernels;
  private final Team team;
  private final LayerMemory memory;
  private final StageRunner[] prologue;
  private final StageRunner[] forward;
  private final StageRunner[] backward;
  private final StageRunner[] late;
  private final StageRunner[] epilogue;

  /// @param layer the cell with its parameters
  /// @param team the threads
  /// @param input where the input is
  /// @param inputGradient where the derivative with respect to the input goes, or null if it is not wanted
  /// @param steps T
  /// @param batch B
  public UnrolledLayer(
      Layer layer, Team team, Sequence input, Sequence inputGradient, int steps, int batch) {
    this.plan = layer.plan();
    this.kernels = layer.kernels();
    this.team = team;
    memory = new LayerMemory(layer, input, inputGradient, steps, batch);
    int parts = team.size();
    prologue = new StageRunner[parts];
    forward = new StageRunner[parts];
    backward = new StageRunner[parts];
    late = new StageRunner[parts];
    epilogue = new StageRunner[parts];
    int rows = memory.rows();
    for (int part = 0; part < parts; part++) {
      int row = Team.from(rows, part, parts);
      int rowCount = Team.from(rows, part + 1, parts) - row;
      Share share = share(part, parts);
      prologue[part] = StageRunner.ofRows(layer, memory, plan.prologue(), row, rowCount);
      forward[part] = StageRunner.ofStep(layer, memory, plan.forward(), share, team);
      backward[part] = StageRunner.ofStep(layer, memory, plan.backward(), share, team);
      late[part] = StageRunner.ofRows(layer, memory, plan.late(), row, rowCount);
      if (inputGradient != null) {
        epilogue[part] = StageRunner.ofRows(layer, memory, plan.epilogue(), row, rowCount);
      }
    }
  }

  private Share share(int part, int parts) {
    int batch = memory.batch;
    String mode = System.getProperty("unfold.split", "auto");
    boolean units = mode.equals("units") || (mode.equals("auto") && batch < parts);
    return units && parts > 1 && plan.isSplitByUnits(parts, kernels.alignment())
        ? new Share.Units(part, parts, kernels.alignment())
        : Share.Rows.of(batch, part, parts);
  }

  /// T
  public int steps() {
    return memory.steps;
  }

  /// B
  public int batch() {
    return memory.batch;
  }

  Plan plan() {
    return plan;
  }

  /// The output h(t) of all steps.
  public Sequence output() {
    return memory.output();
  }

  /// Where the derivative of the loss with respect to the output is put before [#backward].
  public Sequence outputGradient() {
    return memory.outputGradient;
  }

  /// State `index` before step 0.
  public Matrix initialState(int index) {
    return memory.state(index, 0);
  }

  /// State `index` after the last step.
  public Matrix finalState(int index) {
    return memory.state(index, memory.steps);
  }

  /// The derivative of the loss with respect to state `index` after the last step: where it is put before
  /// [#backward] if the loss depends on that state in other ways than through the output. [#backward] leaves
  /// it untouched.
  public Matrix finalStateGradient(int index) {
    return memory.carry(index, 2);
  }

  /// The derivative of the loss with respect to state `index` before step 0, after [#backward].
  public Matrix initialStateGradient(int index) {
    return memory.carry(index, 1);
  }

  /// The error signals of group `group`, summed over the error times, after [#backward].
  public Sequence errorSignals(int group) {
    Matrix rows = memory.whole(plan.deltas().get(group));
    return new Sequence(rows.buffer(), rows.offset(), rows.cols());
  }

  /// Runs all T steps from the initial state on.
  public void forward() {
    if (!plan.prologue().isEmpty()) {
      team.run((part, parts) -> prologue[part].run());
    }
    team.run((part, parts) -> {
      for (int t = 0; t < memory.steps; t++) {
        forward[part].runStep(t);
      }
    });
  }

  /// Follows the error back through all T steps, from the derivatives with respect to the output and the
  /// final states, and adds what the parameters collect to `gradients`.
  ///
  /// @param gradients one matrix for each parameter of the plan, a vector as a single row
  public void backward(List<Matrix> gradients) {
    team.run((part, parts) -> {
      for (int t = memory.steps - 1; t >= 0; t--) {
        backward[part].runStep(t);
      }
    });
    if (!plan.late().isEmpty()) {
      // A task of its own: a weight gradient reads the error signals of all rows.
      team.run((part, parts) -> late[part].run());
    }
    team.run((part, parts) -> {
      if (epilogue[part] != null) {
        epilogue[part].run();
      }
      addWeightGradients(gradients, part, parts);
      addVectorGradients(gradients, part, parts);
    });
  }

  private void addWeightGradients(List<Matrix> gradients, int part, int parts) {
    for (int g = 0; g < plan.groups().size(); g++) {
      Group group = plan.groups().get(g);
      int from = Team.from(group.rows(), part, parts);
      int count = Team.from(group.rows(), part + 1, parts) - from;
      if (count > 0) {
        Matrix deltas = memory.whole(plan.deltas().get(g)).columns(from, count);
        Matrix operand = memory.whole(plan.operands().get(g));
        kernels.multiplyTransposedAdd(
            deltas, operand, gradients.get(group.weight()).rows(from, count));
      }
    }
  }

  private void addVectorGradients(List<Matrix> gradients, int part, int parts) {
    for (Plan.VectorGradient vector : plan.vectorGradients()) {
      int width = vector.rows().width();
      int from = Team.from(width, part, parts);
      int count = Team.from(width, part + 1, parts) - from;
      if (count > 0) {
        kernels.sumRowsAdd(
            memory.whole(vector.rows()).columns(from, count),
            gradients.get(vector.parameter()).columns(vector.from() + from, count));
      }
    }
  }
}
