package dev.unfold.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Which node lives where, and the buffers that were made for that. A pass fills one of its own and changes it no more
/// once it has handed it on.
final class Places {
  /// Widths of the sequences.
  final List<Integer> sequences = new ArrayList<>();

  /// Widths of the step buffers.
  final List<Integer> steps = new ArrayList<>();

  /// Widths of the rows derived from parameters.
  final List<Integer> derived = new ArrayList<>();

  private final Graph graph;
  private final Map<Integer, List<Place>> places = new HashMap<>();
  private final Map<Integer, Integer> forAllSteps;

  /// No places yet, of the nodes of `graph`.
  Places(Graph graph) {
    this.graph = graph;
    forAllSteps = Map.of();
  }

  /// Starts with the places in `known`.
  Places(Places known, Kept kept) {
    graph = kept.graph();
    forAllSteps = kept.forAllSteps();
    sequences.addAll(known.sequences);
    steps.addAll(known.steps);
    derived.addAll(known.derived);
    known.places.forEach((node, of) -> places.put(node, new ArrayList<>(of)));
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

  /// Room for a value that is needed for no longer than one run of `part`.
  Place newScratch(Part part, int width) {
    return part.isOfAllSteps() ? newSequence(width) : newStep(width);
  }

  /// Gives scratch memory to what a later stage of `schedule` reads and has no place.
  void addScratch(Schedule schedule) {
    for (int node : schedule.stageOf().keySet()) {
      if (graph.get(node) instanceof Node.Apply apply) {
        for (int each : List.of(apply.left(), apply.right())) {
          boolean isInlined = schedule.inlined().get(each);
          int argument = isInlined ? ((Node.Apply) graph.get(each)).left() : each;
          if (schedule.isEarlier(argument, node) && !has(argument)) {
            put(argument, newScratch(schedule.part(), graph.width(argument)));
          }
        }
      }
    }
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

  /// Where `part` reads `node` from.
  Place read(int node, Part part) {
    return read(part.isOfAllSteps() ? forAllSteps.getOrDefault(node, node) : node);
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
      case Node.Tangent g -> throw new IllegalStateException("a tangent has no place");
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
