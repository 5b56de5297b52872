package dev.unfold.layer;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.plan.ForwardStep;
import dev.unfold.plan.Graph;
import dev.unfold.plan.Group;
import dev.unfold.plan.Node;
import java.util.BitSet;

/// What of a step's derivative an error may pass on its way to the step before. With s the states of a layer,
///
///     D(t) = ds(t) / ds(t-1)
///
/// has two parts: what a unit hands on within itself (a leak, a forget gate), and what goes through the recurrent
/// matrices. Rules of online learning differ in what they keep of the second.
///
/// **Source**: J. Menick et al., Practical real time recurrent learning with a sparse approximation, 2021, for
/// [#SAME_UNIT]; G. Bellec et al., A solution to the learning dilemma for recurrent networks of spiking neurons, 2020,
/// for [#WITHIN].
public enum Passage {
  /// All of D(t): exact.
  WHOLE("all"),
  /// From a unit to itself alone: the diagonals of the recurrent matrices.
  SAME_UNIT("the same unit"),
  /// What a unit hands on within itself: nothing through the recurrent matrices.
  WITHIN("within a unit");

  private final String text;

  Passage(String text) {
    this.text = text;
  }

  /// What it lets pass, in words.
  public String text() {
    return text;
  }

  /// Checks that a step of a cell keeps units apart but for its recurrent matrices: that matrices multiply the input or
  /// states as they were before the step, that no number is made of several units or stands for several, and that all
  /// values have one number for each unit.
  ///
  /// **Errors**: [IllegalArgumentException] that says what mixes them, unless this is [#WHOLE].
  void expectUsable(ForwardStep step) {
    if (this == WHOLE) {
      return;
    }
    for (Group group : step.groups()) {
      boolean isState = step.graph().get(group.operand()) instanceof Node.State;
      if (!isState && !isOfInput(step.graph(), group.operand())) {
        throw mixing(step, "a product with " + group.name() + " within the step");
      }
    }
    expectNumbersOfUnits(step);
  }

  /// Checks that all values have one number for each unit, and none is made of several or stands for several.
  private static void expectNumbersOfUnits(ForwardStep step) {
    int units = step.sizes().hidden();
    for (ForwardStep.State state : step.states()) {
      expectWidth(step, state.name(), state.width(), units);
    }
    for (Group group : step.groups()) {
      for (Group.Slice slice : group.slices()) {
        expectWidth(step, slice.affine(), slice.width(), units);
      }
    }
    for (Node node : step.graph().nodes()) {
      if (node instanceof Node.Apply(Op op, _, _, _, _) && (op == Op.SUM || op == Op.SPREAD)) {
        throw mixing(step, "one number for all units");
      }
      if (node instanceof Node.Vector vector) {
        String name = step.parameters().get(vector.parameter()).name();
        expectWidth(step, name, vector.width(), units);
      }
    }
  }

  /// Whether a node is made of the input and of numbers alone.
  private static boolean isOfInput(Graph graph, int node) {
    return switch (graph.get(node)) {
      case Node.Apply apply -> isOfInput(graph, apply.left()) && isOfInput(graph, apply.right());
      case Node.Input _, Node.Noise _, Node.Constant _ -> true;
      default -> false;
    };
  }

  private static void expectWidth(ForwardStep step, String name, int width, int units) {
    if (width != units) {
      throw mixing(step, "%s of %d numbers for %d units".formatted(name, width, units));
    }
  }

  private static Refusal mixing(ForwardStep step, String what) {
    return Refusal.within(
        "rule", "cell " + step.cell().name(), "one that lets all pass (rtrl), as units mix", what);
  }

  /// Whether what the group's matrix multiplies depends on the states before the step.
  static boolean isRecurrent(ForwardStep step, Group group) {
    return dependsOnStates(step, group.operand(), new BitSet());
  }

  private static boolean dependsOnStates(ForwardStep step, int node, BitSet seen) {
    if (node == Node.NONE || seen.get(node)) {
      return false;
    }
    seen.set(node);
    Graph graph = step.graph();
    return switch (graph.get(node)) {
      case Node.State _ -> true;
      case Node.Apply apply ->
          dependsOnStates(step, apply.left(), seen) || dependsOnStates(step, apply.right(), seen);
      case Node.Product product ->
          dependsOnStates(step, step.groups().get(product.group()).operand(), seen)
              || dependsOnStates(step, product.onto(), seen);
      default -> false;
    };
  }

  /// Whether units are apart from each other without exception: no recurrent matrix is there, and nothing else mixes
  /// them. So [#SAME_UNIT] and [#WITHIN] are exact.
  static boolean isDiagonal(ForwardStep step) {
    return keepsUnitsApart(step)
        && step.groups().stream().noneMatch(group -> isRecurrent(step, group));
  }

  /// How many heads a step keeps apart: N if all its recurrent matrices have N heads, also those of products within the
  /// step, other matrices read the input as it is, and nothing else mixes units; else 1. A unit's parameters then reach
  /// the states of its own head alone.
  static int separateHeads(ForwardStep step) {
    int heads = step.cell().heads();
    boolean areApart =
        step.groups().stream()
            .allMatch(group -> group.heads() == heads || isOfInput(step.graph(), group.operand()));
    try {
      expectNumbersOfUnits(step);
      return areApart ? heads : 1;
    } catch (IllegalArgumentException e) {
      return 1;
    }
  }

  /// Whether a state before the step acts on other units than its own.
  static boolean isShared(ForwardStep step, int state) {
    return !keepsUnitsApart(step)
        || step.groups().stream()
            .map(group -> step.graph().get(group.operand()))
            .anyMatch(node -> node instanceof Node.State(int index, _) && index == state);
  }

  /// Whether units meet in recurrent matrices alone.
  static boolean keepsUnitsApart(ForwardStep step) {
    try {
      WITHIN.expectUsable(step);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}
