package dev.unfold.plan;

import dev.unfold.kernels.Pointwise.Op;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Collects the products and the pointwise nodes of a part by stage, and chooses which one program is to compute.
///
/// A stage has one pointwise program for each width and way to see the numbers of a row. A node of a single number a
/// row belongs to the program that computes what it is made from or what is made from it, whatever its width; only if
/// there is none, to one of width 1.
final class PartBuilder {
  private final Graph graph;
  private final BitSet inlined;
  private final Map<Integer, Fusion> fusionOf = new HashMap<>();
  private final SortedMap<Integer, Integer> stageOf = new TreeMap<>();
  private final Map<Integer, List<Integer>> products = new HashMap<>();
  private int stages;

  /// @param inlined spreads that programs make by themselves
  PartBuilder(Graph graph, BitSet inlined) {
    this.graph = graph;
    this.inlined = inlined;
  }

  /// The stage after which `node` is known; -1 if it is known from the start.
  private int stage(int node) {
    return stageOf.getOrDefault(node, -1);
  }

  /// A pointwise node, computed as soon as its arguments are known: in a later stage than those that are
  /// computed by a program of another width.
  void pointwise(int node) {
    if (inlined.get(node)) {
      return;
    }
    Node.Apply apply = (Node.Apply) graph.get(node);
    int stage = Math.max(0, Math.max(ready(apply.left()), ready(apply.right())));
    Fusion own = Fusion.of(apply, graph.width(apply.left()));
    List<Fusion> others = new ArrayList<>();
    for (int argument : List.of(apply.left(), apply.right())) {
      if (inlined.get(argument)) {
        own.join(Fusion.of((Node.Apply) graph.get(argument), 0));
      } else if (stage(argument) == stage && fusionOf.containsKey(argument)) {
        others.add(fusionOf.get(argument));
      }
    }
    fusionOf.put(node, own);
    boolean isReady = stage(apply.left()) < stage || !isReadOtherwise(apply);
    if (isReady && Fusion.fit(Stream.concat(Stream.of(own), others.stream()).toList())) {
      others.forEach(own::join);
      place(node, stage);
    } else {
      place(node, stage + 1);
    }
  }

  /// The stage in which a program can read `argument`: of a spread that it makes itself, one after that in which
  /// another program computes what is spread.
  private int ready(int argument) {
    if (!inlined.get(argument)) {
      return stage(argument);
    }
    int spread = ((Node.Apply) graph.get(argument)).left();
    return fusionOf.containsKey(spread) ? stage(spread) + 1 : stage(spread);
  }

  /// Whether a spread along an axis reads what a program gives in another form: the sum over its rows, which is known
  /// at its end, or a column as a row.
  private boolean isReadOtherwise(Node.Apply spread) {
    return spread.op() == Op.SPREAD
        && spread.axis() != null
        && graph.get(spread.left()) instanceof Node.Apply sum
        && sum.op() == Op.SUM
        && sum.axis() != null
        && !(spread.axis().isLast() && sum.axis().isLast());
  }

  /// The product named by `product`, computed in the stage after that in which `operand` is known, and not before those
  /// that it is added to; its result is seen by `results`.
  void product(int product, List<Integer> operand, List<Integer> bases, List<Integer> results) {
    int stage = Math.max(0, Math.max(1 + lastStage(operand), lastStage(bases)));
    products.computeIfAbsent(stage, s -> new ArrayList<>()).add(product);
    results.forEach(result -> place(result, stage));
  }

  private int lastStage(List<Integer> nodes) {
    return nodes.stream().mapToInt(this::stage).max().orElse(-1);
  }

  private void place(int node, int stage) {
    stageOf.put(node, stage);
    stages = Math.max(stages, stage + 1);
  }

  /// The stages.
  Schedule build(Part part) {
    List<Schedule.Stage> built = new ArrayList<>();
    for (int stage = 0; stage < stages; stage++) {
      SortedMap<Extent, List<Integer>> programs = new TreeMap<>();
      for (Map.Entry<Integer, Integer> entry : stageOf.entrySet()) {
        int node = entry.getKey();
        if (entry.getValue() == stage && graph.get(node) instanceof Node.Apply) {
          Extent extent = fusionOf.get(node).extent();
          programs.computeIfAbsent(extent, e -> new ArrayList<>()).add(node);
        }
      }
      built.add(new Schedule.Stage(products.getOrDefault(stage, List.of()), programs));
    }
    return new Schedule(part, stageOf, built, inlined);
  }
}
