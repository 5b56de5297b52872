package dev.unfold.online;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.unroll.tape.NetworkLayer;
import dev.unfold.unroll.tape.Tape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// The whole influence of some layers' parameters on these layers' states, which real-time recurrent learning carries
/// forward:
///
///     J(t) = I(t) + D(t) J(t-1)       dE_t/dtheta = immediate + dE_t/ds(t-1) J(t-1)
///
/// The error of the step is one more row of the product with J(t-1), so that is read once, and J(t) takes its place
/// panel by panel ([PanelWorker]). States that act on their own units alone, such as the c of an LSTM, take no product
/// of matrices.
///
/// **Shapes**: of each sequence J `[S, P]`, S states and P parameters of these layers.
///
/// **Memory**: B (S + 1) P numbers, and what [StepJacobian] takes.
///
/// **Threads**: columns of J are split; where I(t) is added, units are.
///
/// **Source**: R. J. Williams and D. Zipser, A learning algorithm for continually running fully recurrent neural
/// networks, 1989.
final class FullInfluence implements Influence {
  /// So many take 16 GB in float.
  private static final double MOST_NUMBERS = 4e9;

  /// The most columns of a panel: with 64 states it is a tenth of a second-level cache, and D(t) is read once for each.
  private static final int WIDEST = 512;

  /// So many panels at least, so that threads come to an end together.
  private static final int LEAST_PANELS = 32;

  /// Columns that a panel's width is a multiple of.
  private static final int STEP = 32;

  /// Numbers of a cache line, in float.
  private static final int LINE = Buffer.ALIGNMENT / Float.BYTES;

  private final Kernels kernels;
  private final Team team;
  private final List<NetworkLayer> layers;
  private final Columns columns;
  private final int batch;
  private final int states;
  private final int width;
  private final StepJacobian jacobian;
  private final List<StateRows> rows;

  /// J `[B (S + 1), P]`: of each sequence S rows, and one for the gradient.
  private final Matrix all;

  private final Transition[] transitions;

  /// The panels, one column of them after the other, in which one for each sequence.
  private final PanelWorker.Panel[][] panels;

  /// For each thread what adds I(t) of its units; null if these mix within a step.
  private final UnitImmediate[] immediate;

  private final Team.Phases stepTask = this::step;
  private final Team.Task squaresTask = this::square;
  private final double[] squares;
  private int looked;
  private long steps;
  private boolean[] present;
  private Parameters gradients;

  /// @param first the lowest of the layers
  /// @param last the uppermost
  FullInfluence(Network network, Tape tape, Team team, int first, int last) {
    this.team = team;
    kernels = network.kernels();
    layers = tape.layers.subList(first, last + 1);
    columns = Columns.of(network, first, last);
    batch = tape.packedRows.live.batch();
    states = StepJacobian.count(layers);
    double numbers = (double) batch * (states + 1) * columns.count();
    if (numbers > MOST_NUMBERS) {
      throw new Refusal(
          "rule",
          "up to %.0e numbers of influence; snap1 and eprop keep one for each parameter and state"
              .formatted(MOST_NUMBERS),
          "%.1e for S=%d states, P=%d parameters and B=%d"
              .formatted(numbers, states, columns.count(), batch));
    }
    jacobian = new StepJacobian(kernels, layers, columns, batch);
    rows = StateRows.of(layers);
    int height = Math.multiplyExact(batch, states + 1);
    int stride = stride(columns.count());
    all = Matrix.of(kernels.allocate((long) height * stride), 0, height, columns.count(), stride);
    transitions = new Transition[batch];
    Arrays.setAll(transitions, b -> new Transition(kernels, jacobian, rows, b, batch));
    int even = (columns.count() + LEAST_PANELS - 1) / LEAST_PANELS;
    width = Math.max(STEP, Math.min(WIDEST, (even + STEP - 1) / STEP * STEP));
    panels = new PanelWorker.Panel[(columns.count() + width - 1) / width][];
    squares = new double[panels.length];
    for (int part = 0; part < team.size(); part++) {
      PanelWorker worker = new PanelWorker(kernels, rows, width);
      int until = Team.from(panels.length, part + 1, team.size());
      for (int p = Team.from(panels.length, part, team.size()); p < until; p++) {
        panels[p] = panels(worker, p);
      }
    }
    immediate = immediate();
  }

  /// Whole cache lines, of an odd number: rows would share the sets of a cache if they were a power of two apart.
  private static int stride(int count) {
    int lines = (count + LINE - 1) / LINE;
    return Math.multiplyExact(lines | 1, LINE);
  }

  private PanelWorker.Panel[] panels(PanelWorker worker, int p) {
    PanelWorker.Panel[] own = new PanelWorker.Panel[batch];
    Matrix panel = all.columns(p * width, count(p));
    for (int b = 0; b < batch; b++) {
      own[b] = worker.new Panel(transitions[b], panel.rows(b * (states + 1), states + 1));
    }
    return own;
  }

  private int count(int p) {
    return Math.min(width, columns.count() - p * width);
  }

  private UnitImmediate[] immediate() {
    UnrolledLayer layer = layers.getFirst().directions.getFirst();
    if (layers.size() > 1 || !layer.coupling().areUnitsApart()) {
      return null;
    }
    int units = rows.getFirst().units();
    UnitImmediate[] parts = new UnitImmediate[team.size()];
    for (int part = 0; part < parts.length; part++) {
      int from = Team.from(units, part, parts.length);
      int count = Team.from(units, part + 1, parts.length) - from;
      long[] offsets = columns.offsets().getFirst();
      parts[part] =
          new UnitImmediate(kernels, layer, jacobian.bundle(0), offsets, rows, all, from, count);
    }
    return parts;
  }

  @Override
  public List<Matrix> numbers() {
    return IntStream.range(0, batch).mapToObj(this::of).toList();
  }

  @Override
  public void goOn(long step) {
    steps = step;
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
    Matrix own = of(b);
    for (StateRows state : rows) {
      to.rows(state.number(), state.units()).copy(own.rows(state.row(), state.units()));
    }
  }

  /// J of sequence b, `[S, P]`: a window.
  private Matrix of(int b) {
    return all.rows(b * (states + 1), states);
  }

  @Override
  public void step(Parameters to, boolean[] present) {
    aim(to);
    this.present = present;
    jacobian.follow();
    for (Transition transition : transitions) {
      transition.take();
    }
    team.run(stepTask, 2);
    steps++;
  }

  @SuppressWarnings("ReferenceEquality") // the same memory, not equal numbers
  private void aim(Parameters to) {
    if (gradients == to) {
      return;
    }
    gradients = to;
    Matrix sums = columns.in(to);
    for (int p = 0; p < panels.length; p++) {
      for (PanelWorker.Panel panel : panels[p]) {
        panel.aim(sums.columns(p * width, count(p)));
      }
    }
  }

  private void step(int phase, int part, int parts) {
    if (phase == 0) {
      int until = Team.from(panels.length, part + 1, parts);
      for (int p = Team.from(panels.length, part, parts); p < until; p++) {
        for (int b = 0; b < batch; b++) {
          if (!isMissing(b)) {
            panels[p][b].run((steps + p) % Tiny.EVERY == 0);
          }
        }
      }
      return;
    }
    for (int b = 0; b < batch; b++) {
      if (!isMissing(b)) {
        addImmediate(b, part, parts);
      }
    }
  }

  private void addImmediate(int b, int part, int parts) {
    if (immediate != null) {
      immediate[part].add(b);
      return;
    }
    for (StateRows state : rows) {
      int until = Team.from(state.units(), part + 1, parts);
      for (int i = Team.from(state.units(), part, parts); i < until; i++) {
        int row = b * (states + 1) + state.row() + i;
        jacobian.addImmediate(state.number() + i, b, all, row, 1);
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
    looked = b;
    team.run(squaresTask);
    double sum = 0;
    for (double own : squares) {
      sum += own;
    }
    return sum;
  }

  private void square(int part, int parts) {
    int until = Team.from(panels.length, part + 1, parts);
    for (int p = Team.from(panels.length, part, parts); p < until; p++) {
      squares[p] = panels[p][looked].sumOfSquares();
    }
  }

  @Override
  public void scale(int b, double factor) {
    Scaling.scale(kernels, of(b), factor);
  }

  @Override
  public long bytes() {
    return (long) all.rows() * all.stride() * kernels.type().bytes();
  }
}
