package dev.unfold.formats.keras;

import dev.unfold.formats.exchange.NetworkAssembly;
import dev.unfold.kernels.storage.HostBuffer;
import java.util.List;

/// A layer's weights in Keras's layout, moved into that of networks here: kernels are turned, and the gates of a GRU
/// stand as z, r, h there and as r, z, n here.
///
/// @param gates how many
/// @param input I
/// @param hidden H
/// @param isCudnn whether each gate is kept as cuDNN does
record RecurrentWeights(int gates, int input, int hidden, boolean isCudnn) {
  /// Where the gate `gate` of ours is in Keras's order.
  static int place(int gates, int gate) {
    return gates == 3 && gate < 2 ? 1 - gate : gate;
  }

  /// The matrix of the input, `[G*H, I]`.
  NetworkAssembly.Numbers input(KerasTensor kernel) {
    return target -> {
      long next = 0;
      for (int gate = 0; gate < gates; gate++) {
        for (int unit = 0; unit < hidden; unit++) {
          for (int i = 0; i < input; i++) {
            target.set(next++, kernel.at(inputPlace(place(gates, gate), unit, i)));
          }
        }
      }
    };
  }

  private int inputPlace(int place, int unit, int i) {
    int columns = gates * hidden;
    if (!isCudnn) {
      return i * columns + place * hidden + unit;
    }
    // A gate's [I, H] block holds the same numbers as [H, I] row by row.
    int within = unit * input + i;
    return within / hidden * columns + place * hidden + within % hidden;
  }

  /// Rows of the matrix of the state from gate `first` on, `[some*H, H]`.
  NetworkAssembly.Numbers recurrent(KerasTensor kernel, int first, int some) {
    return target -> {
      long next = 0;
      for (int gate = first; gate < first + some; gate++) {
        for (int unit = 0; unit < hidden; unit++) {
          for (int h = 0; h < hidden; h++) {
            int block = place(gates, gate) * hidden;
            int row = isCudnn ? unit : h;
            int column = isCudnn ? h : unit;
            target.set(next++, kernel.at(row * gates * hidden + block + column));
          }
        }
      }
    };
  }

  /// A bias `[G*H]`: row `row` of those that the layer has.
  NetworkAssembly.Numbers bias(KerasTensor bias, int row) {
    return target -> {
      long next = 0;
      for (int gate = 0; gate < gates; gate++) {
        int from = (row * gates + place(gates, gate)) * hidden;
        for (int unit = 0; unit < hidden; unit++) {
          target.set(next++, bias.at(from + unit));
        }
      }
    };
  }

  /// A matrix turned.
  static NetworkAssembly.Numbers turned(KerasTensor kernel, int rows, int columns) {
    return target -> {
      long next = 0;
      for (int c = 0; c < columns; c++) {
        for (int r = 0; r < rows; r++) {
          target.set(next++, kernel.at(r * columns + c));
        }
      }
    };
  }

  /// Numbers as they are.
  static NetworkAssembly.Numbers plain(KerasTensor tensor) {
    return (HostBuffer target) -> {
      for (int i = 0; i < tensor.count(); i++) {
        target.set(i, tensor.at(i));
      }
    };
  }

  /// The shape of a kernel in Keras.
  List<Integer> kernelShape() {
    return List.of(input, gates * hidden);
  }

  /// The shape of a recurrent kernel in Keras.
  List<Integer> recurrentShape() {
    return List.of(hidden, gates * hidden);
  }
}
