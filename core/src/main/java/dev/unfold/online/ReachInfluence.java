package dev.unfold.online;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.unroll.tape.Tape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;

/// The influence of a layer's parameters on the states that they reach within n steps, where the recurrent matrices
/// have zeros: with R_i the states of the units that unit i reaches, a block for each unit's parameters,
///
///     J_i(t) = I_i(t) + D_ii(t) J_i(t-1)       D_ii = the rows and columns R_i of D(t)
///     dE_t/dtheta_i = dE_t/ds(t) J_i(t)
///
/// Recurrent weights that are zero when it is made are no parameters: their gradients are zero, so they stay so.
///
/// **Memory**: for each sequence and unit the numbers of R_i times those of its parameters, once more for one sequence,
/// and what [StepJacobian] takes.
///
/// **Threads**: one caller.
///
/// **Source**: J. Menick et al., Practical real time recurrent learning with a sparse approximation, 2021.
final class ReachInfluence implements Influence {
  private final Kernels kernels;
  private final Columns columns;
  private final UnrolledLayer layer;
  private final int batch;
  private final int units;
  private final int states;
  private final StepJacobian jacobian;
  private final OutputError output;

  /// Of unit i the rows of its states and of those that it reaches, its columns, and where these are among them all.
  private final int[][] rows;

  private final int[][] parameters;

  /// For each sequence and unit.
  private final Matrix[][] blocks;

  /// D^T whole, and of what each unit reaches; a block of each unit on its way; a row of all columns.
  private final Matrix transition;

  private final Matrix[] factors;
  private final Matrix[] moved;

  private final Matrix immediate;

  /// @param index which layer: one whose units are apart within a step and whose output is one of its states
  /// @param steps n
  ///
  /// **Errors**: [IllegalArgumentException] if the recurrent matrices have no zeros.
  ReachInfluence(Network network, Tape tape, int index, int steps) {
    kernels = network.kernels();
    columns = Columns.of(network, index, index);
    layer = tape.layers.get(index).directions.getFirst();
    batch = tape.packedRows.live.batch();
    units = layer.initialState(0).cols();
    jacobian = new StepJacobian(kernels, tape.layers.subList(index, index + 1), columns, batch);
    states = jacobian.states();
    output = new OutputError(layer, states, batch);
    List<Matrix> own = network.weights().ofLayer(index, network.parameters()).getFirst();
    rows = rows(reached(own, steps));
    parameters = parameters(own);
    blocks = new Matrix[batch][units];
    factors = new Matrix[units];
    moved = new Matrix[units];
    for (int i = 0; i < units; i++) {
      factors[i] = kernels.allocate(rows[i].length, rows[i].length);
      moved[i] = kernels.allocate(rows[i].length, parameters[i].length);
      for (int b = 0; b < batch; b++) {
        blocks[b][i] = kernels.allocate(rows[i].length, parameters[i].length);
      }
    }
    transition = kernels.allocate(states, states);
    immediate = kernels.allocate(1, columns.count());
  }

  /// For each unit those that it reaches in n - 1 steps, itself among them.
  private BitSet[] reached(List<Matrix> own, int steps) {
    BitSet[] next = new BitSet[units];
    for (int i = 0; i < units; i++) {
      next[i] = new BitSet(units);
      next[i].set(i);
    }
    boolean hasZeros = false;
    for (int g = 0; g < layer.groups(); g++) {
      if (layer.coupling().isRecurrent(g)) {
        Matrix matrix = own.get(layer.weightOf(g));
        if (matrix.cols() != units) {
          throw new Refusal("rule", "recurrent matrices of [G H, H] for snap-n", "heads");
        }
        for (int r = 0; r < matrix.rows(); r++) {
          for (int j = 0; j < units; j++) {
            if (matrix.get(r, j) == 0) {
              hasZeros = true;
            } else {
              next[j].set(r % units);
            }
          }
        }
      }
    }
    if (!hasZeros) {
      throw new Refusal(
          "rule", "recurrent matrices with zeros for snap-n, or rtrl, which it would be", "none");
    }
    BitSet[] reached = new BitSet[units];
    for (int i = 0; i < units; i++) {
      reached[i] = new BitSet(units);
      reached[i].set(i);
      for (int step = 1; step < steps; step++) {
        BitSet more = new BitSet(units);
        reached[i].stream().forEach(j -> more.or(next[j]));
        reached[i].or(more);
      }
    }
    return reached;
  }

  private int[][] rows(BitSet... reached) {
    int[][] all = new int[units][];
    for (int i = 0; i < units; i++) {
      int[] own = reached[i].stream().toArray();
      all[i] = new int[own.length * layer.states()];
      for (int k = 0; k < all[i].length; k++) {
        all[i][k] = k / own.length * units + own[k % own.length];
      }
    }
    return all;
  }

  /// The columns of each unit's parameters, without recurrent weights that are zero.
  private int[][] parameters(List<Matrix> own) {
    BitSet recurrent = new BitSet();
    for (int g = 0; g < layer.groups(); g++) {
      if (layer.coupling().isRecurrent(g)) {
        recurrent.set(layer.weightOf(g));
      }
    }
    List<List<Integer>> all = new ArrayList<>();
    for (int i = 0; i < units; i++) {
      all.add(new ArrayList<>());
    }
    long[] offsets = columns.offsets().getFirst();
    for (int p = 0; p < own.size(); p++) {
      Matrix matrix = own.get(p);
      // A vector is a row with a number for each unit of each map.
      boolean isVector = matrix.rows() == 1;
      int rowsOfUnits = isVector ? matrix.cols() : matrix.rows();
      int width = isVector ? 1 : matrix.cols();
      for (int r = 0; r < rowsOfUnits; r++) {
        for (int c = 0; c < width; c++) {
          if (!recurrent.get(p) || matrix.get(r, c) != 0) {
            all.get(r % units).add(Math.toIntExact(offsets[p] + (long) r * width + c));
          }
        }
      }
    }
    return all.stream()
        .map(list -> list.stream().mapToInt(column -> column).toArray())
        .toArray(int[][]::new);
  }

  @Override
  public boolean isOfStepsBefore() {
    return false;
  }

  @Override
  public void step(Parameters gradients, boolean[] present) {
    jacobian.follow();
    Matrix sum = columns.in(gradients);
    for (int b = 0; b < batch; b++) {
      if (present == null || present[b]) {
        jacobian.copyTransposed(b, transition);
        for (int i = 0; i < units; i++) {
          move(b, i);
        }
        addImmediate(b);
        for (int i = 0; i < units; i++) {
          addGradient(b, i, sum);
        }
      }
    }
  }

  private void move(int b, int i) {
    int[] own = rows[i];
    Matrix factor = factors[i];
    for (int from = 0; from < own.length; from++) {
      for (int to = 0; to < own.length; to++) {
        factor.set(from, to, transition.get(own[from], own[to]));
      }
    }
    moved[i].clear();
    kernels.multiplyTransposedAdd(factor, blocks[b][i], moved[i]);
    blocks[b][i].copy(moved[i]);
  }

  /// A parameter moves the states of its own unit alone within a step.
  private void addImmediate(int b) {
    for (int state = 0; state < states; state++) {
      int unit = state % units;
      immediate.clear();
      jacobian.addImmediate(state, b, immediate, 0, 1);
      int row = Arrays.binarySearch(rows[unit], state);
      Matrix block = blocks[b][unit];
      for (int p = 0; p < parameters[unit].length; p++) {
        block.set(row, p, block.get(row, p) + immediate.get(0, parameters[unit][p]));
      }
    }
  }

  private void addGradient(int b, int i, Matrix sum) {
    Matrix block = blocks[b][i];
    for (int k = 0; k < rows[i].length; k++) {
      double error = output.ofState(b, rows[i][k]);
      if (error != 0) {
        for (int p = 0; p < parameters[i].length; p++) {
          int column = parameters[i][p];
          sum.set(0, column, sum.get(0, column) + error * block.get(k, p));
        }
      }
    }
  }

  @Override
  public List<Matrix> numbers() {
    return Arrays.stream(blocks).flatMap(Arrays::stream).toList();
  }

  @Override
  public void goOn(long step) {
    // All steps are alike.
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
    for (int i = 0; i < units; i++) {
      for (int k = 0; k < rows[i].length; k++) {
        for (int p = 0; p < parameters[i].length; p++) {
          to.set(rows[i][k], parameters[i][p], blocks[b][i].get(k, p));
        }
      }
    }
  }

  @Override
  public void reset(int b) {
    for (Matrix block : blocks[b]) {
      block.clear();
    }
  }

  @Override
  public double sumOfSquares(int b) {
    double sum = 0;
    for (Matrix block : blocks[b]) {
      sum += kernels.sumOfSquares(block);
    }
    return sum;
  }

  @Override
  public void scale(int b, double factor) {
    for (Matrix block : blocks[b]) {
      Scaling.scale(kernels, block, factor);
    }
  }

  @Override
  public long bytes() {
    long numbers = 0;
    for (int i = 0; i < units; i++) {
      numbers += (long) batch * rows[i].length * parameters[i].length;
    }
    return numbers * kernels.type().bytes();
  }
}
