package dev.unfold.model;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Sizes;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/// The hidden state of a network for B sequences: for each layer, and each of its directions, and each state
/// of its cell a matrix `[B, H]`, in the host's memory. A value: nothing else refers to its memory, and nothing changes
/// it but `Stepper.copyState`, which is told to.
///
/// @param layers for each layer the states, in the cell's order
public record State(List<List<Matrix>> layers) {
  /// Some places of an array are the virtual machine's.
  private static final int MOST = Integer.MAX_VALUE - 8;

  /// Copies the lists.
  public State {
    Objects.requireNonNull(layers, "layers: expected a list, got null");
    layers = layers.stream().map(List::copyOf).toList();
  }

  /// Zeros for `batch` = B sequences of a network of `spec`.
  public static State zeros(NetworkSpec spec, Precision precision, int batch) {
    List<List<Matrix>> layers = new ArrayList<>();
    for (int l = 0; l < spec.layers(); l++) {
      LayerSpec layer = spec.stack().get(l);
      Sizes sizes = layer.sizes(spec.inputSize(l));
      for (int d = 0; d < layer.directions(); d++) {
        List<Matrix> states = new ArrayList<>();
        for (Cell.Recurrence recurrence : layer.cell().recurrences()) {
          int width = sizes.of(recurrence.state().size());
          expectSize(batch, width);
          states.add(Matrix.onHeap(precision.type(), batch, width));
        }
        layers.add(states);
      }
    }
    return new State(layers);
  }

  /// **Errors**: [IllegalArgumentException] if a state of B sequences has more numbers than an array has places.
  private static void expectSize(int batch, int width) {
    if (batch < 0 || (long) batch * width > MOST) {
      throw new Refusal(
          "batch", "B from 0 to %d for states of %d numbers".formatted(MOST / width, width), batch);
    }
  }

  /// B
  public int batch() {
    for (List<Matrix> states : layers) {
      if (!states.isEmpty()) {
        return states.getFirst().rows();
      }
    }
    return 0;
  }

  /// The states of the sequences `rows`, in that order: one may stand there several times, to go on in several ways.
  ///
  /// **Errors**: [IllegalArgumentException] if there is no such sequence.
  public State rows(int... rows) {
    Objects.requireNonNull(rows, "rows: expected numbers of sequences, got null");
    for (int row : rows) {
      expectRow(row);
    }
    layers.forEach(states -> states.forEach(state -> expectSize(rows.length, state.cols())));
    return map(
        rows.length,
        (from, to) -> {
          for (int i = 0; i < rows.length; i++) {
            to.copyRow(from, rows[i], i);
          }
        });
  }

  /// The same but for the sequences `rows`, which start anew from zeros.
  ///
  /// **Errors**: as [#rows].
  public State reset(int... rows) {
    Objects.requireNonNull(rows, "rows: expected numbers of sequences, got null");
    for (int row : rows) {
      expectRow(row);
    }
    return map(
        batch(),
        (from, to) -> {
          for (int b = 0; b < from.rows(); b++) {
            int own = b;
            if (Arrays.stream(rows).noneMatch(row -> row == own)) {
              to.copyRow(from, b, b);
            }
          }
        });
  }

  /// A copy.
  public State copy() {
    return map(batch(), (from, to) -> to.copy(from));
  }

  /// **Errors**: [IllegalArgumentException] that names the first number which is not finite.
  public void expectFinite(NetworkSpec spec) {
    int index = 0;
    for (int l = 0; l < layers.size(); l++) {
      for (int s = 0; s < layers.get(l).size(); s++) {
        expectFinite(layers.get(l).get(s), spec, index++);
      }
    }
  }

  private static void expectFinite(Matrix state, NetworkSpec spec, int index) {
    Matrix values = state.toHost();
    for (int b = 0; b < values.rows(); b++) {
      for (int column = 0; column < values.cols(); column++) {
        double number = values.get(b, column);
        if (!Double.isFinite(number)) {
          List<String> names = names(spec);
          throw new Refusal(
              "state",
              "finite numbers",
              "%s in %s, sequence %d, column %d"
                  .formatted(
                      number, index < names.size() ? names.get(index) : "another", b, column));
        }
      }
    }
  }

  /// Names for the matrices in their order, such as `h_l0` and `h_l0_reverse`.
  public static List<String> names(NetworkSpec spec) {
    Objects.requireNonNull(spec, "spec: expected one, got null");
    List<String> names = new ArrayList<>();
    for (int l = 0; l < spec.layers(); l++) {
      for (String suffix : Network.suffixes(spec, l)) {
        spec.stack().get(l).cell().states().forEach(state -> names.add(state + suffix));
      }
    }
    return names;
  }

  /// The states of all sequences of `states`, one after the other.
  ///
  /// **Errors**: [IllegalArgumentException] if there are none, or if they are those of different networks.
  public static State join(List<State> states) {
    Objects.requireNonNull(states, "states: expected a list, got null");
    if (states.isEmpty()) {
      throw new Refusal("states", "one or more", "none");
    }
    for (int i = 0; i < states.size(); i++) {
      Objects.requireNonNull(states.get(i), "states[" + i + "]: expected one, got null");
      if (!states.getFirst().isAlike(states.get(i))) {
        throw new Refusal("states", "those of one network", "another's as states[" + i + "]");
      }
    }
    List<List<Matrix>> layers = new ArrayList<>();
    for (int l = 0; l < states.getFirst().layers.size(); l++) {
      List<Matrix> all = new ArrayList<>();
      for (int s = 0; s < states.getFirst().layers.get(l).size(); s++) {
        all.add(join(states, l, s));
      }
      layers.add(all);
    }
    return new State(layers);
  }

  /// Whether it has the same layers and sizes, for whatever number of sequences.
  private boolean isAlike(State other) {
    boolean alike = layers.size() == other.layers.size();
    for (int l = 0; alike && l < layers.size(); l++) {
      alike = layers.get(l).size() == other.layers.get(l).size();
      for (int s = 0; alike && s < layers.get(l).size(); s++) {
        Matrix own = layers.get(l).get(s);
        Matrix its = other.layers.get(l).get(s);
        alike = own.cols() == its.cols() && own.buffer().type() == its.buffer().type();
      }
    }
    return alike;
  }

  private static Matrix join(List<State> states, int l, int s) {
    Matrix first = states.getFirst().layers.get(l).get(s);
    long sum = states.stream().mapToLong(State::batch).sum();
    int batch = (int) Math.min(sum, Integer.MAX_VALUE);
    expectSize(batch, first.cols());
    Matrix all = Matrix.onHeap(first.buffer().type(), batch, first.cols());
    int row = 0;
    for (State state : states) {
      Matrix from = state.layers.get(l).get(s);
      for (int b = 0; b < from.rows(); b++) {
        all.copyRow(from, b, row++);
      }
    }
    return all;
  }

  private interface Copying {
    void copy(Matrix from, Matrix to);
  }

  private State map(int batch, Copying copying) {
    List<List<Matrix>> all = new ArrayList<>();
    for (List<Matrix> states : layers) {
      List<Matrix> copies = new ArrayList<>();
      for (Matrix from : states) {
        Matrix to = Matrix.onHeap(from.buffer().type(), batch, from.cols());
        copying.copy(from, to);
        copies.add(to);
      }
      all.add(copies);
    }
    return new State(all);
  }

  private void expectRow(int row) {
    if (row < 0 || row >= batch()) {
      throw new Refusal("rows", "0 to B-1=%d".formatted(batch() - 1), row);
    }
  }
}
