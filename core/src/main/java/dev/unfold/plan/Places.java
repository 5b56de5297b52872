package dev.unfold.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Which node lives where, and the buffers that were made for that.
final class Places {
  /// Widths of the sequences.
  final List<Integer> sequences = new ArrayList<>();

  /// Widths of the step buffers.
  final List<Integer> steps = new ArrayList<>();

  /// Widths of the rows derived from parameters.
  final List<Integer> derived = new ArrayList<>();

  private final Graph graph;
  private final Map<Integer, List<Place>> places = new HashMap<>();
  private final Map<Integer, Place> copies = new HashMap<>();

  Places(Graph graph) {
    this.graph = graph;
  }

  Place newSequence(int width) {
    sequences.add(width);
    return Place.whole(Place.Kind.SEQUENCE, sequences.size() - 1, width);
  }

  Place newStep(int width) {
    steps.add(width);
    return Place.whole(Place.Kind.STEP, steps.size() - 1, width);
  }

  Place newDerived(int width) {
    derived.add(width);
    return Place.whole(Place.Kind.DERIVED, derived.size() - 1, width);
  }

  /// Room for a value that is needed for no longer than one run of a part.
  Place newScratch(Span span, int width) {
    return span == Span.STEP ? newStep(width) : newSequence(width);
  }

  /// Says that `copy` holds, for all steps, a node that has no sequence of its own.
  void putCopy(int node, Place copy) {
    copies.put(node, copy);
  }

  /// Whether [#putCopy] was called for `node`.
  boolean hasCopy(int node) {
    return copies.containsKey(node);
  }

  /// Adds a place. A sequence comes before others, since it can be read at any time.
  void put(int node, Place place) {
    List<Place> known = places.computeIfAbsent(node, n -> new ArrayList<>());
    known.add(place.kind() == Place.Kind.SEQUENCE ? 0 : known.size(), place);
  }

  /// All places of a computed node, the one to read from first.
  List<Place> of(int node) {
    return places.getOrDefault(node, List.of());
  }

  /// Whether there is a place to read `node` from.
  boolean has(int node) {
    return switch (graph.get(node)) {
      case Node.Apply a -> places.containsKey(node);
      case Node.Product p -> places.containsKey(node);
      case Node.BackProduct b -> places.containsKey(node);
      default -> true;
    };
  }

  /// Where a part that covers `span` reads `node` from.
  Place read(int node, Span span) {
    Place copy = span == Span.STEP ? null : copies.get(node);
    return copy != null ? copy : read(node);
  }

  /// Where to read `node` from.
  Place read(int node) {
    return switch (graph.get(node)) {
      case Node.Input input -> Place.whole(Place.Kind.INPUT, 0, input.width());
      case Node.Noise noise -> Place.whole(Place.Kind.NOISE, noise.index(), noise.width());
      case Node.State state -> Place.whole(Place.Kind.STATE, state.index(), state.width());
      case Node.Carry carry -> Place.whole(Place.Kind.CARRY_IN, carry.index(), carry.width());
      case Node.OutputGradient g -> Place.whole(Place.Kind.OUTPUT_GRADIENT, 0, g.width());
      case Node.Vector v ->
          new Place(Place.Kind.PARAMETER, v.parameter(), v.from(), v.width(), v.width());
      case Node.Constant c -> throw new IllegalStateException("a constant has no place");
      case Node.Apply a -> first(node);
      case Node.Product p -> first(node);
      case Node.BackProduct b -> first(node);
    };
  }

  private Place first(int node) {
    List<Place> known = places.get(node);
    if (known == null) {
      throw new IllegalStateException("node " + node + " has no place: " + graph.get(node));
    }
    return known.getFirst();
  }
}
