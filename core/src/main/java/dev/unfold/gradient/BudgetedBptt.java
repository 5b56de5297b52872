package dev.unfold.gradient;

import dev.unfold.argument.Refusal;
import dev.unfold.head.Head;
import dev.unfold.head.Targets;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.LiveRows;
import dev.unfold.layer.RecomputationSchedule;
import dev.unfold.model.GradientListener;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkGradients;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.ErrorNorms;
import dev.unfold.unroll.head.HeadTapes;
import dev.unfold.unroll.rows.PackedRows;
import dev.unfold.unroll.tape.NetworkStates;
import dev.unfold.unroll.tape.Starts;
import dev.unfold.unroll.tape.Tape;
import dev.unfold.unroll.tape.TrainedWeights;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;

/// Back-propagation through all steps in little memory: the sequence is cut into segments, of which few have a tape at
/// a time; the others are computed again when their turn comes.
final class BudgetedBptt implements Bptt {
  private final Network network;
  private final Team team;
  private final TrainedWeights trainedWeights;
  private final MemoryBudget budget;
  private final PackedRows whole;
  private final double[] losses;
  private final Tape tape;
  private final Deque<Tape> idleTapes = new ArrayDeque<>();
  private final Deque<State> idleStates = new ArrayDeque<>();
  private final long bytes;

  /// Where the batch begins; what is reached by a forward run; and the derivative with respect to the state after the
  /// segment that is next to go back over.
  private final State initial;

  private final State reached;
  private final State arriving;
  private ErrorNorms norms;

  /// Null if sequences start from zeros.
  private final Starts starts;

  /// Whether sequences start, and do not go on from a state.
  private boolean areNew = true;

  BudgetedBptt(Network network, Team team, int steps, int batch, MemoryBudget budget) {
    this.network = network;
    this.team = team;
    this.budget = budget;
    whole = new PackedRows(new LiveRows(steps, batch, budget.blockSteps()));
    losses = new double[steps * batch];
    starts = network.spec().start().map(own -> new Starts(network, own, whole)).orElse(null);
    trainedWeights = new TrainedWeights(network);
    tape = newTape();
    initial = tape.states.zeros();
    reached = tape.states.zeros();
    arriving = tape.states.zeros();
    RecomputationSchedule schedule = budget.schedule();
    for (int i = schedule.mostTapes(budget.segments()); i > 0; i--) {
      idleTapes.push(newTape());
    }
    for (int i = schedule.mostStates(budget.segments()); i > 0; i--) {
      idleStates.push(tape.states.zeros());
    }
    NetworkSpec spec = network.spec();
    bytes = Footprint.of(spec, network.kernels().precision(), steps, batch, budget);
  }

  private Tape newTape() {
    LiveRows live = new LiveRows(budget.segmentSteps(), whole.live.batch(), budget.blockSteps());
    return new Tape(network, trainedWeights.weights(), network.spec().noise(), team, live);
  }

  @Override
  public void startFromZero() {
    areNew = true;
    NetworkStates.clear(initial);
  }

  @Override
  public void start(State state) {
    state.expectFinite(network.spec());
    areNew = false;
    tape.states.copy(state, initial);
  }

  @Override
  public void startAfterLast() {
    areNew = false;
    tape.states.copy(reached, initial);
  }

  @Override
  public void keep(State to) {
    tape.states.copy(reached, to);
  }

  @Override
  public void goOn(State kept) {
    areNew = false;
    tape.states.copy(kept, initial);
  }

  @Override
  public void drawMasks(long draw) {
    trainedWeights.draw(draw);
    tape.drawMasks(draw);
    idleTapes.forEach(other -> other.drawMasks(draw));
  }

  @Override
  public double gradient(
      Batch given, double[] weights, Parameters gradients, GradientListener listener) {
    Batch batch = given.widened(whole.live.batch());
    if (!batch.targets().isOfSteps() || batch.targets().plain() instanceof Targets.Sampled) {
      throw new Refusal(
          "engine",
          "all steps kept for labels or tags of whole sequences and for samples of classes",
          "a budget of memory");
    }
    whole.take(batch.steps(), batch.batch(), batch.present());
    tape.heads.startPools(whole);
    Arrays.fill(losses, 0);
    NetworkStates.clear(arriving);
    boolean starting = starts != null && areNew;
    if (starting) {
      starts.start(batch.inputs(), initial);
    }
    tape.states.copy(initial, reached);
    if (norms != null) {
      norms.clear();
    }
    double[] counts = given.widened(weights, whole.live.batch());
    Parameters collected = trainedWeights.begin(gradients);
    NetworkGradients own = tape.backward.aim(collected);
    Run run = new Run(batch, counts, own);
    budget.schedule().run(Math.ceilDiv(whole.live.steps(), budget.segmentSteps()), run);
    if (starting) {
      starts.addGradients(arriving, collected);
    }
    own.finish();
    trainedWeights.end(gradients);
    tape.states.copy(run.last == null ? initial : run.last, reached);
    return HeadTapes.sum(run.sums);
  }

  @Override
  public Head head() {
    return network.spec().head();
  }

  @Override
  public double[] losses() {
    return losses;
  }

  @Override
  public State finalState() {
    return reached.copy();
  }

  @Override
  public State initialStateGradient() {
    return arriving.copy();
  }

  @Override
  public ErrorNorms watchErrors() {
    norms = new ErrorNorms(network.spec().layers(), whole.live.capacity());
    tape.backward.watch(norms, 0);
    idleTapes.forEach(other -> other.backward.watch(norms, 0));
    return norms;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public double relativeTime() {
    return budget.relativeTime();
  }

  /// One batch on its way.
  private final class Run implements RecomputationSchedule.Worker {
    private final Batch batch;
    private final double[] weights;
    private final NetworkGradients gradients;
    private final Map<Integer, State> states = new HashMap<>();
    private final Map<Integer, Tape> tapes = new HashMap<>();

    /// Of each head's losses.
    private final double[] sums = tape.heads.noSums();

    /// How many segments have been pooled: the first time that each is run, they come in their order.
    private int pooled;

    /// The state after the last segment.
    private State last;

    Run(Batch batch, double[] weights, NetworkGradients gradients) {
      this.batch = batch;
      this.weights = weights;
      this.gradients = gradients;
    }

    @Override
    public void advance(int first, int count) {
      if (first == 0) {
        tape.states.copy(initial, reached);
      } else if (tapes.containsKey(first - 1)) {
        tapes.get(first - 1).states.copyLast(reached);
      } else {
        tape.states.copy(states.get(first), reached);
      }
      for (int segment = first; segment < first + count; segment++) {
        forward(tape, segment);
        tape.states.copyLast(reached);
      }
    }

    private void forward(Tape unrolled, int segment) {
      unrolled.arrange(whole, segment * budget.segmentSteps());
      unrolled.states.set(reached);
      unrolled.runLayers(batch.inputs());
      if (segment == pooled) {
        tape.heads.pool(unrolled.heads, segment * budget.segmentSteps());
        pooled++;
      }
    }

    @Override
    public void keepState(int segment) {
      State state = idleStates.pop();
      tape.states.copy(reached, state);
      states.put(segment, state);
    }

    @Override
    public void dropState(int segment) {
      idleStates.push(states.remove(segment));
    }

    @Override
    public void keepTape(int segment) {
      Tape kept = idleTapes.pop();
      forward(kept, segment);
      tapes.put(segment, kept);
    }

    @Override
    public void reverse(int segment) {
      forward(tape, segment);
      back(tape);
    }

    @Override
    public void reverseKept(int segment) {
      Tape kept = tapes.remove(segment);
      back(kept);
      idleTapes.push(kept);
    }

    private void back(Tape unrolled) {
      if (last == null) {
        last = unrolled.states.last();
        tape.pooledLoss(batch.targets(), weights, sums, losses, gradients);
      }
      unrolled.lossAndBackward(
          batch.targets(), weights, sums, losses, tape.heads, arriving, gradients);
    }
  }
}
