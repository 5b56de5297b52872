package dev.unfold.online;

import dev.unfold.layer.UnrolledLayer;
import dev.unfold.unroll.tape.NetworkLayer;
import java.util.ArrayList;
import java.util.List;

/// Where the numbers of a state are among the rows of J: states that act on other units first, so that what takes a
/// product of matrices lies together; those that act on their own units alone, such as the c of an LSTM, behind them.
///
/// @param layer whose state, 0 for the lowest of some
/// @param state which of its cell
/// @param units how many numbers
/// @param isShared whether it acts on units other than its own
/// @param number that of its first number among all states, in the order of layers and cells
/// @param row its first row of J
record StateRows(int layer, int state, int units, boolean isShared, int number, int row) {

  /// Those of some layers, in the order of layers and cells.
  static List<StateRows> of(List<NetworkLayer> layers) {
    List<StateRows> all = new ArrayList<>();
    int number = 0;
    int shared = 0;
    int own = shared(layers);
    for (int l = 0; l < layers.size(); l++) {
      UnrolledLayer layer = layers.get(l).directions.getFirst();
      for (int s = 0; s < layer.states(); s++) {
        int units = layer.initialState(s).cols();
        boolean isShared = isShared(layers, l, s);
        all.add(new StateRows(l, s, units, isShared, number, isShared ? shared : own));
        number += units;
        shared += isShared ? units : 0;
        own += isShared ? 0 : units;
      }
    }
    return all;
  }

  /// What a layer above reads of a layer goes through its matrices.
  private static boolean isShared(List<NetworkLayer> layers, int l, int state) {
    return layers.size() > 1 || layers.get(l).directions.getFirst().coupling().isShared(state);
  }

  /// K, how many numbers act on other units: the first rows of J.
  static int shared(List<NetworkLayer> layers) {
    int count = 0;
    for (int l = 0; l < layers.size(); l++) {
      UnrolledLayer layer = layers.get(l).directions.getFirst();
      for (int s = 0; s < layer.states(); s++) {
        count += isShared(layers, l, s) ? layer.initialState(s).cols() : 0;
      }
    }
    return count;
  }
}
