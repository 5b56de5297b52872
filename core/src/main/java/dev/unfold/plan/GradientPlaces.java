package dev.unfold.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Gives the results of the backward direction their places. A result that can't be put there directly
/// (a leaf, a kept value, a product that has a place) is copied.
final class GradientPlaces {
  /// Where the error signals of each group are.
  final List<Place> deltas = new ArrayList<>();

  /// What is summed for parameter vectors.
  final List<Plan.VectorGradient> vectorGradients = new ArrayList<>();

  private final Lowering lowering;
  private final Graph graph;
  private final Adjoint adjoint;
  private final Roles roles;
  private final Ancestry ancestry;
  private final Places places;

  GradientPlaces(
      Lowering lowering, Adjoint adjoint, Roles roles, Ancestry ancestry, Places places) {
    this.lowering = lowering;
    this.adjoint = adjoint;
    this.roles = roles;
    this.ancestry = ancestry;
    this.places = places;
    graph = lowering.graph;
    placeCarries();
    put(adjoint.input, Place.whole(Place.Kind.INPUT_GRADIENT, 0, lowering.sizes.input()));
    placeSignals();
    placeVectors();
  }

  private void placeCarries() {
    for (int s = 0; s < adjoint.carries.size(); s++) {
      int width = graph.width(lowering.next.get(s));
      put(adjoint.carries.get(s), Place.whole(Place.Kind.CARRY_OUT, s, width));
    }
  }

  /// Groups of the same maps have the same error signals, in one place.
  private void placeSignals() {
    Map<List<Integer>, Place> placed = new HashMap<>();
    for (int g = 0; g < lowering.groups.size(); g++) {
      Group group = lowering.groups.get(g);
      List<Integer> signals = adjoint.deltas.get(g);
      Place place = placed.get(signals);
      if (place == null) {
        place = places.newSequence(group.rows());
        for (int i = 0; i < signals.size(); i++) {
          Group.Slice slice = group.slices().get(i);
          put(signals.get(i), place.slice(slice.from(), slice.width()));
        }
        placed.put(signals, place);
      }
      deltas.add(place);
    }
  }

  /// What several vectors collect is summed once.
  private void placeVectors() {
    Map<Place, List<Plan.VectorTarget>> targets = new LinkedHashMap<>();
    for (Adjoint.VectorGradient vector : adjoint.vectors) {
      targets
          .computeIfAbsent(rowsOf(vector.node()), rows -> new ArrayList<>())
          .add(new Plan.VectorTarget(vector.parameter(), vector.from()));
    }
    targets.forEach((rows, ofRows) -> vectorGradients.add(new Plan.VectorGradient(rows, ofRows)));
  }

  private void put(int node, Place place) {
    boolean product = node != Adjoint.NONE && graph.get(node) instanceof Node.BackProduct;
    boolean free = roles.isBackward(node) || (product && !places.has(node));
    boolean isInputGradient = place.kind() == Place.Kind.INPUT_GRADIENT;
    // The input's derivative is computed after the loop, and only if it is wanted.
    boolean needed = ancestry.feedsStates(node) || ancestry.feedsParameters(node);
    if (free && !(isInputGradient && needed)) {
      places.put(node, place);
      return;
    }
    int source = node == Adjoint.NONE ? graph.constant(0) : node;
    int copy = graph.copyOf(source, place.width());
    roles.addBackward(copy);
    if (!isInputGradient) {
      ancestry.addToParameters(copy);
    }
    places.put(copy, place);
  }

  /// A sequence that holds `node` for all steps; a new one if there is none.
  Place rowsOf(int node) {
    for (Place place : places.of(node)) {
      if (place.kind() == Place.Kind.SEQUENCE) {
        return place;
      }
    }
    if (graph.get(node) instanceof Node.OutputGradient) {
      return places.read(node);
    }
    Place place = places.newSequence(graph.width(node));
    put(node, place);
    return place;
  }
}
