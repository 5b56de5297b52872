package dev.unfold.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/// Gives the values of the forward step that outlive their stage their places.
///
/// The shares of an affine map are added up by the products themselves: a product is put where the one before it
/// is, if nothing else reads that, and the first starts from the bias. What is computed from such a sum alone is
/// put in the place of the sum.
final class ForwardPlaces {
  private final ForwardStep step;
  private final Graph graph;
  private final Parts parts;
  private final Readers readers;
  private final Places places;

  private ForwardPlaces(ForwardStep step, Parts parts, Kept kept) {
    this.step = step;
    this.parts = parts;
    graph = step.graph();
    readers = new Readers(step, kept);
    places = new Places(graph);
  }

  static Places place(ForwardStep step, Parts parts, Kept kept, Map<Part, Schedule> schedules) {
    ForwardPlaces forward = new ForwardPlaces(step, parts, kept);
    forward.place(kept);
    for (Part part : List.of(Part.PREPARATION, Part.PROLOGUE, Part.FORWARD)) {
      forward.places.addScratch(schedules.get(part));
    }
    return forward.places;
  }

  /// What has no place after this is a temporary of a program, or scratch memory.
  private void place(Kept kept) {
    for (int node = 0; node < graph.size(); node++) {
      if (parts.ofForward(node) == Part.PREPARATION) {
        places.put(node, places.newDerived(graph.width(node)));
      }
    }
    for (int s = 0; s < step.states().size(); s++) {
      ForwardStep.State state = step.states().get(s);
      places.put(state.next(), Place.whole(Place.Kind.NEXT, s, state.width()));
    }
    step.groups().forEach(this::placeProducts);
    step.groups().forEach(group -> keep(group.operand()));
    kept.ofForward().forEach(this::keep);
    keep(step.output());
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
            parts.ofForward(slice.node()) == Part.PROLOGUE
                || readers.isNeededForAllSteps(slice.node());
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
    for (int node = 0; node < graph.size(); node++) {
      if (graph.get(node) instanceof Node.Apply apply && parts.ofForward(node) == Part.FORWARD) {
        Stream.of(apply.left(), apply.right())
            .filter(argument -> parts.ofForward(argument) == Part.PROLOGUE)
            .forEach(this::keep);
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
        .filter(place -> node != step.output() || place.stride() == place.width())
        .findFirst()
        .orElse(null);
  }
}
