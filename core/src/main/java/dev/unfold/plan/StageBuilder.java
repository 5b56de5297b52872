package dev.unfold.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Collects the products and the pointwise nodes of a part of the schedule by stage, and fuses them.
final class StageBuilder {
  private final Graph graph;
  private final Places places;
  private final Span span;
  private final Map<Integer, Integer> stageOf = new TreeMap<>();
  private final Map<Integer, List<Stage.Product>> products = new HashMap<>();
  private int stages;

  StageBuilder(Graph graph, Places places, Span span) {
    this.graph = graph;
    this.places = places;
    this.span = span;
  }

  /// Whether `node` is computed here.
  boolean computes(int node) {
    return stageOf.containsKey(node);
  }

  /// The stage after which `node` is known; -1 if it is known from the start.
  int stage(int node) {
    return stageOf.getOrDefault(node, -1);
  }

  /// A pointwise node, computed as soon as its arguments are known.
  void pointwise(int node) {
    Node.Apply apply = (Node.Apply) graph.get(node);
    place(node, Math.max(0, Math.max(stage(apply.left()), stage(apply.right()))));
  }

  /// A product, computed in the stage after that in which the last of `needs` is known; its result is
  /// seen by `results`.
  void product(Stage.Product product, List<Integer> needs, List<Integer> results) {
    int stage = 1 + needs.stream().mapToInt(this::stage).max().orElse(-1);
    products.computeIfAbsent(stage, s -> new ArrayList<>()).add(product);
    results.forEach(result -> place(result, stage));
  }

  private void place(int node, int stage) {
    stageOf.put(node, stage);
    stages = Math.max(stages, stage + 1);
  }

  /// The stages. A pointwise value that a later stage reads and that has no place gets scratch memory.
  List<Stage> build() {
    for (int node : stageOf.keySet()) {
      if (graph.get(node) instanceof Node.Apply apply) {
        keepForLater(apply.left(), stage(node));
        keepForLater(apply.right(), stage(node));
      }
    }
    List<Stage> built = new ArrayList<>();
    for (int stage = 0; stage < stages; stage++) {
      Map<Integer, List<Integer>> byWidth = new TreeMap<>();
      for (Map.Entry<Integer, Integer> entry : stageOf.entrySet()) {
        int node = entry.getKey();
        if (entry.getValue() == stage && graph.get(node) instanceof Node.Apply) {
          byWidth.computeIfAbsent(graph.width(node), w -> new ArrayList<>()).add(node);
        }
      }
      List<Stage.Fused> programs =
          byWidth.values().stream()
              .map(nodes -> new ProgramBuilder(graph, places, span).build(nodes))
              .toList();
      built.add(new Stage(products.getOrDefault(stage, List.of()), programs));
    }
    return built;
  }

  private void keepForLater(int argument, int user) {
    if (computes(argument) && stage(argument) < user && !places.has(argument)) {
      places.put(argument, places.newScratch(span, graph.width(argument)));
    }
  }
}
