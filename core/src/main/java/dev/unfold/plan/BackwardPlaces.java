package dev.unfold.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Gives the results of the backward direction their places, and what its parts hand to each other.
final class BackwardPlaces {
  private final ForwardStep step;
  private final AdjointStep adjoint;
  private final Parts parts;
  private final Kept kept;
  private final Graph graph;
  private final Places places;
  private final List<Place> deltas = new ArrayList<>();
  private final List<Plan.VectorGradient> vectorGradients = new ArrayList<>();

  /// The places of both directions.
  ///
  /// @param places where each node lives
  /// @param deltas where the error signals of each group are
  /// @param vectorGradients what is summed for parameter vectors
  record Placed(Places places, List<Place> deltas, List<Plan.VectorGradient> vectorGradients) {}

  private BackwardPlaces(
      ForwardStep step, AdjointStep adjoint, Parts parts, Kept kept, Places forward) {
    this.step = step;
    this.adjoint = adjoint;
    this.parts = parts;
    this.kept = kept;
    graph = kept.graph();
    places = new Places(forward, kept);
  }

  static Placed place(
      ForwardStep step,
      AdjointStep adjoint,
      Parts parts,
      Kept kept,
      Map<Part, Schedule> schedules,
      Places forward) {
    BackwardPlaces backward = new BackwardPlaces(step, adjoint, parts, kept, forward);
    backward.place();
    for (Part part : List.of(Part.BACKWARD, Part.LATE, Part.EPILOGUE)) {
      backward.places.addScratch(schedules.get(part));
    }
    return new Placed(backward.places, backward.deltas, backward.vectorGradients);
  }

  private void place() {
    for (int s = 0; s < adjoint.carries().size(); s++) {
      int width = step.states().get(s).width();
      places.put(adjoint.carries().get(s), Place.whole(Place.Kind.CARRY_OUT, s, width));
    }
    Place input = Place.whole(Place.Kind.INPUT_GRADIENT, 0, step.sizes().input());
    places.put(adjoint.input(), input);
    placeSignals();
    placeVectors();
    for (int node = 0; node < adjoint.graph().size(); node++) {
      placeWithin(node);
    }
  }

  /// Groups of the same maps have the same error signals, in one place.
  private void placeSignals() {
    Map<List<Integer>, Place> placed = new HashMap<>();
    for (int g = 0; g < step.groups().size(); g++) {
      Group group = step.groups().get(g);
      List<Integer> signals = adjoint.deltas().get(g);
      Place place = placed.get(signals);
      if (place == null) {
        place = places.newSequence(group.rows());
        for (int i = 0; i < signals.size(); i++) {
          Group.Slice slice = group.slices().get(i);
          places.put(signals.get(i), place.slice(slice.from(), slice.width()));
        }
        placed.put(signals, place);
      }
      deltas.add(place);
    }
  }

  /// What several vectors collect is summed once.
  private void placeVectors() {
    Map<Place, List<Plan.VectorTarget>> targets = new LinkedHashMap<>();
    for (AdjointStep.VectorGradient vector : adjoint.vectors()) {
      targets
          .computeIfAbsent(rowsOf(vector.node()), rows -> new ArrayList<>())
          .add(new Plan.VectorTarget(vector.parameter(), vector.from()));
    }
    targets.forEach((rows, ofRows) -> vectorGradients.add(new Plan.VectorGradient(rows, ofRows)));
  }

  /// A product that is no result needs room; what a part outside the loop reads has to be there for all steps.
  private void placeWithin(int node) {
    Part part = parts.ofBackward(node);
    switch (graph.get(node)) {
      case Node.BackProduct product -> {
        if (!places.has(node)) {
          places.put(node, places.newScratch(part, product.width()));
        }
      }
      case Node.Apply apply -> {
        if (part.isOfAllSteps() && kept.inBackward().contains(node)) {
          placeForAllSteps(apply.left());
          placeForAllSteps(apply.right());
        }
      }
      default -> {}
    }
  }

  private void placeForAllSteps(int argument) {
    Integer rows = kept.forAllSteps().get(argument);
    if (rows != null) {
      rowsOf(rows);
    }
  }

  /// A sequence that holds `node` for all steps; a new one if there is none.
  private Place rowsOf(int node) {
    for (Place place : places.of(node)) {
      if (place.kind() == Place.Kind.SEQUENCE) {
        return place;
      }
    }
    if (graph.get(node) instanceof Node.OutputGradient) {
      return places.read(node);
    }
    Place place = places.newSequence(graph.width(node));
    places.put(node, place);
    return place;
  }
}
