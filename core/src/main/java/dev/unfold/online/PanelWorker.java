package dev.unfold.online;

import dev.unfold.kernels.Factor;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.PackedMatrix;
import java.util.ArrayList;
import java.util.List;

/// Takes panels of J, some columns of one sequence each, through D(t) in place: the rows that take a product are laid
/// out for the kernel first, and what that gives is written over them. A panel stays in the second-level cache
/// meanwhile, so J is read and written once a step.
///
/// **Memory**: K numbers for each column of a panel.
///
/// **Threads**: each has its own.
final class PanelWorker {
  private static final double[] NO_SCALARS = {};

  private final Kernels kernels;
  private final int states;
  private final PackedMatrix packed;
  private final PointwiseKernel add;
  private final PointwiseKernel flush;

  /// What states that act on their own units alone give to one that does not, and to themselves; null without any.
  private final PointwiseKernel toOthers;

  private final PointwiseKernel toThemselves;

  /// @param rows where the states are
  /// @param width the most columns of a panel
  PanelWorker(Kernels kernels, List<StateRows> rows, int width) {
    this.kernels = kernels;
    states = rows.stream().mapToInt(StateRows::units).sum();
    int shared = rows.stream().filter(StateRows::isShared).mapToInt(StateRows::units).sum();
    packed = shared == 0 ? null : kernels.allocatePacked(shared, width);
    add = kernels.prepare(Pointwise.of(Op.ADD));
    flush = kernels.prepare(Tiny.program(kernels.precision()));
    int own = Math.toIntExact(rows.stream().filter(state -> !state.isShared()).count());
    toOthers = own == 0 ? null : kernels.prepare(sums(1, own));
    toThemselves = own == 0 ? null : kernels.prepare(sums(own, own));
  }

  /// next_k = sum over l of d_kl x_l, with x its first operands; `count` of `own` next values, which are these again
  /// if they are as many.
  private static Pointwise sums(int count, int own) {
    Pointwise.Builder builder = Pointwise.builder();
    Slot[] sources = new Slot[own];
    for (int l = 0; l < own; l++) {
      sources[l] = builder.operand();
    }
    Slot[] targets = new Slot[count];
    for (int k = 0; k < count; k++) {
      targets[k] = builder.operand();
    }
    // All numbers of units first: what follows is then one loop over elements.
    Slot[][] factors = new Slot[count][own];
    for (int k = 0; k < count; k++) {
      for (int l = 0; l < own; l++) {
        factors[k][l] = builder.compute(Op.SPREAD, builder.column());
      }
    }
    Slot[] sums = new Slot[count];
    for (int k = 0; k < count; k++) {
      sums[k] = builder.compute(Op.MULTIPLY, factors[k][0], sources[0]);
      for (int l = 1; l < own; l++) {
        Slot share = builder.compute(Op.MULTIPLY, factors[k][l], sources[l]);
        sums[k] = builder.compute(Op.ADD, sums[k], share);
      }
    }
    for (int k = 0; k < count; k++) {
      builder.emit(Op.COPY, targets[k], sums[k], sums[k]);
    }
    return builder.build();
  }

  /// Some columns of J of one sequence.
  final class Panel {
    private final Matrix numbers;
    private final Matrix shared;
    private final Matrix gradientRow;
    private final Factor[] product;
    private final Matrix factor;
    private final Matrix[] flushed;

    /// Of each state that acts on its own units alone its rows, and the error with respect to it.
    private final Matrix[] ownRows;

    private final Matrix[] ownErrors;

    /// What they give to each of the others, and to themselves.
    private final Matrix[][] others;

    private final Matrix[] themselves;

    /// The gradient's columns, and the row that is added to them.
    private final Matrix[] addition;

    /// @param all S rows of J, and one for the gradient
    Panel(Transition transition, Matrix all) {
      numbers = all.rows(0, states);
      gradientRow = all.rows(states, 1);
      addition = new Matrix[] {null, gradientRow};
      flushed = new Matrix[] {numbers};
      factor = transition.factor();
      List<StateRows> own = new ArrayList<>();
      List<StateRows> rest = new ArrayList<>();
      transition.states().forEach(state -> (state.isShared() ? rest : own).add(state));
      if (packed == null) {
        shared = null;
        product = null;
      } else {
        shared = all.rows(0, factor.cols());
        Matrix onto = own.isEmpty() ? null : all;
        product = new Factor[] {new Factor(packed.columns(0, all.cols()), onto, all)};
      }
      ownRows = own.stream().map(state -> rows(all, state)).toArray(Matrix[]::new);
      ownErrors = own.stream().map(transition::error).toArray(Matrix[]::new);
      others =
          rest.stream()
              .map(state -> operands(all, transition, own, List.of(state)))
              .toArray(Matrix[][]::new);
      themselves = operands(all, transition, own, own);
    }

    private static Matrix rows(Matrix all, StateRows state) {
      return all.rows(state.row(), state.units());
    }

    private static Matrix[] operands(
        Matrix all, Transition transition, List<StateRows> own, List<StateRows> targets) {
      List<Matrix> operands = new ArrayList<>();
      own.forEach(source -> operands.add(rows(all, source)));
      targets.forEach(target -> operands.add(rows(all, target)));
      for (StateRows target : targets) {
        own.forEach(source -> operands.add(transition.diagonal(source, target)));
      }
      return operands.toArray(Matrix[]::new);
    }

    /// Says where the gradient's columns are.
    void aim(Matrix gradient) {
      addition[0] = gradient;
    }

    /// Takes the panel through D(t), and adds what it gives to the gradient.
    ///
    /// @param isFlushed whether numbers next to nothing become zero
    void run(boolean isFlushed) {
      if (product != null) {
        kernels.pack(shared, product[0].b());
      }
      if (ownRows.length > 0) {
        gradientRow.clear();
        for (int i = 0; i < ownRows.length; i++) {
          kernels.multiplyTransposedAdd(ownErrors[i], ownRows[i], gradientRow);
        }
        for (Matrix[] operands : others) {
          toOthers.run(operands, NO_SCALARS);
        }
        toThemselves.run(themselves, NO_SCALARS);
      }
      if (product != null) {
        kernels.multiply(factor, product);
      }
      add.run(addition, NO_SCALARS);
      if (isFlushed) {
        flush.run(flushed, NO_SCALARS);
      }
    }

    /// The sum of the squares of its numbers.
    double sumOfSquares() {
      return kernels.sumOfSquares(numbers);
    }
  }
}
