package dev.unfold.unroll.tape;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.Cell;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.model.State;
import dev.unfold.sequence.Inputs;
import dev.unfold.unroll.rows.PackedRows;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/// The states of all layers of an unrolled network, as a whole: for each layer, and each of its directions, those of
/// its cell. In the caller's order of the sequences.
public final class NetworkStates {
  /// Those of each layer's cell.
  private final List<List<Cell.Recurrence>> recurrences;

  private final List<UnrolledLayer> layers;
  private final PackedRows packedRows;
  private final PointwiseKernel add;

  /// The initial state, in the caller's order.
  private final State initial;

  /// Whether nothing is said of where to start from.
  private boolean isNew = true;

  /// @param cells that of each layer
  public NetworkStates(
      List<Cell> cells, List<UnrolledLayer> layers, PackedRows packedRows, Kernels kernels) {
    recurrences = cells.stream().map(Cell::recurrences).toList();
    this.layers = layers;
    this.packedRows = packedRows;
    add = kernels.prepare(Pointwise.of(Pointwise.Op.ADD));
    initial = zeros();
  }

  /// What belongs to a state of a layer.
  private interface Part {
    Matrix of(UnrolledLayer layer, int state);
  }

  private State map(Part part) {
    List<List<Matrix>> all = new ArrayList<>();
    for (int l = 0; l < layers.size(); l++) {
      List<Matrix> states = new ArrayList<>();
      for (int s = 0; s < recurrences.get(l).size(); s++) {
        states.add(part.of(layers.get(l), s));
      }
      all.add(states);
    }
    return new State(all);
  }

  /// Starts from `state`.
  public void set(State state) {
    isNew = false;
    copy(state, initial);
  }

  /// **Errors**: [IllegalArgumentException] if it is not one of these layers, in their precision, for as many
  /// sequences.
  public void check(State state) {
    Objects.requireNonNull(state, "state: expected one, got null");
    expect("layers", layers.size(), state.layers().size());
    for (int l = 0; l < layers.size(); l++) {
      expect("states", recurrences.get(l).size(), state.layers().get(l).size());
      for (int s = 0; s < recurrences.get(l).size(); s++) {
        check(letter(l, s), state.layers().get(l).get(s), initial.layers().get(l).get(s));
      }
    }
  }

  private static void check(String letter, Matrix got, Matrix expected) {
    expect("B", expected.rows(), got.rows());
    expect(letter, expected.cols(), got.cols());
    if (got.buffer().type() != expected.buffer().type()) {
      throw new Refusal("state", expected.buffer().type(), got.buffer().type());
    }
  }

  /// Starts from the state after the last steps of `previous`.
  public void setAfter(NetworkStates previous) {
    isNew = false;
    expect("layers", layers.size(), previous.layers.size());
    for (int l = 0; l < layers.size(); l++) {
      expect("states", recurrences.get(l).size(), previous.recurrences.get(l).size());
      for (int s = 0; s < recurrences.get(l).size(); s++) {
        Matrix to = initial.layers().get(l).get(s);
        UnrolledLayer layer = previous.layers.get(l);
        expect("B", to.rows(), layer.live().batch());
        expect(letter(l, s), to.cols(), layer.initialState(s).cols());
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
    isNew = true;
    clear(initial);
  }

  /// Whether sequences start, and do not go on from a state.
  boolean areNew() {
    return isNew;
  }

  /// Lets sequences that are new start from where `starts` says.
  void start(Starts starts, Inputs inputs) {
    starts.start(inputs, initial);
  }

  /// Puts the initial states where the layers have them.
  public void arrange() {
    for (int l = 0; l < layers.size(); l++) {
      for (int s = 0; s < recurrences.get(l).size(); s++) {
        Matrix from = initial.layers().get(l).get(s);
        Matrix to = layers.get(l).initialState(s);
        for (int i = 0; i < to.rows(); i++) {
          to.copyRow(from, packedRows.sequence(i), i);
        }
      }
    }
  }

  /// Sets all of `state` to zero.
  public static void clear(State state) {
    state.layers().forEach(states -> states.forEach(Matrix::clear));
  }

  /// Copies `from` to `to`, which has the sizes of this.
  public void copy(State from, State to) {
    check(from);
    for (int l = 0; l < layers.size(); l++) {
      for (int s = 0; s < recurrences.get(l).size(); s++) {
        to.layers().get(l).get(s).copy(from.layers().get(l).get(s));
      }
    }
  }

  /// Zeros for all states, in the memory of the layers.
  public State zeros() {
    return map((layer, s) -> {
      Matrix own = layer.initialState(s);
      return own.alike(own.rows(), own.cols());
    });
  }

  /// Copies the states to start from to `to`, which has the sizes of this.
  public void copyInitial(State to) {
    copy(initial, to);
  }

  /// Copies the states after the last steps to `to`.
  public void copyLast(State to) {
    for (int l = 0; l < layers.size(); l++) {
      for (int s = 0; s < recurrences.get(l).size(); s++) {
        copyLast(layers.get(l), s, to.layers().get(l).get(s));
      }
    }
  }

  /// Lets `gradient` arrive at the states after the last steps, beside what comes from the outputs.
  public void setLastGradient(State gradient) {
    for (int l = 0; l < layers.size(); l++) {
      for (int s = 0; s < recurrences.get(l).size(); s++) {
        Matrix from = gradient.layers().get(l).get(s);
        Matrix to = layers.get(l).finalStateGradient(s);
        for (int i = 0; i < to.rows(); i++) {
          to.copyRow(from, packedRows.sequence(i), i);
        }
      }
    }
  }

  /// Copies the derivatives with respect to the initial states to `to`.
  public void copyInitialGradient(State to) {
    for (int l = 0; l < layers.size(); l++) {
      for (int s = 0; s < recurrences.get(l).size(); s++) {
        Matrix from = layers.get(l).initialStateGradient(s);
        for (int i = 0; i < from.rows(); i++) {
          to.layers().get(l).get(s).copyRow(from, i, packedRows.sequence(i));
        }
      }
    }
  }

  /// Adds the derivatives with respect to the initial states to `to`.
  void addInitialGradient(State to) {
    for (int l = 0; l < layers.size(); l++) {
      for (int s = 0; s < recurrences.get(l).size(); s++) {
        Matrix from = layers.get(l).initialStateGradient(s);
        for (int i = 0; i < from.rows(); i++) {
          Matrix target = to.layers().get(l).get(s).rows(packedRows.sequence(i), 1);
          add.run(new Matrix[] {target, from.rows(i, 1)});
        }
      }
    }
  }

  /// A copy of the states after the last steps.
  public State last() {
    State copy = value();
    copyLast(copy);
    return copy;
  }

  /// The states before all steps, `[T*B, F]`, after a run of sequences that all have T steps: windows.
  public State beforeAllSteps() {
    return map(UnrolledLayer::states);
  }

  /// A copy of the derivatives with respect to the initial states.
  State initialGradient() {
    State copy = value();
    copyInitialGradient(copy);
    return copy;
  }

  /// Zeros for all states that do not depend on the layers' memory.
  private State value() {
    return map((layer, s) -> {
      Matrix own = layer.initialState(s);
      return Matrix.onHeap(own.buffer().type(), own.rows(), own.cols());
    });
  }

  private String letter(int layer, int state) {
    return recurrences.get(layer).get(state).state().size().letter();
  }

  private static void expect(String what, int expected, int got) {
    if (got != expected) {
      throw new Refusal("state", what + "=" + expected, got);
    }
  }
}
