package dev.unfold.plan;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// Takes out of the time loop what no state has a part in.
///
/// *Forward*: what depends on parameters alone is prepared. A product whose operand depends on x(t) alone goes to the
/// prologue, with all that the operand is computed from. A pointwise value of x(t) that feeds no such product stays:
/// its program in the loop needs no memory for it.
///
/// *Backward*: what feeds no state's derivative leaves the loop. What feeds a parameter's is late, the rest belongs
/// to the epilogue. For the standard cells that is one product.
final class Hoisting {
  private final ForwardStep step;
  private final AdjointStep adjoint;
  private final Set<Integer> ofParameters = new HashSet<>();
  private final Set<Integer> ofStates = new HashSet<>();
  private final Set<Integer> hoisted = new HashSet<>();

  private Hoisting(ForwardStep step, AdjointStep adjoint) {
    this.step = step;
    this.adjoint = adjoint;
  }

  static Parts hoist(ForwardStep step, AdjointStep adjoint) {
    Hoisting hoisting = new Hoisting(step, adjoint);
    return new Parts(hoisting.forward(), hoisting.backward());
  }

  private List<Part> forward() {
    Graph graph = step.graph();
    for (int node = 0; node < graph.size(); node++) {
      if (isOfParameters(node)) {
        ofParameters.add(node);
      }
      if (graph.get(node) instanceof Node.State || arguments(node).anyMatch(ofStates::contains)) {
        ofStates.add(node);
      }
    }
    step.groups().stream()
        .map(Group::operand)
        .filter(operand -> !ofStates.contains(operand))
        .forEach(this::addWithArguments);
    List<Part> parts = new ArrayList<>();
    for (int node = 0; node < graph.size(); node++) {
      parts.add(forwardPart(node));
    }
    return parts;
  }

  private Part forwardPart(int node) {
    return switch (step.graph().get(node)) {
      case Node.Apply a when ofParameters.contains(node) -> Part.PREPARATION;
      case Node.Apply a when hoisted.contains(node) -> Part.PROLOGUE;
      case Node.Product product when !ofStates.contains(operand(product)) -> Part.PROLOGUE;
      default -> Part.FORWARD;
    };
  }

  /// A value that outlives its step anyway is not prepared: it has a row for each step and sequence.
  private boolean isOfParameters(int node) {
    return switch (step.graph().get(node)) {
      case Node.Vector v -> true;
      case Node.Constant c -> true;
      case Node.Apply a ->
          !step.isNeededAnyway(node)
              && ofParameters.contains(a.left())
              && ofParameters.contains(a.right());
      default -> false;
    };
  }

  private Stream<Integer> arguments(int node) {
    return switch (step.graph().get(node)) {
      case Node.Apply apply -> Stream.of(apply.left(), apply.right());
      case Node.Product product -> Stream.of(operand(product));
      default -> Stream.of();
    };
  }

  private int operand(Node.Product product) {
    return step.groups().get(product.group()).operand();
  }

  private void addWithArguments(int node) {
    if (hoisted.add(node)) {
      arguments(node).forEach(this::addWithArguments);
    }
  }

  private List<Part> backward() {
    Set<Integer> feedsParameters = adjoint.ancestorsOfParameters();
    Set<Integer> feedsStates = adjoint.ancestorsOfStates();
    Graph graph = adjoint.graph();
    List<Part> parts = new ArrayList<>(Collections.nCopies(graph.size(), Part.BACKWARD));
    for (int node = adjoint.forwardNodes(); node < graph.size(); node++) {
      boolean outside =
          switch (graph.get(node)) {
            case Node.BackProduct product -> !feedsStates.contains(node);
            case Node.Apply apply ->
                node == adjoint.input()
                    || parts.get(apply.left()) != Part.BACKWARD
                    || parts.get(apply.right()) != Part.BACKWARD;
            default -> false;
          };
      if (outside) {
        parts.set(node, feedsParameters.contains(node) ? Part.LATE : Part.EPILOGUE);
      }
    }
    return parts;
  }
}
