package dev.unfold.infer;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.State;
import dev.unfold.sequence.Inputs;
import dev.unfold.unroll.UnrolledNetwork;
import dev.unfold.unroll.tape.NetworkStates;
import java.util.Objects;

/// Runs a network on and on, T steps of B sequences at a time, each run from where the last one ended. What
/// [Runner#run] does, with memory that is used again:
///
///     Stepper stepper = new Runner(network).stepper(1, 1);
///     int[] token = new int[1];
///     Inputs inputs = new Inputs.Tokens(token, 0);
///     while (...) {
///       token[0] = ...;
///       Matrix outputs = stepper.run(inputs);
///     }
///
/// The numbers are those of [Runner#run], bit for bit.
///
/// **Memory**: all that a run needs is allocated when a stepper is made. After the first runs, when all has been
/// compiled, [#run], [#start], [#startFromZero] and [#copyState] allocate nothing.
///
/// **Threads**: one at a time, and each run is on one thread.
public final class Stepper {
  private final Precision precision;
  private final NetworkSpec spec;
  private final UnrolledNetwork unrolled;
  private final int rows;

  /// Whether there has been a run since the last start.
  private boolean hasRun;

  Stepper(Network network, int steps, int batch) {
    Runner.expectForwards(network.spec());
    precision = network.kernels().precision();
    spec = network.spec();
    unrolled = UnrolledNetwork.of(network, Team.of(1), steps, batch);
    rows = Math.multiplyExact(steps, batch);
  }

  /// Lets the next run start from `state`, a copy of which is taken.
  ///
  /// **Errors**: [IllegalArgumentException] if it is that of another network or of other than B sequences.
  public void start(State state) {
    unrolled.start(state);
    hasRun = false;
  }

  /// Lets the next run start from zeros, as the first one does.
  public void startFromZero() {
    unrolled.startFromZero();
    hasRun = false;
  }

  /// Runs T steps: row t*B + b of `inputs` is step t of sequence b. After an error the state is what it was.
  ///
  /// @return net_y of all steps `[T*B, K]`, in the host's memory: a window that the next run overwrites, or a copy if
  ///     the backend computes elsewhere
  ///
  /// **Errors**: [IllegalArgumentException] if there are not T*B rows, or if they are not what the network takes.
  public Matrix run(Inputs inputs) {
    Objects.requireNonNull(inputs, "inputs: expected tokens, vectors or columns, got null");
    if (inputs.rows() != rows) {
      throw new Refusal("inputs", "T*B=%d rows".formatted(rows), inputs.rows());
    }
    unrolled.tape().input.check(inputs);
    if (hasRun) {
      unrolled.startAfter(unrolled);
    }
    unrolled.forward(inputs);
    hasRun = true;
    return unrolled.logits();
  }

  /// A copy of the state after the last run, or of the one to start from.
  public State state() {
    State copy = State.zeros(spec, precision, unrolled.batch());
    copyState(copy);
    return copy;
  }

  /// Replaces the numbers of `to`, which has the sizes of [#state], by those that it would return.
  ///
  /// **Errors**: [IllegalArgumentException] if it has other sizes.
  public void copyState(State to) {
    NetworkStates states = unrolled.tape().states;
    states.check(to);
    if (hasRun) {
      states.copyLast(to);
    } else {
      states.copyInitial(to);
    }
  }
}
