package dev.unfold.bptt;

import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.Team;
import dev.unfold.plan.Plan;
import java.util.List;

/// A recurrent layer unrolled over T steps for B sequences at once: full back-propagation through time.
///
/// [#forward] runs the cell for t = 0..T-1 and keeps what the adjoint needs. [#backward] follows the
/// error back for t = T-1..0 with the error signals already summed over the error times,
///
///     delta(t') = sum over t >= t' of delta(t', t)
///
/// and sums what the shared weights collect over all steps and rows, a product for each chunk of steps:
///
///     dE/dW = sum over t of delta(t)^T operand(t)
///
/// **Shapes**: input and its gradient `[T, B, I]`, output and its gradient `[T, B, H]`, states `[B, H]`, error
/// signals `[T, B, N]` for a merged matrix of N rows.
///
/// **Memory**: for each step and row the states, the kept values and the error signals; all of it is
/// allocated here, none while running.
///
/// **Threads**: one caller at a time. The team splits rows of the batch or units for the time loop, rows of a chunk
/// of steps for what leaves it, and rows of the weight gradients; never a summed dimension. So the result is the
/// same for any team, bit for bit.
///
/// # Chunks
///
/// What leaves the time loop is computed for a chunk of steps at a time: the products of the input before the chunk's
/// steps, the weight gradients after them. The numbers that pass between the loop and these products are then still
/// in the cache. Where chunks begin follows from T and B, not from the team, and so does the order of all sums.
public final class UnrolledLayer {
  /// Rows of a chunk, at least, unless fewer are left at the sequence's end.
  private static final int CHUNK_ROWS = 512;

  private final Plan plan;
  private final Team team;
  private final LayerMemory memory;
  private final StageRunner[] forward;
  private final StageRunner[] backward;
  private final Chunk[] chunks;
  private final Chunk[] lastChunk;
  private final int chunkSteps;
  private final Team.Task forwardTask = this::runForward;
  private final Team.Task backwardTask = this::runBackward;
  private final Matrix[] initialStates;
  private final Matrix[] finalStates;
  private List<Matrix> gradients;
  private PhaseClock clock;

  /// @param layer the cell with its parameters
  /// @param team the threads
  /// @param input where the input is
  /// @param inputGradient where the derivative with respect to the input goes, or null if it is not wanted
  /// @param steps T
  /// @param batch B
  public UnrolledLayer(
      Layer layer, Team team, Sequence input, Sequence inputGradient, int steps, int batch) {
    this(
        layer,
        team,
        new LayerMemory(layer, input, inputGradient, steps, batch),
        Split.ofLoop(layer, batch, team.size()));
  }

  /// A layer whose time loop is split as told: by units only if [Split#allowsUnits] for the team.
  UnrolledLayer(Layer layer, Team team, LayerMemory memory, Split split) {
    this.plan = layer.plan();
    this.team = team;
    this.memory = memory;
    int steps = memory.steps;
    int batch = memory.batch;
    int states = plan.stateWidths().size();
    initialStates = new Matrix[states];
    finalStates = new Matrix[states];
    for (int s = 0; s < states; s++) {
      initialStates[s] = memory.state(s, 0);
      finalStates[s] = memory.state(s, steps);
    }
    chunkSteps = Math.min(steps, chunkSteps(batch));
    int parts = team.size();
    forward = new StageRunner[parts];
    backward = new StageRunner[parts];
    chunks = new Chunk[parts];
    lastChunk = new Chunk[parts];
    int rest = steps % chunkSteps;
    for (int part = 0; part < parts; part++) {
      Share share = split.share(layer, batch, part, team);
      forward[part] = StageRunner.ofShare(layer, memory, plan.forward(), share);
      backward[part] = StageRunner.ofShare(layer, memory, plan.backward(), share);
      chunks[part] = new Chunk(layer, memory, chunkSteps, part, team);
      lastChunk[part] = rest == 0 ? chunks[part] : new Chunk(layer, memory, rest, part, team);
    }
  }

  /// The steps of a chunk of a long sequence.
  static int chunkSteps(int batch) {
    return Math.ceilDiv(CHUNK_ROWS, batch);
  }

  /// T
  public int steps() {
    return memory.steps;
  }

  /// B
  public int batch() {
    return memory.batch;
  }

  /// Bytes of memory that it has allocated: states, kept values, error signals, the output's derivative. The
  /// input and its derivative belong to whoever gave them.
  public long bytes() {
    return memory.bytes();
  }

  Plan plan() {
    return plan;
  }

  /// The output h(t) of all steps.
  public Sequence output() {
    return memory.sequence(plan.output());
  }

  /// Where the derivative of the loss with respect to the output is put before [#backward].
  public Sequence outputGradient() {
    return memory.outputGradient;
  }

  /// State `index` before step 0.
  public Matrix initialState(int index) {
    return initialStates[index];
  }

  /// State `index` after the last step.
  public Matrix finalState(int index) {
    return finalStates[index];
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
    return memory.sequence(plan.deltas().get(group));
  }

  /// Lets `clock` count what the calling thread spends its time on from now on; null for nothing. Reading the time costs
  /// some ten nanoseconds for each product and each pointwise program.
  public void watch(PhaseClock clock) {
    this.clock = clock;
  }

  /// Runs all T steps from the initial state on.
  public void forward() {
    team.run(forwardTask);
  }

  private void runForward(int part, int parts) {
    PhaseClock watch = start(part);
    for (int from = 0; from < memory.steps; from += chunkSteps) {
      int to = Math.min(from + chunkSteps, memory.steps);
      if (!plan.prologue().isEmpty()) {
        chunk(part, from).runPrologue(from);
        end(watch, Phase.INPUT_PRODUCT);
        team.await(part);
        end(watch, Phase.WAITING);
      }
      for (int t = from; t < to; t++) {
        if (watch == null) {
          forward[part].runStep(t);
        } else {
          forward[part].runStep(t, watch, Phase.FORWARD_PRODUCT, Phase.FORWARD_POINTWISE);
        }
      }
    }
  }

  /// The clock of the calling thread, which does the first part; null if there is none.
  private PhaseClock start(int part) {
    PhaseClock watch = part == 0 ? clock : null;
    if (watch != null) {
      watch.start();
    }
    return watch;
  }

  private static void end(PhaseClock watch, Phase phase) {
    if (watch != null) {
      watch.end(phase);
    }
  }

  private Chunk chunk(int part, int from) {
    return from + chunkSteps <= memory.steps ? chunks[part] : lastChunk[part];
  }

  /// Follows the error back through all T steps, from the derivatives with respect to the output and the
  /// final states, and adds what the parameters collect to `gradients`.
  ///
  /// @param gradients one matrix for each parameter of the plan, a vector as a single row; the same list as in the
  ///     call before costs nothing
  public void backward(List<Matrix> gradients) {
    this.gradients = gradients;
    team.run(backwardTask);
  }

  private void runBackward(int part, int parts) {
    PhaseClock watch = start(part);
    int last = (memory.steps - 1) / chunkSteps * chunkSteps;
    for (int from = last; from >= 0; from -= chunkSteps) {
      for (int t = Math.min(from + chunkSteps, memory.steps) - 1; t >= from; t--) {
        if (watch == null) {
          backward[part].runStep(t);
        } else {
          backward[part].runStep(t, watch, Phase.BACKWARD_PRODUCT, Phase.BACKWARD_POINTWISE);
        }
      }
      Chunk chunk = chunk(part, from);
      team.await(part);
      end(watch, Phase.WAITING);
      if (!plan.late().isEmpty()) {
        chunk.runLate(from);
        end(watch, Phase.INPUT_GRADIENT);
        team.await(part);
        end(watch, Phase.WAITING);
      }
      chunk.runEpilogue(from);
      end(watch, Phase.INPUT_GRADIENT);
      chunk.addGradients(from, gradients);
      end(watch, Phase.PARAMETER_GRADIENTS);
    }
  }
}
