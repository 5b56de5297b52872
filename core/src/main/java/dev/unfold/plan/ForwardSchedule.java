package dev.unfold.plan;

import java.util.ArrayList;
import java.util.List;

/// When the forward step computes what; [ForwardPlaces] says where.
///
/// A product whose operand depends on x(t) alone leaves the time loop: it is computed for many steps at
/// once in the prologue, together with all that the operand is computed from. What depends on parameters alone is
/// computed in the preparation.
final class ForwardSchedule {
  /// What is computed once for each change of the parameters.
  final List<Stage> preparation;

  /// What is computed for many steps at once, before them.
  final List<Stage> prologue;

  /// What is computed at each step.
  final List<Stage> forward;

  private final Lowering lowering;
  private final Graph graph;
  private final Roles roles;
  private final Hoisting hoisting;
  private final Places places;
  private final StageBuilder once;
  private final StageBuilder beforeLoop;
  private final StageBuilder inLoop;

  ForwardSchedule(Lowering lowering, Roles roles, Places places) {
    this.lowering = lowering;
    this.roles = roles;
    this.places = places;
    graph = lowering.graph;
    hoisting = new Hoisting(lowering);
    new ForwardPlaces(lowering, roles, hoisting, places).place();
    once = new StageBuilder(graph, places, Span.STEP);
    beforeLoop = new StageBuilder(graph, places, Span.ALL_STEPS);
    inLoop = new StageBuilder(graph, places, Span.STEP);
    for (int node = 0; node < roles.forwardNodes; node++) {
      add(node);
    }
    preparation = once.build();
    prologue = beforeLoop.build();
    forward = inLoop.build();
  }

  private void add(int node) {
    switch (graph.get(node)) {
      case Node.Apply apply -> partOf(node).pointwise(node);
      case Node.Product product -> {
        // The first slice stands for the whole group.
        if (product.from() == 0) {
          addProducts(product.group());
        }
      }
      default -> {}
    }
  }

  private StageBuilder partOf(int pointwise) {
    if (roles.isDerived(pointwise)) {
      return once;
    }
    return hoisting.isHoisted(pointwise) ? beforeLoop : inLoop;
  }

  private void addProducts(int index) {
    Group group = lowering.groups.get(index);
    List<Stage.Term> terms = new ArrayList<>();
    List<Integer> bases = new ArrayList<>();
    for (Group.Slice slice : group.slices()) {
      int base = ((Node.Product) graph.get(slice.node())).onto();
      terms.add(
          new Stage.Term(base == Node.NONE ? null : places.read(base), places.read(slice.node())));
      if (base != Node.NONE) {
        bases.add(base);
      }
    }
    (hoisting.isHoisted(group) ? beforeLoop : inLoop)
        .product(
            new Stage.Product(index, Stage.Direction.FORWARD, places.read(group.operand()), terms),
            List.of(group.operand()),
            bases,
            group.slices().stream().map(Group.Slice::node).toList());
  }
}
