package dev.unfold.online;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.unroll.tape.Tape;
import java.util.List;

/// The influence as the product of a vector of states and a vector of parameters, which with random signs nu is right
/// in the mean:
///
///     s~ <- rho0 D s~ + rho1 nu       theta~ <- theta~ / rho0 + nu I / rho1       dE_t/dtheta = (dE_t/ds(t) s~) theta~
///     rho0 = sqrt((|theta~| + eps) / (|D s~| + eps))       rho1 = sqrt((|nu I| + eps) / (|nu| + eps))
///
/// **Memory**: S + P numbers of each sequence, and what [StepJacobian] takes.
///
/// **Source**: C. Tallec and Y. Ollivier, Unbiased online recurrent optimization, 2017.
final class RankOneInfluence implements Influence {
  private final Kernels kernels;
  private final Signs signs;
  private final Columns columns;
  private final int batch;
  private final int states;
  private final StepJacobian jacobian;
  private final OutputError output;
  private final Matrix vector;
  private final Matrix moved;
  private final Matrix parameters;
  private final Matrix immediate;
  private final Matrix transition;
  private long step;

  RankOneInfluence(Network network, Tape tape, Signs signs) {
    kernels = network.kernels();
    this.signs = signs;
    int last = tape.layers.size() - 1;
    columns = Columns.of(network, 0, last);
    batch = tape.packedRows.live.batch();
    jacobian = new StepJacobian(kernels, tape.layers, columns, batch);
    states = jacobian.states();
    UnrolledLayer top = tape.layers.getLast().directions.getFirst();
    output = new OutputError(top, states, batch);
    vector = kernels.allocate(batch, states);
    moved = kernels.allocate(1, states);
    parameters = kernels.allocate(batch, columns.count());
    immediate = kernels.allocate(1, columns.count());
    transition = kernels.allocate(states, states);
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
      if (present != null && !present[b]) {
        continue;
      }
      move(b);
      double error = output.times(b, vector);
      for (int p = 0; p < columns.count(); p++) {
        sum.set(0, p, sum.get(0, p) + error * parameters.get(b, p));
      }
    }
    step++;
  }

  private void move(int b) {
    jacobian.copyTransposed(b, transition);
    immediate.clear();
    for (int i = 0; i < states; i++) {
      double number = 0;
      for (int j = 0; j < states; j++) {
        number += transition.get(j, i) * vector.get(b, j);
      }
      moved.set(0, i, number);
      jacobian.addImmediate(i, b, immediate, 0, signs.sign(step, b, i));
    }
    double rho0 = Scaling.balance(norm(parameters.rows(b, 1)), norm(moved));
    double rho1 = Scaling.balance(norm(immediate), Math.sqrt(states));
    for (int i = 0; i < states; i++) {
      vector.set(b, i, rho0 * moved.get(0, i) + rho1 * signs.sign(step, b, i));
    }
    for (int p = 0; p < columns.count(); p++) {
      parameters.set(b, p, parameters.get(b, p) / rho0 + immediate.get(0, p) / rho1);
    }
  }

  private double norm(Matrix row) {
    return Math.sqrt(kernels.sumOfSquares(row));
  }

  @Override
  public List<Matrix> numbers() {
    return List.of(vector, parameters);
  }

  @Override
  public void goOn(long step) {
    this.step = step;
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
    for (int i = 0; i < states; i++) {
      for (int p = 0; p < columns.count(); p++) {
        to.set(i, p, vector.get(b, i) * parameters.get(b, p));
      }
    }
  }

  @Override
  public void reset(int b) {
    vector.rows(b, 1).clear();
    parameters.rows(b, 1).clear();
  }

  @Override
  public double sumOfSquares(int b) {
    return kernels.sumOfSquares(vector.rows(b, 1)) * kernels.sumOfSquares(parameters.rows(b, 1));
  }

  @Override
  public void scale(int b, double factor) {
    Scaling.scale(kernels, parameters.rows(b, 1), factor);
  }

  @Override
  public long bytes() {
    return (long) batch * (states + columns.count()) * kernels.type().bytes();
  }
}
