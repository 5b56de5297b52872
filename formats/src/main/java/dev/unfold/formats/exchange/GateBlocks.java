package dev.unfold.formats.exchange;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Cell;
import dev.unfold.cell.CellParameter;
import dev.unfold.cell.Sizes;
import dev.unfold.cell.library.ActivatedCells;
import dev.unfold.cell.library.ActivatedCells.Gate;
import dev.unfold.cell.library.ActivatedCells.Kind;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Parameters;
import java.util.Optional;

/// The numbers of an LSTM or a GRU gate by gate, however its cell keeps them: for each gate a block of the input's
/// matrix, one of the state's, and a bias of each, zeros where there is none.
final class GateBlocks {
  static final String LSTM = "ifgo";
  static final String GRU = "rzn";
  private static final String NEW = "hn";

  /// What a cell is.
  record GatedCell(Kind kind, Gate gate, Activation activation) {
    /// Empty if it is no LSTM or GRU whose gates can be told; with heads it is none of another program's.
    static Optional<GatedCell> of(Cell cell) {
      if (cell.heads() > 1) {
        return Optional.empty();
      }
      for (Kind kind : Kind.values()) {
        for (Gate gate : Gate.values()) {
          for (Activation activation : Activation.values()) {
            if (ActivatedCells.of(kind, gate, activation).name().equals(cell.name())) {
              return Optional.of(new GatedCell(kind, gate, activation));
            }
          }
        }
      }
      return Optional.empty();
    }

    /// The letters of its gates in the library's order.
    String letters() {
      return kind == Kind.LSTM ? LSTM : GRU;
    }

    Cell cell() {
      return ActivatedCells.of(kind, gate, activation);
    }
  }

  /// By gate, in the library's order.
  private final double[][][] blocks = new double[4][][];

  static final int INPUT = 0;
  static final int STATE = 1;
  static final int INPUT_BIAS = 2;
  static final int STATE_BIAS = 3;

  private final String letters;

  private GateBlocks(String letters, Sizes sizes) {
    this.letters = letters;
    int hidden = sizes.hidden();
    for (int part = 0; part < blocks.length; part++) {
      int columns = part == INPUT ? sizes.input() : part == STATE ? hidden : 1;
      blocks[part] = new double[letters.length()][hidden * columns];
    }
  }

  /// The blocks of a part, by gate in the library's order; may be changed.
  double[][] part(int part) {
    return blocks[part];
  }

  /// Puts other blocks, those of `order`, in the place of each part's.
  void permute(String from, String to) {
    for (int part = 0; part < blocks.length; part++) {
      double[][] others = new double[letters.length()][];
      for (int at = 0; at < letters.length(); at++) {
        // The file's block number `at` was taken for the gate from[at], and is to[at].
        others[letters.indexOf(to.charAt(at))] = blocks[part][letters.indexOf(from.charAt(at))];
      }
      blocks[part] = others;
    }
  }

  /// Those of a direction of a layer.
  static GateBlocks of(Cell cell, String letters, Sizes sizes, Parameters from, String suffix) {
    GateBlocks all = new GateBlocks(letters, sizes);
    all.walk(
        cell,
        sizes,
        suffix,
        (name, parameter, block, first) -> {
          Matrix matrix = from.matrix(name).toHost();
          double[] into = all.block(parameter, block);
          for (int i = 0; i < into.length; i++) {
            into[i] = at(matrix, parameter, first, i);
          }
        });
    return all;
  }

  /// Sets those of a layer's direction.
  void copyTo(Cell cell, Sizes sizes, Parameters to, String suffix) {
    walk(
        cell,
        sizes,
        suffix,
        (name, parameter, block, first) -> {
          Matrix matrix = to.matrix(name);
          Matrix own = matrix.toHost();
          Matrix changed = Matrix.onHeap(own.buffer().type(), own.rows(), own.cols());
          changed.copy(own);
          double[] from = block(parameter, block);
          boolean isSum =
              parameter.name().equals("bias") && !(block.equals(NEW) || block.equals("in"));
          double[] more = blocks[STATE_BIAS][gate(block)];
          for (int i = 0; i < from.length; i++) {
            double number = isSum ? from[i] + more[i] : from[i];
            int flat = first * columns(own, parameter) + i;
            changed.set(flat / own.cols(), flat % own.cols(), number);
          }
          matrix.copy(changed);
        });
  }

  private interface Visit {
    /// @param first the first row of the block
    void see(String name, CellParameter parameter, String block, int first);
  }

  private void walk(Cell cell, Sizes sizes, String suffix, Visit visit) {
    for (CellParameter parameter : cell.layout().parameters()) {
      int row = 0;
      for (CellParameter.Block block : parameter.blocks()) {
        visit.see(parameter.name() + suffix, parameter, block.name(), row);
        row += sizes.of(block.size());
      }
    }
  }

  private static int columns(Matrix matrix, CellParameter parameter) {
    return parameter.role().isMatrix() ? matrix.cols() : 1;
  }

  private static double at(Matrix matrix, CellParameter parameter, int first, int i) {
    int flat = first * columns(matrix, parameter) + i;
    return matrix.get(flat / matrix.cols(), flat % matrix.cols());
  }

  private int gate(String block) {
    return letters.indexOf(block.charAt(block.length() - 1));
  }

  private double[] block(CellParameter parameter, String block) {
    int part =
        switch (parameter.role()) {
          case INPUT_WEIGHT -> INPUT;
          case RECURRENT_WEIGHT -> STATE;
          case BIAS, VECTOR -> {
            boolean isOfInput =
                parameter.name().equals("bias_ih")
                    || (parameter.name().equals("bias") && !block.equals(NEW));
            yield isOfInput ? INPUT_BIAS : STATE_BIAS;
          }
        };
    return blocks[part][gate(block)];
  }
}
