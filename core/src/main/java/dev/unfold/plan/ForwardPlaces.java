package dev.unfold.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/// Gives the values of the forward step that outlive their stage their places.
///
/// The shares of an affine map are added up by the products themselves: a product is put where the one before it
/// is, if nothing else reads that, and the first starts from the bias. What is computed from such a sum alone is
/// put in the place of the sum.
final class ForwardPlaces {
  private final Lowering lowering;
  private final Graph graph;
  private final Roles roles;
  private final Readers readers;
  private final Hoisting hoisting;
  private final Places places;

  ForwardPlaces(Lowering lowering, Roles roles, Hoisting hoisting, Places places) {
    this.lowering = lowering;
    this.roles = roles;
    this.hoisting = hoisting;
    this.places = places;
    graph = lowering.graph;
    readers = new Readers(graph, roles);
  }

  /// Fills the places. What has none after this is a temporary of a program, or scratch memory.
  void place() {
    roles.derived().forEach(node -> places.put(node, places.newDerived(graph.width(node))));
    for (int s = 0; s < lowering.next.size(); s++) {
      int next = lowering.next.get(s);
      places.put(next, Place.whole(Place.Kind.NEXT, s, graph.width(next)));
    }
    lowering.groups.forEach(this::placeProducts);
    lowering.groups.forEach(group -> keep(group.operand()));
    roles.kept().forEach(this::keep);
    keep(lowering.output);
    keepHoisted();
  }

  /// Gives the products of a group their places: that of the product that they are added to, or new ones side by
  /// side.
  private void placeProducts(Group group) {
    List<Group.Slice> sequence = new ArrayList<>();
    List<Group.Slice> step = new ArrayList<>();
    for (Group.Slice slice : group.slices()) {
      int base = ((Node.Product) graph.get(slice.node())).onto();
      boolean inPlace =
          base != Node.NONE
              && graph.get(base) instanceof Node.Product
              && readers.mayReplace(slice.node(), base);
      if (inPlace) {
        places.put(slice.node(), places.read(base));
      } else {
        boolean forAllSteps =
            hoisting.isHoisted(group) || readers.isNeededForAllSteps(slice.node());
        (forAllSteps ? sequence : step).add(slice);
      }
    }
    placeSideBySide(sequence, places::newSequence);
    placeSideBySide(step, places::newStep);
  }

  private void placeSideBySide(List<Group.Slice> slices, IntFunction<Place> room) {
    if (slices.isEmpty()) {
      return;
    }
    Place whole = room.apply(slices.stream().mapToInt(Group.Slice::width).sum());
    int from = 0;
    for (Group.Slice slice : slices) {
      places.put(slice.node(), whole.slice(from, slice.width()));
      from += slice.width();
    }
  }

  /// What the prologue computes and the time loop reads has to outlast the prologue.
  private void keepHoisted() {
    for (int node = 0; node < roles.forwardNodes; node++) {
      if (graph.get(node) instanceof Node.Apply apply && !hoisting.isHoisted(node)) {
        Stream.of(apply.left(), apply.right()).filter(hoisting::isHoisted).forEach(this::keep);
      }
    }
  }

  /// Sees to it that a pointwise node lives in a sequence, for all steps.
  private void keep(int node) {
    if (graph.get(node) instanceof Node.Apply apply && !places.has(node)) {
      Place sum = placeOfSum(node, apply);
      places.put(node, sum != null ? sum : places.newSequence(graph.width(node)));
    }
  }

  /// The sequence of a product that nothing but `node` reads; null if it has no such argument.
  private Place placeOfSum(int node, Node.Apply apply) {
    return Stream.of(apply.left(), apply.right())
        .filter(argument -> graph.get(argument) instanceof Node.Product)
        .filter(argument -> readers.mayReplace(node, argument))
        .map(places::read)
        .filter(place -> place.kind() == Place.Kind.SEQUENCE)
        .filter(place -> place.width() == graph.width(node))
        // The layer above reads the output without gaps.
        .filter(place -> node != lowering.output || place.stride() == place.width())
        .findFirst()
        .orElse(null);
  }
}
