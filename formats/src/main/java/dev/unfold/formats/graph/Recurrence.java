package dev.unfold.formats.graph;

import java.util.List;
import java.util.function.DoubleUnaryOperator;

/// What RNN, GRU and LSTM have in common: sequences, sizes, weights and directions.
///
/// **Shapes**: X `[T, B, I]`, W `[D, G H, I]`, R `[D, G H, H]`, B `[D, 2 G H]`, the input's biases before those of the
/// state; with `layout` 1 batches come first.
final class Recurrence {
  private final Call call;
  private final NumberType type;
  private final int gates;
  private final int steps;
  private final int batch;
  private final int input;
  private final int hidden;
  private final boolean[] isBack;
  private final boolean isBatchFirst;
  private final double[] x;
  private final double[] w;
  private final double[] r;
  private final double[] bias;
  private final double clip;
  private final List<DoubleUnaryOperator> activations;
  private final int functions;

  Recurrence(Call call, int gates, List<String> usual) {
    this.call = call;
    this.gates = gates;
    GraphTensor sequence = call.real(0);
    type = sequence.type();
    isBatchFirst = call.flag("layout");
    if (sequence.rank() != 3) {
      throw call.refuse("X", isBatchFirst ? "[B, T, I]" : "[T, B, I]", sequence);
    }
    steps = sequence.size(isBatchFirst ? 1 : 0);
    batch = sequence.size(isBatchFirst ? 0 : 1);
    input = sequence.size(2);
    isBack =
        switch (call.text("direction", "forward")) {
          case "forward" -> new boolean[] {false};
          case "reverse" -> new boolean[] {true};
          case "bidirectional" -> new boolean[] {false, true};
          case String other ->
              throw call.refuse("direction", "forward, reverse or bidirectional", other);
        };
    int directions = isBack.length;
    GraphTensor recurrent = call.real(2);
    hidden = recurrent.rank() == 3 ? recurrent.size(2) : 0;
    if (hidden < 1 || call.whole("hidden_size", hidden) != hidden) {
      throw call.refuse("R", "[D, N, H], H as hidden_size says", recurrent);
    }
    long all = (long) gates * hidden;
    int rows = call.size("R", Math.min(all, Integer.MAX_VALUE / 2));
    x = sequence.ownReals();
    w = call.shaped(1, type, "W [D, N, I]", directions, rows, input).ownReals();
    r = call.shaped(2, type, "R [D, N, H]", directions, rows, hidden).ownReals();
    bias =
        call.has(3)
            ? call.shaped(3, type, "B [D, 2 N]", directions, 2 * rows).ownReals()
            : new double[directions * 2 * rows];
    clip = call.real("clip", Double.POSITIVE_INFINITY);
    activations = RecurrentActivations.of(call, directions, usual);
    functions = usual.size();
  }

  /// The state of the sequence at `at` among those of all.
  double[] of(double[][] states, At at) {
    return states[at.d() * batch + at.b()];
  }

  NumberType type() {
    return type;
  }

  int directions() {
    return isBack.length;
  }

  int hidden() {
    return hidden;
  }

  /// Function `f` of direction `d`, on a number that is clipped.
  double activated(int d, int f, double net) {
    return unclipped(d, f, Math.max(-clip, Math.min(clip, net)));
  }

  /// Function `f` of direction `d`.
  double unclipped(int d, int f, double net) {
    return activations.get(d * functions + f).applyAsDouble(net);
  }

  /// A step of a sequence in one direction.
  ///
  /// @param d the direction
  /// @param t the step
  /// @param b the sequence
  record At(int d, int t, int b) {}

  /// Row k of gate g of W times x and of R times a state, plus both biases.
  double net(At at, int g, int k, double[] state) {
    return input(at, g, k) + recurrent(at.d(), g, k, state);
  }

  /// Row k of gate g of W times x, plus its bias.
  double input(At at, int g, int k) {
    int row = (at.d() * gates + g) * hidden + k;
    double sum = bias[(at.d() * 2 * gates + g) * hidden + k];
    int from = (isBatchFirst ? at.b() * steps + at.t() : at.t() * batch + at.b()) * input;
    for (int i = 0; i < input; i++) {
      sum += w[row * input + i] * x[from + i];
    }
    return sum;
  }

  /// Row k of gate g of R times a state, plus its bias.
  double recurrent(int d, int g, int k, double[] state) {
    int row = (d * gates + g) * hidden + k;
    double sum = bias[(d * 2 * gates + gates + g) * hidden + k];
    for (int i = 0; i < hidden; i++) {
      sum += r[row * hidden + i] * state[i];
    }
    return sum;
  }

  /// The states at the beginning, an input of the node, by direction and sequence.
  double[][] initial(int i) {
    double[][] states = new double[isBack.length * batch][hidden];
    if (!call.has(i)) {
      return states;
    }
    int[] shape = stateShape();
    double[] given = call.shaped(i, type, "initial state", shape).ownReals();
    for (int d = 0; d < isBack.length; d++) {
      for (int b = 0; b < batch; b++) {
        System.arraycopy(given, statePlace(d, b), states[d * batch + b], 0, hidden);
      }
    }
    return states;
  }

  private int[] stateShape() {
    return isBatchFirst
        ? new int[] {batch, isBack.length, hidden}
        : new int[] {isBack.length, batch, hidden};
  }

  private int statePlace(int d, int b) {
    return (isBatchFirst ? b * isBack.length + d : d * batch + b) * hidden;
  }

  GraphTensor states(double[][] states) {
    double[] all = call.reals(stateShape());
    for (int d = 0; d < isBack.length; d++) {
      for (int b = 0; b < batch; b++) {
        System.arraycopy(states[d * batch + b], 0, all, statePlace(d, b), hidden);
      }
    }
    return GraphTensor.ofReals(type, stateShape(), all);
  }

  /// One step of one sequence in one direction, which changes its states.
  interface Cell {
    void step(At at);
  }

  /// Runs all sequences, each up to its length; what is beyond is 0.
  ///
  /// @param h the state that comes out at each step
  GraphTensor run(double[][] h, Cell cell) {
    int directions = isBack.length;
    int[] shape =
        isBatchFirst
            ? new int[] {batch, steps, directions, hidden}
            : new int[] {steps, directions, batch, hidden};
    double[] y = call.reals(shape);
    int[] lengths = lengths();
    for (int d = 0; d < directions; d++) {
      for (int b = 0; b < batch; b++) {
        for (int s = 0; s < lengths[b]; s++) {
          int t = isBack[d] ? lengths[b] - 1 - s : s;
          cell.step(new At(d, t, b));
          int row =
              isBatchFirst ? (b * steps + t) * directions + d : (t * directions + d) * batch + b;
          System.arraycopy(h[d * batch + b], 0, y, row * hidden, hidden);
        }
      }
    }
    return GraphTensor.ofReals(type, shape, y);
  }

  private int[] lengths() {
    int[] lengths = new int[batch];
    GraphTensor given = call.has(4) ? call.shaped(4, "sequence_lens [B]", batch) : null;
    for (int b = 0; b < batch; b++) {
      long length = given == null ? steps : given.whole(b);
      if (length < 0 || length > steps) {
        throw call.refuse("sequence_lens", "from 0 to T=" + steps, length);
      }
      lengths[b] = (int) length;
    }
    return lengths;
  }
}
