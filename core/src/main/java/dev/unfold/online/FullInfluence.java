package dev.unfold.online;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.unroll.tape.NetworkLayer;
import dev.unfold.unroll.tape.Tape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// The whole influence of some layers' parameters on these layers' states, which real-time recurrent learning carries
/// forward:
///
///     J(t) = I(t) + D(t) J(t-1)       dE_t/dtheta = immediate + dE_t/ds(t-1) J(t-1)
///
/// The error of the step is one more row of the product with J(t-1), so that is read once. States that act on their own
/// units alone, such as the c of an LSTM, take no product of matrices ([Transition]).
///
/// **Shapes**: of each sequence J `[S, P]`, S states and P parameters of these layers.
///
/// **Memory**: 2 B (S + 1) P numbers, and what [StepJacobian] takes.
///
/// **Threads**: columns of J are split.
///
/// **Source**: R. J. Williams and D. Zipser, A learning algorithm for continually running fully recurrent neural
/// networks, 1989.
final class FullInfluence implements Influence {
  private static final double[] NO_SCALARS = {};

  /// So many take 32 GB in float.
  private static final double MOST_NUMBERS = 8e9;

  private final Kernels kernels;
  private final Team team;
  private final List<NetworkLayer> layers;
  private final Columns columns;
  private final int batch;
  private final int states;
  private final StepJacobian jacobian;
  private final PointwiseKernel add;

  /// J before and after a step, `[B (S + 1), P]`: of each sequence S rows, and one for the gradient.
  private final Matrix[] all = new Matrix[2];

  /// For each sequence those of the states.
  private final Transition[][] transitions;

  /// For each of the two J before a step, sequence and thread those of the states.
  private final Transition.Share[][][][] shares;

  private final Team.Task productTask = this::multiply;

  /// Which of the two is that after the last step.
  private int current;

  /// The gradient's row of each sequence, in both.
  private final Matrix[][] rows;

  private boolean[] present;
  private Parameters gradients;

  /// The gradients of these parameters, and the row that is added to them.
  private final Matrix[] addition = new Matrix[2];

  /// @param first the lowest of the layers
  /// @param last the uppermost
  FullInfluence(Network network, Tape tape, Team team, int first, int last) {
    this.team = team;
    kernels = network.kernels();
    layers = tape.layers.subList(first, last + 1);
    columns = Columns.of(network, first, last);
    batch = tape.packedRows.live.batch();
    states = StepJacobian.count(layers);
    double numbers = 2.0 * batch * (states + 1) * columns.count();
    if (numbers > MOST_NUMBERS) {
      throw new Refusal(
          "rule",
          "up to %.0e numbers of influence; snap1 and eprop keep one for each parameter and state"
              .formatted(MOST_NUMBERS),
          "%.1e for S=%d states, P=%d parameters and B=%d"
              .formatted(numbers, states, columns.count(), batch));
    }
    jacobian = new StepJacobian(kernels, layers, columns, batch);
    add = kernels.prepare(Pointwise.of(Op.ADD));
    rows = new Matrix[2][batch];
    for (int i = 0; i < 2; i++) {
      all[i] = kernels.allocate(Math.multiplyExact(batch, states + 1), columns.count());
      for (int b = 0; b < batch; b++) {
        rows[i][b] = all[i].rows(b * (states + 1) + states, 1);
      }
    }
    transitions = new Transition[batch][];
    shares = new Transition.Share[2][batch][team.size()][];
    for (int b = 0; b < batch; b++) {
      transitions[b] = transitions(b);
      for (int part = 0; part < team.size(); part++) {
        shares[0][b][part] = shares(b, part, 0);
        shares[1][b][part] = shares(b, part, 1);
      }
    }
  }

  private Transition[] transitions(int b) {
    List<Transition> own = new ArrayList<>();
    for (int l = 0; l < layers.size(); l++) {
      UnrolledLayer layer = layers.get(l).directions.getFirst();
      for (int s = 0; s < layer.states(); s++) {
        // What a layer above reads of this one goes through its matrices.
        boolean isShared = layers.size() > 1 || layer.coupling().isShared(s);
        own.add(new Transition(kernels, jacobian, layer, b, l, s, isShared));
      }
    }
    return own.toArray(Transition[]::new);
  }

  /// The columns of a thread.
  ///
  /// @param from which of the two is J before the step
  private Transition.Share[] shares(int b, int part, int from) {
    int first = Team.from(columns.count(), part, team.size());
    int count = Team.from(columns.count(), part + 1, team.size()) - first;
    int top = b * (states + 1);
    Matrix before = all[from].columns(first, count);
    Matrix after = all[1 - from].columns(first, count).rows(top, states + 1);
    Transition.Share[] own = new Transition.Share[transitions[b].length];
    int row = top;
    for (int i = 0; i < own.length; i++) {
      Transition transition = transitions[b][i];
      own[i] = transition.new Share(before.rows(row, transition.units()), after);
      row += transition.units();
    }
    return own;
  }

  /// J of sequence b after the last step, `[S, P]`: a window.
  private Matrix of(int b) {
    return all[current].rows(b * (states + 1), states);
  }

  @Override
  public List<Matrix> numbers() {
    return IntStream.range(0, batch).mapToObj(this::of).toList();
  }

  @Override
  public Columns columns() {
    return columns;
  }

  @Override
  public int states() {
    return states;
  }

  @Override
  public void copyTo(int b, Matrix to) {
    to.copy(of(b));
  }

  @Override
  public void step(Parameters to, boolean[] present) {
    aim(to);
    this.present = present;
    jacobian.follow();
    for (int b = 0; b < batch; b++) {
      for (Transition transition : transitions[b]) {
        transition.take();
      }
    }
    int next = 1 - current;
    all[next].clear();
    team.run(productTask);
    for (int b = 0; b < batch; b++) {
      if (isMissing(b)) {
        all[next].rows(b * (states + 1), states).copy(of(b));
        continue;
      }
      addition[1] = rows[next][b];
      add.run(addition, NO_SCALARS);
      for (int state = 0; state < states; state++) {
        jacobian.addImmediate(state, b, all[next], b * (states + 1) + state, 1);
      }
    }
    current = next;
  }

  @SuppressWarnings("ReferenceEquality") // the same memory, not equal numbers
  private void aim(Parameters to) {
    if (gradients != to) {
      gradients = to;
      addition[0] = columns.in(to);
    }
  }

  private void multiply(int part, int parts) {
    for (int b = 0; b < batch; b++) {
      if (!isMissing(b)) {
        for (Transition.Share share : shares[current][b][part]) {
          share.add();
        }
      }
    }
  }

  private boolean isMissing(int b) {
    return present != null && !present[b];
  }

  @Override
  public void reset(int b) {
    of(b).clear();
  }

  @Override
  public double sumOfSquares(int b) {
    return kernels.sumOfSquares(of(b));
  }

  @Override
  public void scale(int b, double factor) {
    Scaling.scale(kernels, of(b), factor);
  }

  @Override
  public long bytes() {
    return 2L * all[0].rows() * columns.count() * kernels.type().bytes();
  }
}
