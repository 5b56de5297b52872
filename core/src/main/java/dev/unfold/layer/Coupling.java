package dev.unfold.layer;

import dev.unfold.cell.Cell;
import dev.unfold.plan.ForwardStep;
import dev.unfold.plan.Plan;
import java.util.List;

/// How the units of a cell act on each other in time, as its equations have it: what online rules can do with it
/// follows from that.
public final class Coupling {
  private final Plan plan;
  private final ForwardStep step;

  Coupling(Plan plan) {
    this.plan = plan;
    step = plan.step();
  }

  /// That of `cell` with I inputs and H hidden units.
  public static Coupling of(Cell cell, int inputSize, int hiddenSize) {
    return new Coupling(Plan.of(cell, inputSize, hiddenSize));
  }

  /// Whether units are apart from each other: nothing goes from one to another in time, so that [Passage#SAME_UNIT] is
  /// all that there is.
  public boolean isDiagonal() {
    return Passage.isDiagonal(step);
  }

  /// How many heads there are that are apart from each other, so that nothing goes from one to another within a step or
  /// in time; 1 if all units may be joined.
  public int separateHeads() {
    return Passage.separateHeads(step);
  }

  /// Whether units are apart within a step: they meet in recurrent matrices alone, so that a parameter moves the states
  /// of its own unit alone at that step.
  public boolean areUnitsApart() {
    return Passage.keepsUnitsApart(step);
  }

  /// Whether each state after a step is a linear function of the states before it, whatever the input, as in a minGRU:
  /// a prefix scan gives all steps at once.
  public boolean isLinear() {
    return step.isLinear();
  }

  /// Whether state `index` acts on units other than its own in the next step: through a matrix, or a number for all
  /// units. In an LSTM h does, c does not.
  public boolean isShared(int index) {
    return Passage.isShared(step, index);
  }

  /// Which state the output is after each step, or -1 if it is none.
  public int outputState() {
    List<ForwardStep.State> states = step.states();
    for (int s = 0; s < states.size(); s++) {
      if (states.get(s).next() == step.output()) {
        return s;
      }
    }
    return -1;
  }

  /// Whether all its matrices and vectors add up to one pre-activation for each unit of its only state, as in an Elman
  /// network: their derivatives are one error signal times different operands.
  public boolean hasOnePreActivation() {
    return step.states().size() == 1 && plan.adjoint().hasOneSignal();
  }

  /// Whether what the matrix of group `group` multiplies depends on the states before the step.
  public boolean isRecurrent(int group) {
    return Passage.isRecurrent(step, step.groups().get(group));
  }

  /// Which parameters reach which states within a step.
  public Pattern pattern() {
    return new Pattern(step);
  }

  /// Checks that errors can be followed back as `passage` says.
  ///
  /// **Errors**: [IllegalArgumentException] if units have to be apart within a step, and are not: it says why.
  public void expectUsable(Passage passage) {
    passage.expectUsable(step);
  }
}
