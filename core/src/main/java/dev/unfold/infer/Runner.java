package dev.unfold.infer;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.head.Head;
import dev.unfold.head.LinearChain;
import dev.unfold.head.SeveralHeads;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkHead;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.sequence.Inputs;
import dev.unfold.unroll.UnrolledNetwork;
import dev.unfold.unroll.rows.PackedRows;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedDeque;

/// Runs a network: in parts, from a state to the next one ([#run]), whole sequences in one or both directions
/// ([#runWhole]), or on and on without allocating anything ([#stepper]).
///
///     Runner runner = new Runner(network);
///     State state = network.zeroState(1);
///     Outcome outcome = runner.run(new Inputs.Tokens(new int[] {token}, 0), state);
///     state = outcome.state();
///
/// Whole sequences, and a stepper that nothing is said to, start where the network's [dev.unfold.model.StaticStart]
/// says, if it has one. A state that is given is gone on from, one of zeros as well.
///
/// **Memory**: what a run needs is kept for the next of as many steps and sequences, for twice as many runs as there
/// are processors; what comes back is new each time.
///
/// **Threads**: any number at once, each run on one thread.
public final class Runner {
  /// Unrolled networks that are kept for later runs; with more of them, the oldest is forgotten.
  private static final int IDLE = 2 * Runtime.getRuntime().availableProcessors();

  private final Network network;
  private final Deque<UnrolledNetwork> idle = new ConcurrentLinkedDeque<>();

  /// A runner of `network`.
  public Runner(Network network) {
    this.network = Expect.given("network", network);
  }

  /// Runs `inputs` of one or more steps for the sequences of `state`: row t*B + b is step t of sequence b. The state is
  /// not changed; the next one comes back.
  ///
  /// **Errors**: [IllegalArgumentException] if the rows are no whole number of steps of B sequences, if the state has
  /// other sizes, if the inputs are not what the network takes, or if layers run in both directions or outputs are
  /// pooled, which need the whole sequence; for the last step alone, there is [Network#withOutputAtEachStep].
  public Outcome run(Inputs inputs, State state) {
    Expect.given("inputs", inputs);
    Expect.given("state", state);
    expectForwards(network.spec());
    int batch = state.batch();
    Expect.positive("state", "B", batch);
    UnrolledNetwork unrolled = take(steps(inputs, batch), batch);
    unrolled.tape().input.check(inputs);
    unrolled.start(state);
    unrolled.allPresent();
    unrolled.forward(inputs);
    State next = State.zeros(network.spec(), network.kernels().precision(), batch);
    unrolled.tape().states.copyLast(next);
    Outcome outcome = new Outcome(copy(unrolled.logits()), next);
    giveBack(unrolled);
    return outcome;
  }

  /// Runs B whole sequences from zeros: the first `lengths[b]` steps of sequence b, for each of B lengths. Row t*B + b
  /// is step t of sequence b.
  ///
  /// @return net_y of all steps `[T*B, K]`, zero where a sequence has no step; of all sequences `[B, K]` if they are
  ///     pooled; of several heads as [SeveralHeads] says
  ///
  /// **Errors**: [IllegalArgumentException] if the rows are no whole number of steps of B sequences, if a length is not
  /// within 0 to T, or if the inputs are not what the network takes.
  public Matrix runWhole(Inputs inputs, int... lengths) {
    Expect.given("inputs", inputs);
    Expect.given("lengths", lengths);
    Expect.positive("lengths", "B", lengths.length);
    int batch = lengths.length;
    boolean[] present = PackedRows.present(steps(inputs, batch), batch, lengths);
    return runPresent(inputs, batch, present);
  }

  /// Runs B sequences from zeros, of which sequence b has the steps t with `present[t*B + b]`.
  ///
  /// @return as [#runWhole]
  ///
  /// **Errors**: as [#runWhole]; [IllegalArgumentException] if `present` has not T*B values.
  public Matrix runPresent(Inputs inputs, int batch, boolean... present) {
    Expect.given("inputs", inputs);
    Expect.given("present", present);
    Expect.positive("batch", "B", batch);
    UnrolledNetwork unrolled = take(steps(inputs, batch), batch);
    unrolled.tape().input.check(inputs);
    unrolled.startFromZero();
    unrolled.present(present);
    unrolled.forward(inputs);
    Matrix outputs = copy(unrolled.logits());
    giveBack(unrolled);
    return outputs;
  }

  /// The scores of sequences of tags, as the parameters are now, for what [#runWhole] returns.
  ///
  /// **Errors**: [IllegalArgumentException] if the network's head is not one of tags.
  public LinearChain chain() {
    return chain(0);
  }

  /// Those of head `i` of several.
  ///
  /// **Errors**: [IllegalArgumentException] if there is none, or if it is not one of tags.
  public LinearChain chain(int i) {
    List<NetworkHead> heads = network.spec().heads();
    if (i < 0 || i >= heads.size() || !(heads.get(i).head() instanceof Head.Tags)) {
      throw new Refusal("network", "a head of tags", "one of " + network.spec().head().text());
    }
    NetworkHead own = heads.get(i);
    Parameters parameters = network.parameters();
    return LinearChain.of(
        parameters.matrix(own.name(Head.Tags.START)),
        parameters.matrix(own.name(Head.Tags.TRANSITIONS)),
        parameters.matrix(own.name(Head.Tags.END)));
  }

  /// For running it on and on, `steps` = T steps of `batch` = B sequences at a time, without allocating anything.
  ///
  /// **Errors**: [IllegalArgumentException] if layers run in both directions or outputs are pooled.
  public Stepper stepper(int steps, int batch) {
    return new Stepper(network, steps, batch);
  }

  static void expectForwards(NetworkSpec spec) {
    if (spec.directions() > 1) {
      throw new Refusal("network", "layers of one direction to run step by step", "both");
    }
    if (!spec.head().isOfSteps()) {
      throw new Refusal(
          "network",
          "an output at each step to run step by step",
          "a head of " + spec.head().text());
    }
  }

  private static int steps(Inputs inputs, int batch) {
    int rows = inputs.rows();
    if (rows < 1 || rows % batch != 0) {
      throw new Refusal("inputs", "a multiple of B=%d rows".formatted(batch), rows);
    }
    return rows / batch;
  }

  private UnrolledNetwork take(int steps, int batch) {
    for (UnrolledNetwork kept : idle) {
      boolean fits = kept.steps() == steps && kept.batch() == batch;
      if (fits && idle.removeLastOccurrence(kept)) {
        return kept;
      }
    }
    return UnrolledNetwork.of(network, Team.of(1), steps, batch);
  }

  /// Not after an error.
  private void giveBack(UnrolledNetwork unrolled) {
    idle.addLast(unrolled);
    while (idle.size() > IDLE) {
      idle.pollFirst();
    }
  }

  private static Matrix copy(Matrix from) {
    Matrix copy = Matrix.onHeap(from.buffer().type(), from.rows(), from.cols());
    copy.copy(from);
    return copy;
  }
}
