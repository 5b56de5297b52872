package dev.unfold.online;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.storage.HostBuffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.unroll.UnrolledNetwork;
import java.util.Arrays;

/// The gradient of each step's loss, step by step, on sequences that need not end: at each step the state and what the
/// rule keeps of J(t) move on, and dE_t/dtheta is there.
///
///     OnlineGradient online = OnlineGradient.of(network, team, 1, new OnlineRule.Rtrl(false));
///     double loss = online.step(batch, Reduction.SUM, gradients);
///
/// With parameters that do not change, the sum over all steps is that of back-propagation through time, if the rule is
/// exact. If they do change, J(t) is what it is and is not made anew: that is what learning online means.
///
/// Embeddings of tokens, and what reads the outputs, have no memory: an embedding learns from the error of its own step
/// alone, a readout's gradient is exact.
///
/// **Steps that are missing** leave state and influence of their sequence as they are.
///
/// **Watch**: influence grows as products of D(t) do. [#norm] tells its size. At the first and at every eighth step it
/// is looked at: that of a sequence beyond [#limit] is scaled down to it, and where it is not finite it starts anew;
/// [#timesLimited] counts both.
///
/// **Numbers that are not finite** in a step make its loss, and the state of their sequence, so as well: each further
/// step is refused until [#reset] or [#start]. Who reads a stream from elsewhere asks [Batch#expectFinite] first.
///
/// **Memory**: [#bytes] for what is kept of J, whatever the number of steps; beside it a step's error signals for each
/// error that is followed, S of them where all states have one, and a network unrolled over one step.
///
/// **Threads**: one caller at a time; the result is the same for any team, bit for bit.
///
/// **Errors**: [IllegalArgumentException] for layers of both directions, pooled outputs, random masks, starts that are
/// learned, weights of 16 bits, memory that is not the host's, and cells whose units mix within a step where the rule
/// keeps units apart.
public final class OnlineGradient {
  /// So large an influence is that of a network whose gradients say nothing any more.
  public static final double USUAL_LIMIT = 1e6;

  /// The norm is looked at every so many steps: between two looks it stays within the range of a float.
  private static final int LOOK = 8;

  private final Network network;
  private final OnlineRule rule;
  private final int batch;
  private final UnrolledNetwork unrolled;
  private final Influences influences;

  /// Gradients that are known to be those of the network.
  private Parameters known;

  private final State state;
  private final State last;
  private final double[] weights;
  private long steps;

  private OnlineGradient(Network network, Team team, int batch, OnlineRule rule) {
    this.network = network;
    this.rule = rule;
    this.batch = batch;
    unrolled = UnrolledNetwork.of(network, team, 1, batch);
    state = State.zeros(network.spec(), network.kernels().precision(), batch);
    last = state.copy();
    weights = new double[batch];
    influences = new Influences(network, unrolled, team, rule);
  }

  /// A rule for a network.
  ///
  /// @param batch B, sequences side by side
  public static OnlineGradient of(Network network, Team team, int batch, OnlineRule rule) {
    Expect.given("network", network);
    Expect.given("team", team);
    Expect.positive("batch", "B", batch);
    Expect.given("rule", rule);
    rule.expectUsable(network.spec());
    if (network.weightFormat() != WeightFormat.FLOAT32) {
      throw new Refusal("weights", "32 bits to follow errors back", network.weightFormat().text());
    }
    if (!(network.parameters().buffer() instanceof HostBuffer)) {
      // What is kept of J is read and written number by number.
      throw new Refusal(
          "network", "one in the host's memory", "one on " + network.kernels().description());
    }
    return new OnlineGradient(network, team, batch, rule);
  }

  /// The rule.
  public OnlineRule rule() {
    return rule;
  }

  /// B
  public int batch() {
    return batch;
  }

  /// Runs one step of all sequences and adds the derivatives of its loss with respect to all parameters to `gradients`.
  ///
  /// @param step of T = 1 step and B sequences
  /// @return the loss, as `reduction` says
  ///
  /// **Errors**: [IllegalArgumentException] if it is another number of steps or sequences, or not what the network
  ///     takes: state and influence are then what they were.
  public double step(Batch step, Reduction reduction, Parameters gradients) {
    Expect.given("step", step);
    Expect.given("reduction", reduction);
    return step(step, reduction.weights(step.amounts(network.spec().head())), gradients);
  }

  /// The same for the sum of all losses, of which that of sequence b counts `counts[b]`.
  public double step(Batch step, double[] counts, Parameters gradients) {
    if (step.steps() != 1 || step.batch() != batch) {
      throw new Refusal(
          "step",
          "T=1 step of B=%d sequences".formatted(batch),
          "%d of %d".formatted(step.steps(), step.batch()));
    }
    if (counts.length != batch) {
      throw new Refusal("counts", "B=%d numbers".formatted(batch), counts.length);
    }
    Expect.given("gradients", gradients);
    if (!gradients.equals(known)) {
      network.parameters().expectAlike("gradients", gradients);
      known = gradients;
    }
    boolean isSampled = step.targets().plain() instanceof Targets.Sampled;
    if (isSampled && rule instanceof OnlineRule.Rflo) {
      throw new Refusal("targets", "all classes, whose errors rflo feeds back", "a sample of them");
    }
    if (!step.targets().isOfSteps()) {
      throw new Refusal("targets", "those of each step", "those of sequences");
    }
    boolean[] present = step.present().orElse(null);
    Batch all = step;
    System.arraycopy(counts, 0, weights, 0, batch);
    if (present != null) {
      int any = first(present);
      if (any < 0) {
        Arrays.fill(unrolled.losses(), 0);
        return 0;
      }
      all = Batch.of(1, batch, filled(step.inputs(), present, any), step.targets());
      for (int b = 0; b < batch; b++) {
        weights[b] = present[b] ? weights[b] : 0;
      }
    }
    unrolled.tape().input.check(all.inputs());
    double loss = run(all, gradients);
    move(present, gradients);
    return loss;
  }

  private static int first(boolean[] present) {
    for (int b = 0; b < present.length; b++) {
      if (present[b]) {
        return b;
      }
    }
    return -1;
  }

  /// What the sequences read, those that have no step what sequence `any` does, which leaves no trace.
  private Inputs filled(Inputs inputs, boolean[] present, int any) {
    int[] rows = new int[batch];
    Arrays.setAll(rows, b -> present[b] ? b : any);
    return inputs.select(rows);
  }

  private double run(Batch step, Parameters gradients) {
    unrolled.start(state);
    if (!(rule instanceof OnlineRule.Rflo)) {
      return unrolled.gradient(step, weights, gradients, null);
    }
    // The outputs' errors are fed back otherwise, so they are kept.
    double loss = unrolled.loss(step, weights);
    unrolled.backward(gradients);
    return loss;
  }

  private void move(boolean[] present, Parameters gradients) {
    influences.step(gradients, present);
    unrolled.tape().states.copyLast(last);
    for (int l = 0; l < state.layers().size(); l++) {
      for (int s = 0; s < state.layers().get(l).size(); s++) {
        for (int b = 0; b < batch; b++) {
          if (present == null || present[b]) {
            state.layers().get(l).get(s).copyRow(last.layers().get(l).get(s), b, b);
          }
        }
      }
    }
    steps++;
    if (steps == 1 || steps % LOOK == 0) {
      influences.keepWithin();
    }
  }

  /// Lets sequence b start anew, from zeros, with nothing that has moved its state.
  public void reset(int b) {
    expectSequence(b);
    state.layers().forEach(layer -> layer.forEach(own -> own.rows(b, 1).clear()));
    influences.reset(b);
  }

  private void expectSequence(int b) {
    if (b < 0 || b >= batch) {
      throw new Refusal("sequence", "0 to B-1=%d".formatted(batch - 1), b);
    }
  }

  /// Lets all sequences go on from `from`, a copy of which is taken, with nothing that has moved it.
  public void start(State from) {
    unrolled.start(from);
    for (int b = 0; b < batch; b++) {
      reset(b);
    }
    unrolled.tape().states.copyInitial(state);
  }

  /// Lets all sequences go on from `from` and what was kept of their steps, [#kept], of both of which copies are taken.
  ///
  /// **Errors**: [IllegalArgumentException] if that is of another rule or network, or not finite: nothing has changed
  ///     then.
  public void start(State from, KeptInfluence kept) {
    influences.expectAlike(Expect.given("kept", kept));
    start(from);
    influences.start(kept);
    steps = kept.steps();
  }

  /// Copies of all that is kept beside the state.
  public KeptInfluence kept() {
    return influences.kept(steps);
  }

  /// A copy of the state after the last step.
  public State state() {
    return state.copy();
  }

  /// E_t of each sequence at the last step, 0 where there was none.
  public double[] losses() {
    return unrolled.losses();
  }

  /// The Euclidean norm of what is kept of J for sequence b: of all its numbers, in all layers.
  public double norm(int b) {
    expectSequence(b);
    return influences.norm(b);
  }

  /// Sets how large the influence of a sequence in a layer may be.
  public void limit(double most) {
    if (!(most > 0 && most < Double.POSITIVE_INFINITY)) {
      throw new Refusal("limit", "a finite number above 0", most);
    }
    influences.limit(most);
  }

  /// How often the influence of a sequence was scaled down or started anew.
  public long timesLimited() {
    return influences.watch().timesLimited();
  }

  /// What the last look at the influence said.
  public InfluenceWatch watch() {
    return influences.watch();
  }

  /// Bytes of what is kept of J.
  public long bytes() {
    return influences.bytes();
  }

  /// What is kept of J of sequence b, `[S, P]`: row i is state i, those of the lowest layer first and in the order of
  /// its cell, column p number p of the layers' parameters from [#firstColumn] of each on. A copy, for who studies it.
  public Matrix influence(int b) {
    expectSequence(b);
    return influences.copy(b);
  }

  /// The column of [#influence] of the first number of a layer's parameter, whose others follow row by row.
  ///
  /// **Errors**: [IllegalArgumentException] if there is none of that name.
  public int firstColumn(String parameter) {
    Columns all = Columns.of(network, 0, network.spec().layers() - 1);
    return Math.toIntExact(network.parameters().matrix(parameter).offset() - all.from());
  }
}
