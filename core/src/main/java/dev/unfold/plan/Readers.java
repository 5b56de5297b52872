package dev.unfold.plan;

import java.util.HashMap;
import java.util.Map;

/// Which forward nodes read which, and so what may take whose place.
final class Readers {
  private final ForwardStep step;
  private final Graph graph;
  private final Kept kept;

  /// How many forward nodes read a node.
  private final Map<Integer, Integer> count = new HashMap<>();

  /// Which of them is the last.
  private final Map<Integer, Integer> last = new HashMap<>();

  Readers(ForwardStep step, Kept kept) {
    this.step = step;
    this.kept = kept;
    graph = step.graph();
    for (int node = 0; node < graph.size(); node++) {
      switch (graph.get(node)) {
        case Node.Apply apply -> {
          add(apply.left(), node);
          if (apply.right() != apply.left()) {
            add(apply.right(), node);
          }
        }
        case Node.Product product -> add(product.onto(), node);
        default -> {}
      }
    }
  }

  private void add(int node, int reader) {
    count.merge(node, 1, Integer::sum);
    last.put(node, reader);
  }

  /// Whether `reader` alone needs `node`, so that its result may be put in its place.
  boolean mayReplace(int reader, int node) {
    return count.getOrDefault(node, 0) == 1
        && last.get(node) == reader
        && !isReadAfterItsStep(node);
  }

  /// Whether a product, or one that will be put in its place, is read after its step.
  boolean isNeededForAllSteps(int product) {
    if (isReadAfterItsStep(product)) {
      return true;
    }
    int reader = last.getOrDefault(product, Node.NONE);
    return reader != Node.NONE
        && graph.get(reader) instanceof Node.Product
        && mayReplace(reader, product)
        && isNeededForAllSteps(reader);
  }

  private boolean isReadAfterItsStep(int node) {
    return kept.ofForward().contains(node) || step.isOperand(node);
  }
}
