package dev.unfold.layer;

import dev.unfold.plan.ForwardStep;
import dev.unfold.plan.Graph;
import dev.unfold.plan.Group;
import dev.unfold.plan.Node;
import java.util.BitSet;
import java.util.List;

/// Which parameters of a cell reach which of its states within a step, unit by unit: where the immediate influence
///
///     I(t) = ds(t) / dtheta   at fixed s(t-1)
///
/// is not zero whatever the numbers are. In an LSTM the rows of the output gate reach h alone, all others h and c.
public final class Pattern {
  private final ForwardStep step;

  /// For each state the nodes that its next value is made of, through no product's operand.
  private final List<BitSet> reaching;

  Pattern(ForwardStep step) {
    this.step = step;
    reaching = step.states().stream().map(state -> below(state.next())).toList();
  }

  private BitSet below(int node) {
    BitSet seen = new BitSet();
    visit(node, seen);
    return seen;
  }

  private void visit(int node, BitSet seen) {
    if (node == Node.NONE || seen.get(node)) {
      return;
    }
    seen.set(node);
    Graph graph = step.graph();
    switch (graph.get(node)) {
      case Node.Apply apply -> {
        visit(apply.left(), seen);
        visit(apply.right(), seen);
      }
      case Node.Product product -> visit(product.onto(), seen);
      default -> {}
    }
  }

  /// Whether row `row` of the matrix of group `group` reaches state `state`.
  public boolean hasRow(int state, int group, int row) {
    for (Group.Slice slice : step.groups().get(group).slices()) {
      if (row >= slice.from() && row < slice.from() + slice.width()) {
        return reaching.get(state).get(slice.node());
      }
    }
    return false;
  }

  /// Whether number `index` of the vector that is parameter `parameter` reaches state `state`.
  public boolean hasNumber(int state, int parameter, int index) {
    for (int node = 0; node < step.graph().size(); node++) {
      if (reaching.get(state).get(node)
          && step.graph().get(node) instanceof Node.Vector vector
          && vector.parameter() == parameter
          && index >= vector.from()
          && index < vector.from() + vector.width()) {
        return true;
      }
    }
    return false;
  }
}
