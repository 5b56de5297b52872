package dev.unfold.layer;

import dev.unfold.cell.Expr;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.plan.Place;
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
/// signals `[T, B, N]` for a merged matrix of N rows. If not all sequences have T steps, only the rows are there that
/// [LiveRows] tells.
///
/// **Memory**: for each step and row the states, the kept values and the error signals; all of it is
/// allocated here, none while running. The first [#backward] lays out the layer's matrices for the way back.
///
/// **Threads**: one caller at a time. The team splits rows of the batch or units for the time loop, rows of a chunk
/// of steps for what leaves it, and rows of the weight gradients; never a summed dimension. So the result is the
/// same for any team, bit for bit.
///
/// # Chunks
///
/// What leaves the time loop is computed for a chunk of steps at a time: the products of the input before the chunk's
/// steps, the weight gradients after them. The numbers that pass between the loop and these products are then still
/// in the cache. A chunk is a block of [LiveRows], or as much of one as has the same sequences. So the order of all
/// sums follows from T, B and the lengths, not from the team.
public final class UnrolledLayer {
  private static final Strides.Timing FORWARD =
      new Strides.Timing(Phase.FORWARD_PRODUCT, Phase.FORWARD_POINTWISE);
  private static final Strides.Timing BACKWARD =
      new Strides.Timing(Phase.BACKWARD_PRODUCT, Phase.BACKWARD_POINTWISE);

  /// Operations of products that a chunk has at least for several threads: what one does in a microsecond or two.
  private static final long LEAST_SHARED = 1L << 17;

  private final Layer layer;
  private final Plan plan;
  private final Team team;
  private final LayerMemory memory;
  private final Split split;

  /// Of the products of one step and sequence, forward.
  private final long operations;

  private final Strides[] forward;
  private final Chunk[] chunks;

  /// What is needed to go back, of each part; null until it is.
  private Strides[] backward;

  private BackwardChunk[] backwardChunks;
  private final LiveRows live;
  private final Team.Phases stepTask = this::runStep;
  private final Team.Phases prologueTask = this::runPrologue;
  private final Team.Phases forwardTask = this::runForward;
  private final Team.Phases backwardTask = this::runBackward;
  private final Team.Phases lateTask = this::runLate;
  private final Team.Phases gradientTask = this::runGradients;
  private final Matrix[] initialStates;
  private List<Matrix> gradients;
  private int chunkFrom;
  private int chunkSteps;
  private int chunkRows;
  private PhaseClock clock;

  /// A layer for sequences that all have T steps.
  ///
  /// @param layer the cell with its parameters
  /// @param team the threads
  /// @param input where the input is
  /// @param inputGradient where the derivative with respect to the input goes, or null if it is not wanted
  /// @param steps T
  /// @param batch B
  public UnrolledLayer(
      Layer layer, Team team, Sequence input, Sequence inputGradient, int steps, int batch) {
    this(layer, team, input, inputGradient, new LiveRows(steps, batch));
  }

  /// A layer for sequences of different lengths.
  ///
  /// @param live which sequences have which steps; what it tells when [#forward] is called, counts
  public UnrolledLayer(
      Layer layer, Team team, Sequence input, Sequence inputGradient, LiveRows live) {
    this(
        layer,
        team,
        new LayerMemory(layer, input, inputGradient, live),
        Split.ofLoop(layer, live.batch(), team.size()));
  }

  /// A layer whose time loop is split as told: by units only if [Split#allowsUnits] for the team.
  UnrolledLayer(Layer layer, Team team, LayerMemory memory, Split split) {
    this.layer = layer;
    plan = layer.plan();
    this.team = team;
    this.memory = memory;
    this.split = split;
    operations = layer.productOperations();
    live = memory.live;
    initialStates = new Matrix[plan.memory().states().size()];
    for (int s = 0; s < initialStates.length; s++) {
      initialStates[s] = memory.initialState(s);
    }
    int parts = team.size();
    forward = new Strides[parts];
    chunks = new Chunk[parts];
    for (int part = 0; part < parts; part++) {
      Share share = split.share(layer, part, parts);
      forward[part] = new Strides(layer, memory, plan.forward().loop(), share, FORWARD);
      chunks[part] = new Chunk(layer, memory, mostRows(), part, parts);
    }
  }

  /// The most rows of a chunk.
  private int mostRows() {
    return Math.min(live.blockSteps(), live.capacity()) * live.batch();
  }

  /// Gets ready to go back, once: who only goes forward needs neither these programs nor the matrices laid out for
  /// them.
  private void prepareBackward() {
    if (backward != null) {
      return;
    }
    int parts = team.size();
    Strides[] strides = new Strides[parts];
    backwardChunks = new BackwardChunk[parts];
    for (int part = 0; part < parts; part++) {
      Share share = split.share(layer, part, parts);
      strides[part] = new Strides(layer, memory, plan.backward().loop(), share, BACKWARD);
      backwardChunks[part] = new BackwardChunk(layer, memory, mostRows(), part, parts);
    }
    backward = strides;
  }

  /// Which sequences have which steps.
  public LiveRows live() {
    return live;
  }

  /// How many numbers a layer with these widths keeps for T steps of B sequences.
  public static long numbers(Layer.Widths widths, int steps, int batch) {
    return LayerMemory.numbers(widths, steps, batch);
  }

  /// Bytes of memory that it has allocated: states, kept values, error signals, the output's derivative. The
  /// input and its derivative belong to whoever gave them.
  public long bytes() {
    return memory.bytes();
  }

  /// A gate or another value with a range of its own.
  ///
  /// @param name as the equations have it
  /// @param op SIGMOID, TANH or RELU
  /// @param values at all steps, `[T*B, N]`
  public record Activation(String name, Op op, Matrix values) {}

  /// The activations in the order of the equations, after [#forward] of sequences that all have T steps.
  public List<Activation> activations() {
    return plan.forward().activations().stream()
        .map(own -> new Activation(own.name(), own.op(), allRows(own.rows())))
        .toList();
  }

  private Matrix allRows(Place place) {
    LayerMemory.Cursor cursor = memory.cursor(place);
    cursor.moveTo(0, 0, live.rows());
    return cursor.window;
  }

  Plan plan() {
    return plan;
  }

  Layer layer() {
    return layer;
  }

  LayerMemory memory() {
    return memory;
  }

  /// The output h(t) of all steps.
  public Sequence output() {
    return memory.sequence(plan.forward().output());
  }

  /// Where the derivative of the loss with respect to the output is put before [#backward].
  public Sequence outputGradient() {
    return memory.outputGradient;
  }

  /// The random numbers of mask `index` for all steps: to be filled before [#forward].
  public Sequence noise(int index) {
    return memory.noise(index);
  }

  /// The cell's random masks.
  public List<Expr.Noise> masks() {
    return layer.masks();
  }

  /// How many states the cell has.
  public int states() {
    return initialStates.length;
  }

  /// State `index` before step 0.
  public Matrix initialState(int index) {
    return initialStates[index];
  }

  /// State `index` before each step, `[T*B, F]`, after [#forward] of sequences that all have T steps.
  public Matrix states(int index) {
    return memory.states(index);
  }

  /// Copies state `index` of the b-th sequence after its last step to row `row` of `to`.
  public void copyFinalState(int index, int b, Matrix to, int row) {
    memory.copyFinalState(index, b, to, row);
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
    return memory.sequence(plan.backward().deltas().get(group));
  }

  /// Lets `clock` count what the calling thread spends its time on from now on; null for nothing. Reading the time
  /// costs some ten nanoseconds for each product and each pointwise program.
  public void watch(PhaseClock clock) {
    this.clock = clock;
  }

  /// Runs all T steps from the initial state on.
  public void forward() {
    start();
    int until;
    for (int from = 0; from < live.steps(); from = until) {
      until = live.chunkEnd(from);
      setChunk(from, until);
      if (chunkSteps == 1 && chunks[0].split() == split) {
        share(stepTask, stepPhases(), chunkRows);
      } else {
        share(prologueTask, chunks[0].prologuePhases(), chunkRows);
        share(forwardTask, forward[0].phases(chunkSteps), live.count(from));
      }
    }
    end(ownClock(), Phase.WAITING);
  }

  /// Has a task about the chunk done by the team, or by the caller alone if no more is to do than a team can be told of
  /// in that time, or nothing for others.
  ///
  /// @param rows that there are to split
  private void share(Team.Phases task, int phases, int rows) {
    boolean isOneRow = split == Split.ROWS && rows == 1;
    if (isOneRow || operations * chunkRows < LEAST_SHARED) {
      team.runAlone(task, phases);
    } else {
      team.run(task, phases);
    }
  }

  /// A single step with what comes before the loop: where both are split alike a part needs no other's for its first
  /// product in the loop.
  private void runStep(int phase, int part, int parts) {
    int before = Math.max(1, chunks[part].prologuePhases()) - 1;
    if (phase < chunks[part].prologuePhases()) {
      runPrologue(phase, part, parts);
    }
    if (phase >= before) {
      runForward(phase - before, part, parts);
    }
  }

  private int stepPhases() {
    return Math.max(1, chunks[0].prologuePhases()) - 1 + forward[0].phases(1);
  }

  private void runPrologue(int phase, int part, int parts) {
    chunks[part].runPrologue(phase, chunkFrom, chunkRows, clockAfterWaiting());
  }

  private void runForward(int phase, int part, int parts) {
    int rows = live.count(chunkFrom);
    forward[part].run(phase, chunkFrom, 1, chunkSteps, rows, clockAfterWaiting());
  }

  /// Says what the tasks are about: the steps from `from` to `until` - 1, which have the same sequences.
  private void setChunk(int from, int until) {
    chunkFrom = from;
    chunkSteps = until - from;
    chunkRows = live.offset(until) - live.offset(from);
  }

  private void start() {
    if (clock != null) {
      clock.start();
    }
  }

  /// The clock, if it counts the time of the calling thread, or null.
  private PhaseClock ownClock() {
    return clock != null && clock.isOwn() ? clock : null;
  }

  /// The same when a part begins.
  private PhaseClock clockAfterWaiting() {
    PhaseClock own = ownClock();
    end(own, Phase.WAITING);
    return own;
  }

  private static void end(PhaseClock watch, Phase phase) {
    if (watch != null) {
      watch.end(phase);
    }
  }

  /// Follows the error back through all T steps, from the derivatives with respect to the output and the
  /// final states, and adds what the parameters collect to `gradients`.
  ///
  /// @param gradients one matrix for each parameter of the plan, a vector as a single row; the same list as in the
  ///     call before costs nothing; null if what the parameters collect is not wanted
  public void backward(List<Matrix> gradients) {
    backward(gradients, 0, live.steps());
  }

  /// What the matrix of group `group` is multiplied with at all steps, `[T*B, K]`, after [#forward] of sequences that
  /// all have T steps.
  public Matrix operand(int group) {
    return allRows(plan.forward().operands().get(group));
  }

  /// How many merged matrices there are.
  public int groups() {
    return plan.step().groups().size();
  }

  /// How its units act on each other.
  public Coupling coupling() {
    return new Coupling(plan);
  }

  /// How many heads the matrix of group `group` has; 1 if it is whole.
  public int heads(int group) {
    return plan.step().groups().get(group).heads();
  }

  /// Which parameter is the matrix of group `group`, in the order of [Layer#shapes].
  public int weightOf(int group) {
    return plan.step().groups().get(group).weight();
  }

  /// The same through the steps from `from` to `until` - 1 alone: nothing arrives from later ones.
  public void backward(List<Matrix> gradients, int from, int until) {
    prepareBackward();
    this.gradients = gradients;
    memory.startCarries(until);
    start();
    int start;
    for (int end = until; end > from; end = start) {
      start = Math.max(from, live.chunkStart(end));
      setChunk(start, end);
      team.run(backwardTask, backward[0].phases(chunkSteps));
      team.run(lateTask, backwardChunks[0].latePhases());
      team.run(gradientTask, Math.max(1, backwardChunks[0].epiloguePhases()));
    }
    end(ownClock(), Phase.WAITING);
  }

  private void runBackward(int phase, int part, int parts) {
    int last = chunkFrom + chunkSteps - 1;
    backward[part].run(phase, last, -1, chunkSteps, live.count(last), clockAfterWaiting());
  }

  private void runLate(int phase, int part, int parts) {
    backwardChunks[part].runLate(phase, chunkFrom, chunkRows, clockAfterWaiting());
  }

  /// The input's derivative, if it is wanted, and with its last phase the parameters'.
  private void runGradients(int phase, int part, int parts) {
    PhaseClock watch = clockAfterWaiting();
    BackwardChunk chunk = backwardChunks[part];
    int phases = chunk.epiloguePhases();
    if (phases > 0) {
      chunk.runEpilogue(phase, chunkFrom, chunkRows, watch);
    }
    if (phase >= phases - 1 && gradients != null) {
      chunk.addGradients(chunkFrom, chunkRows, gradients);
      end(watch, Phase.PARAMETER_GRADIENTS);
    }
  }
}
