package dev.unfold.net;

import dev.unfold.bptt.UnrolledLayer;
import dev.unfold.cell.Cell;
import dev.unfold.kernels.Matrix;
import java.util.ArrayList;
import java.util.List;

/// The states of all layers of an unrolled network, as a whole.
final class NetworkStates {
  private final List<Cell.Recurrence> recurrences;
  private final List<UnrolledLayer> layers;

  /// State `state` of a layer at some time, or its derivative.
  interface Part {
    Matrix of(UnrolledLayer layer, int state);
  }

  NetworkStates(Cell cell, List<UnrolledLayer> layers) {
    recurrences = cell.recurrences();
    this.layers = layers;
  }

  /// Starts from `state`.
  void set(State state) {
    expect("layers", layers.size(), state.layers().size());
    for (int l = 0; l < layers.size(); l++) {
      List<Matrix> from = state.layers().get(l);
      expect("states", recurrences.size(), from.size());
      for (int s = 0; s < from.size(); s++) {
        set(s, from.get(s), layers.get(l).initialState(s));
      }
    }
  }

  /// Starts from the state after the last step of `previous`.
  void setAfter(NetworkStates previous) {
    expect("layers", layers.size(), previous.layers.size());
    expect("states", recurrences.size(), previous.recurrences.size());
    for (int l = 0; l < layers.size(); l++) {
      for (int s = 0; s < recurrences.size(); s++) {
        set(s, previous.layers.get(l).finalState(s), layers.get(l).initialState(s));
      }
    }
  }

  /// Starts from zeros.
  void clear() {
    for (int l = 0; l < layers.size(); l++) {
      for (int s = 0; s < recurrences.size(); s++) {
        Matrix state = layers.get(l).initialState(s);
        state.buffer().clear(state.offset(), (long) state.rows() * state.cols());
      }
    }
  }

  /// A copy of `part`.
  State copy(Part part) {
    List<List<Matrix>> copies = new ArrayList<>();
    for (UnrolledLayer layer : layers) {
      List<Matrix> states = new ArrayList<>();
      for (int s = 0; s < recurrences.size(); s++) {
        states.add(copyOf(part.of(layer, s)));
      }
      copies.add(states);
    }
    return new State(copies);
  }

  /// A matrix of the same numbers with memory of its own.
  static Matrix copyOf(Matrix from) {
    Matrix copy = Matrix.allocate(from.buffer().precision(), from.rows(), from.cols());
    copy(from, copy);
    return copy;
  }

  private void set(int state, Matrix from, Matrix to) {
    String letter = recurrences.get(state).state().size().letter();
    expect("B", to.rows(), from.rows());
    expect(letter, to.cols(), from.cols());
    copy(from, to);
  }

  private static void copy(Matrix from, Matrix to) {
    for (int r = 0; r < to.rows(); r++) {
      long source = from.offset() + (long) r * from.stride();
      to.buffer().copy(from.buffer(), source, to.offset() + (long) r * to.stride(), to.cols());
    }
  }

  private static void expect(String what, int expected, int got) {
    if (got != expected) {
      throw new IllegalArgumentException(
          "state: expected " + what + "=" + expected + ", got " + got);
    }
  }
}
