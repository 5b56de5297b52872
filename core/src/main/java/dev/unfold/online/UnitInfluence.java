package dev.unfold.online;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.ErrorBundle;
import dev.unfold.layer.Passage;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.unroll.tape.Tape;
import java.util.ArrayList;
import java.util.List;

/// The influence of a layer's parameters on the states of their own unit, a number for each parameter and state: an
/// eligibility trace. With theta a parameter of unit i, and k, l states of the cell,
///
///     J_k(t) = A_k(t) u(t) + sum over l of D_kl,i(t) J_l(t-1)
///
/// where D_kl,i is what unit i hands on to itself as [Passage] says, A_k the error signal of the parameter's row for
/// an error of state k, and u what the row is multiplied with. If the output is a state h, the gradient is
///
///     dE_t/dtheta = e_h,i(t) J_h(t)
///
/// in the same loop. If not, the error of a step goes back the same way:
///
///     dE_t/dtheta = immediate + sum over k of e_k,i(t-1) J_k(t-1)
///
/// Now and then numbers next to nothing become zero ([Tiny]).
///
/// **Memory**: a number for each parameter, state and sequence.
///
/// **Threads**: rows of parameters are split.
final class UnitInfluence implements Influence {
  private final Kernels kernels;
  private final Team team;
  private final int batch;
  private final int states;
  private final int units;
  private final Columns columns;
  private final UnrolledLayer layer;
  private final Matrix outputGradient;

  /// Which state the output is, or -1.
  private final int outputState;

  /// Errors of one in all units of a state, for each state.
  private final StepErrors unitErrors;

  private final Matrix[] ones;

  /// The step's own error, if the output is no state; else null.
  private final StepErrors ownError;

  private final ImmediateInfluence own;
  private final Buffer traces;
  private final TraceChunks chunks;

  /// For each thread its pieces.
  private final Piece[][] shares;

  private final Team.Task task = this::run;
  private int sequence;
  private long steps;
  private Parameters gradients;

  /// @param index which layer
  /// @param pattern the states that each parameter reaches
  /// @param signal the derivative of the step's error with respect to the layer's output
  UnitInfluence(
      Network network,
      Tape tape,
      Team team,
      int index,
      Passage passage,
      UnitPattern pattern,
      Matrix signal) {
    this.team = team;
    kernels = network.kernels();
    batch = tape.packedRows.live.batch();
    columns = Columns.of(network, index, index);
    layer = tape.layers.get(index).directions.getFirst();
    states = layer.states();
    units = layer.initialState(0).cols();
    outputGradient = signal;
    unitErrors = new StepErrors(kernels, tape.layers.subList(index, index + 1), states, passage);
    outputState = layer.coupling().outputState();
    if (outputState < 0) {
      ownError = new StepErrors(kernels, tape.layers.subList(index, index + 1), 1, passage);
      own = new ImmediateInfluence(layer, ownError.bundle(0), columns.offsets().getFirst());
    } else {
      ownError = null;
      own = null;
    }
    ones = ones();
    traces = kernels.allocate((long) batch * states * columns.count());
    chunks = new TraceChunks(kernels, team, traces, (long) states * columns.count());
    List<Piece> pieces = new ArrayList<>();
    addPieces(pattern, pieces);
    shares = new Piece[team.size()][];
    for (int part = 0; part < team.size(); part++) {
      int share = part;
      shares[part] = pieces.stream().filter(p -> p.part() == share).toArray(Piece[]::new);
    }
  }

  private Matrix[] ones() {
    Matrix[] all = new Matrix[states];
    for (int k = 0; k < states; k++) {
      all[k] = kernels.allocate(states * batch, units);
      for (int row = k * batch; row < (k + 1) * batch; row++) {
        for (int i = 0; i < units; i++) {
          all[k].set(row, i, 1);
        }
      }
    }
    return all;
  }

  private void addPieces(UnitPattern pattern, List<Piece> pieces) {
    ErrorBundle bundle = unitErrors.bundle(0);
    long[] offsets = columns.offsets().getFirst();
    for (int g = 0; g < layer.groups(); g++) {
      Matrix signals = bundle.errorSignals(g);
      Matrix operand = layer.operand(g);
      int group = g;
      for (int from = 0; from < signals.cols(); from += units) {
        int row = from;
        boolean[] kept = new boolean[states];
        for (int k = 0; k < states; k++) {
          kept[k] = pattern.hasRow(k, group, row);
        }
        // A head's rows are multiplied with its own part of the operand.
        int heads = layer.heads(g);
        int rows = units / heads;
        int width = operand.cols() / heads;
        for (int head = 0; head < heads; head++) {
          int first = head * rows;
          Matrix of = signals.columns(from + first, rows);
          Matrix read = operand.columns(head * width, width);
          long offset = offsets[layer.weightOf(g)] + (long) (from + first) * width;
          addPieces(new Piece.Source(of, read, first, offset, kept), pieces);
        }
      }
    }
    for (int v = 0; v < bundle.vectorGradients(); v++) {
      Matrix numbers = bundle.vectorGradient(v);
      for (ErrorBundle.Target target : bundle.vectorTargets(v)) {
        for (int from = 0; from < numbers.cols(); from += units) {
          boolean[] kept = new boolean[states];
          for (int k = 0; k < states; k++) {
            kept[k] = pattern.hasNumber(k, target.parameter(), target.from() + from);
          }
          long offset = offsets[target.parameter()] + target.from() + from;
          Matrix signals = numbers.columns(from, units);
          addPieces(new Piece.Source(signals, null, 0, offset, kept), pieces);
        }
      }
    }
  }

  private void addPieces(Piece.Source source, List<Piece> pieces) {
    int rows = source.signals().cols();
    for (int part = 0; part < team.size(); part++) {
      int from = Team.from(rows, part, team.size());
      int count = Team.from(rows, part + 1, team.size()) - from;
      if (count > 0) {
        pieces.add(new Piece(this, kernels, source, part, from, count));
      }
    }
  }

  @Override
  public void step(Parameters to, boolean[] present) {
    gradients = to;
    unitErrors.clear();
    for (int k = 0; k < states; k++) {
      unitErrors.after(0, k).copy(ones[k]);
    }
    unitErrors.back();
    if (ownError != null) {
      ownError.clear();
      ownError.output(0).copy(outputGradient);
      ownError.back();
    }
    for (sequence = 0; sequence < batch; sequence++) {
      if (present == null || present[sequence]) {
        team.run(task);
        if (steps % Tiny.EVERY == 0) {
          chunks.flush(traceAt(sequence, 0));
        }
      }
    }
    steps++;
  }

  @Override
  public boolean isOfStepsBefore() {
    return outputState < 0;
  }

  /// Adds what the step's own error gives within the step, if [#step] does not.
  void addOwn(Parameters to) {
    if (own == null) {
      return;
    }
    Matrix sum = columns.in(to);
    for (int b = 0; b < batch; b++) {
      own.add(b, b, sum, 0, 1);
    }
  }

  private void run(int part, int parts) {
    for (Piece piece : shares[part]) {
      piece.run(sequence);
    }
  }

  /// D_kl of sequence b, a row of units.
  Matrix transition(int l) {
    return unitErrors.before(0, l);
  }

  /// Which state the output is, or -1.
  int outputState() {
    return outputState;
  }

  /// e_k, a row for each sequence: after the step if k is the output, else before it.
  Matrix error(int k) {
    return k == outputState ? outputGradient : ownError.before(0, k);
  }

  int batch() {
    return batch;
  }

  /// Where the traces of state k of sequence b are.
  long traceAt(int b, int k) {
    return ((long) b * states + k) * columns.count();
  }

  Buffer traces() {
    return traces;
  }

  Buffer gradientBuffer() {
    return gradients.buffer();
  }

  long gradientAt() {
    return columns.from();
  }

  @Override
  public List<Matrix> numbers() {
    return List.of(Matrix.of(traces, 0, batch * states, columns.count()));
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
    return states * units;
  }

  @Override
  public void copyTo(int b, Matrix to) {
    for (Piece[] share : shares) {
      for (Piece piece : share) {
        for (int k = 0; k < states; k++) {
          piece.copyTo(b, k, to, k * units);
        }
      }
    }
  }

  @Override
  public void reset(int b) {
    traces.clear(traceAt(b, 0), (long) states * columns.count());
  }

  private Matrix whole(int b) {
    return Matrix.of(traces, traceAt(b, 0), states, columns.count());
  }

  @Override
  public double sumOfSquares(int b) {
    return chunks.sumOfSquares(traceAt(b, 0));
  }

  @Override
  public void scale(int b, double factor) {
    Scaling.scale(kernels, whole(b), factor);
  }

  @Override
  public long bytes() {
    return traces.length() * kernels.type().bytes();
  }
}
