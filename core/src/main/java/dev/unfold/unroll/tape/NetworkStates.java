package dev.unfold.unroll.tape;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.Cell;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.model.State;
import dev.unfold.unroll.rows.PackedRows;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// The states of all layers of an unrolled network, as a whole: for each layer, and each of its directions, those of its
/// cell. In the caller's order of the sequences.
public final class NetworkStates {
  private final List<Cell.Recurrence> recurrences;
  private final List<UnrolledLayer> layers;
  private final PackedRows packedRows;

  /// The initial state, in the caller's order.
  private final State initial;

  public NetworkStates(Cell cell, List<UnrolledLayer> layers, PackedRows packedRows) {
    recurrences = cell.recurrences();
    this.layers = layers;
    this.packedRows = packedRows;
    initial = map((layer, s) -> copyOf(layer.initialState(s)));
  }

  /// What belongs to a state of a layer.
  private interface Part {
    Matrix of(UnrolledLayer layer, int state);
  }

  private State map(Part part) {
    List<List<Matrix>> all = new ArrayList<>();
    for (UnrolledLayer layer : layers) {
      List<Matrix> states = new ArrayList<>();
      for (int s = 0; s < recurrences.size(); s++) {
        states.add(part.of(layer, s));
      }
      all.add(states);
    }
    return new State(all);
  }

  /// Starts from `state`.
  public void set(State state) {
    copy(state, initial);
  }

  /// **Errors**: [IllegalArgumentException] if it is not one of these layers, in their precision, for as many
  /// sequences.
  public void check(State state) {
    Objects.requireNonNull(state, "state: expected one, got null");
    expect("layers", layers.size(), state.layers().size());
    for (int l = 0; l < layers.size(); l++) {
      expect("states", recurrences.size(), state.layers().get(l).size());
      for (int s = 0; s < recurrences.size(); s++) {
        check(s, state.layers().get(l).get(s), initial.layers().get(l).get(s));
      }
    }
  }

  private void check(int state, Matrix got, Matrix expected) {
    expect("B", expected.rows(), got.rows());
    expect(letter(state), expected.cols(), got.cols());
    if (got.buffer().precision() != expected.buffer().precision()) {
      throw new Refusal("state", expected.buffer().precision(), got.buffer().precision());
    }
  }

  /// Starts from the state after the last steps of `previous`.
  public void setAfter(NetworkStates previous) {
    expect("layers", layers.size(), previous.layers.size());
    expect("states", recurrences.size(), previous.recurrences.size());
    for (int l = 0; l < layers.size(); l++) {
      for (int s = 0; s < recurrences.size(); s++) {
        Matrix to = initial.layers().get(l).get(s);
        UnrolledLayer layer = previous.layers.get(l);
        expect("B", to.rows(), layer.live().batch());
        expect(letter(s), to.cols(), layer.initialState(s).cols());
        previous.copyLast(layer, s, to);
      }
    }
  }

  private void copyLast(UnrolledLayer layer, int s, Matrix to) {
    for (int i = 0; i < to.rows(); i++) {
      layer.copyFinalState(s, i, to, packedRows.sequence(i));
    }
  }

  /// Starts from zeros.
  public void clear() {
    clear(initial);
  }

  /// Puts the initial states where the layers have them.
  public void arrange() {
    for (int l = 0; l < layers.size(); l++) {
      for (int s = 0; s < recurrences.size(); s++) {
        Matrix from = initial.layers().get(l).get(s);
        Matrix to = layers.get(l).initialState(s);
        for (int i = 0; i < to.rows(); i++) {
          State.copyRow(from, packedRows.sequence(i), to, i);
        }
      }
    }
  }

  /// Sets all of `state` to zero.
  public static void clear(State state) {
    state.layers().forEach(states -> states.forEach(matrix -> matrix.buffer().clear()));
  }

  /// Copies `from` to `to`, which has the sizes of this.
  public void copy(State from, State to) {
    check(from);
    for (int l = 0; l < layers.size(); l++) {
      for (int s = 0; s < recurrences.size(); s++) {
        copy(from.layers().get(l).get(s), to.layers().get(l).get(s));
      }
    }
  }

  /// Zeros for all states.
  public State zeros() {
    return map((layer, s) -> alike(layer.initialState(s)));
  }

  /// A copy of `state`.
  public static State copyOf(State state) {
    return new State(
        state.layers().stream()
            .map(states -> states.stream().map(NetworkStates::copyOf).toList())
            .toList());
  }

  /// Copies the states to start from to `to`, which has the sizes of this.
  public void copyInitial(State to) {
    copy(initial, to);
  }

  /// Copies the states after the last steps to `to`.
  public void copyLast(State to) {
    for (int l = 0; l < layers.size(); l++) {
      for (int s = 0; s < recurrences.size(); s++) {
        copyLast(layers.get(l), s, to.layers().get(l).get(s));
      }
    }
  }

  /// Lets `gradient` arrive at the states after the last steps, beside what comes from the outputs.
  public void setLastGradient(State gradient) {
    for (int l = 0; l < layers.size(); l++) {
      for (int s = 0; s < recurrences.size(); s++) {
        Matrix from = gradient.layers().get(l).get(s);
        Matrix to = layers.get(l).finalStateGradient(s);
        for (int i = 0; i < to.rows(); i++) {
          State.copyRow(from, packedRows.sequence(i), to, i);
        }
      }
    }
  }

  /// Copies the derivatives with respect to the initial states to `to`.
  public void copyInitialGradient(State to) {
    for (int l = 0; l < layers.size(); l++) {
      for (int s = 0; s < recurrences.size(); s++) {
        Matrix from = layers.get(l).initialStateGradient(s);
        for (int i = 0; i < from.rows(); i++) {
          State.copyRow(from, i, to.layers().get(l).get(s), packedRows.sequence(i));
        }
      }
    }
  }

  /// Adds the derivatives with respect to the initial states to `to`.
  void addInitialGradient(State to) {
    for (int l = 0; l < layers.size(); l++) {
      for (int s = 0; s < recurrences.size(); s++) {
        Matrix from = layers.get(l).initialStateGradient(s);
        for (int i = 0; i < from.rows(); i++) {
          addRow(from, i, to.layers().get(l).get(s), packedRows.sequence(i));
        }
      }
    }
  }

  /// A copy of the states after the last steps.
  public State last() {
    State copy = zeros();
    copyLast(copy);
    return copy;
  }

  /// The states before all steps, `[T*B, F]`, after a run of sequences that all have T steps: windows.
  public State beforeAllSteps() {
    return map(UnrolledLayer::states);
  }

  /// A copy of the derivatives with respect to the initial states.
  State initialGradient() {
    State copy = zeros();
    copyInitialGradient(copy);
    return copy;
  }

  private static Matrix alike(Matrix matrix) {
    return Matrix.allocate(matrix.buffer().precision(), matrix.rows(), matrix.cols());
  }

  /// A matrix of the same numbers with memory of its own.
  public static Matrix copyOf(Matrix from) {
    Matrix copy = alike(from);
    copy(from, copy);
    return copy;
  }

  private String letter(int state) {
    return recurrences.get(state).state().size().letter();
  }

  private static void copy(Matrix from, Matrix to) {
    for (int r = 0; r < to.rows(); r++) {
      State.copyRow(from, r, to, r);
    }
  }

  private static void addRow(Matrix from, int fromRow, Matrix to, int toRow) {
    for (int c = 0; c < to.cols(); c++) {
      to.set(toRow, c, to.get(toRow, c) + from.get(fromRow, c));
    }
  }

  private static void expect(String what, int expected, int got) {
    if (got != expected) {
      throw new Refusal("state", what + "=" + expected, got);
    }
  }
}
