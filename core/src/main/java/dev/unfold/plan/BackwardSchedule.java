package dev.unfold.plan;

import java.util.List;

/// When the adjoint of the step computes what; [GradientPlaces] says where.
///
/// What feeds no state's derivative leaves the time loop: error signals that only parameters need are
/// computed after the steps, and what only the input's derivative needs in the epilogue. For the standard cells
/// that is one product.
final class BackwardSchedule {
  /// What is computed at each step.
  final List<Stage> backward;

  /// What is computed for many steps at once, after them.
  final List<Stage> late;

  /// What is computed after that if the input's derivative is wanted.
  final List<Stage> epilogue;

  /// Where its results are.
  final GradientPlaces gradients;

  private final Graph graph;
  private final Adjoint adjoint;
  private final Roles roles;
  private final Ancestry ancestry;
  private final Places places;
  private final StageBuilder inLoop;
  private final StageBuilder forParameters;
  private final StageBuilder forInput;

  BackwardSchedule(Lowering lowering, Adjoint adjoint, Roles roles, Places places) {
    this.adjoint = adjoint;
    this.roles = roles;
    this.places = places;
    graph = lowering.graph;
    ancestry = new Ancestry(graph, adjoint);
    gradients = new GradientPlaces(lowering, adjoint, roles, ancestry, places);
    inLoop = new StageBuilder(graph, places, Span.STEP);
    forParameters = new StageBuilder(graph, places, Span.ALL_STEPS);
    forInput = new StageBuilder(graph, places, Span.ALL_STEPS);
    addNodes();
    backward = inLoop.build();
    late = forParameters.build();
    epilogue = forInput.build();
  }

  /// Copies for all steps come to the end of the graph on the way.
  private void addNodes() {
    for (int node = 0; node < graph.size(); node++) {
      StageBuilder outside = ancestry.feedsParameters(node) ? forParameters : forInput;
      switch (graph.get(node)) {
        case Node.BackProduct product -> addBackProduct(node, product, outside);
        case Node.Apply apply -> {
          if (roles.isBackward(node)) {
            addPointwise(node, apply, outside);
          }
        }
        default -> {}
      }
    }
  }

  private void addBackProduct(int node, Node.BackProduct product, StageBuilder outside) {
    boolean loop = ancestry.feedsStates(node);
    if (!places.has(node)) {
      places.put(node, places.newScratch(loop ? Span.STEP : Span.ALL_STEPS, product.width()));
    }
    (loop ? inLoop : outside)
        .product(
            new Stage.Product(
                product.group(),
                Stage.Direction.BACK,
                gradients.deltas.get(product.group()),
                List.of(new Stage.Term(null, places.read(node)))),
            adjoint.deltas.get(product.group()),
            List.of(),
            List.of(node));
  }

  private void addPointwise(int node, Node.Apply apply, StageBuilder outside) {
    List<Integer> arguments = List.of(apply.left(), apply.right());
    if (isInputGradient(node) || arguments.stream().anyMatch(this::isOutside)) {
      arguments.forEach(argument -> keepForAllSteps(argument, outside));
      outside.pointwise(node);
    } else {
      inLoop.pointwise(node);
    }
  }

  private boolean isOutside(int node) {
    return forParameters.computes(node) || forInput.computes(node);
  }

  private boolean isInputGradient(int node) {
    return places.of(node).stream().anyMatch(p -> p.kind() == Place.Kind.INPUT_GRADIENT);
  }

  /// Sees to it that `reader`, which covers many steps, finds an argument that an earlier part computes at each
  /// step.
  private void keepForAllSteps(int argument, StageBuilder reader) {
    boolean computed =
        switch (graph.get(argument)) {
          case Node.Apply a -> roles.isBackward(argument);
          case Node.Carry c -> true;
          case Node.BackProduct b -> true;
          default -> false;
        };
    if (computed && !reader.computes(argument) && !places.hasCopy(argument)) {
      places.putCopy(argument, gradients.rowsOf(argument));
    }
  }
}
