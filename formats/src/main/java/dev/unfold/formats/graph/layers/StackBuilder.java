package dev.unfold.formats.graph.layers;

import dev.unfold.formats.graph.layers.Formula.Applied;
import dev.unfold.formats.graph.layers.Formula.Joined;
import dev.unfold.formats.graph.layers.Formula.Leaf;
import dev.unfold.formats.graph.layers.Formula.Output;
import dev.unfold.kernels.Pointwise.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Takes formulas apart into layers, from the last one down.
final class StackBuilder {
  private static final int MOST_LAYERS = 1000;

  /// States whose next values are outputs of the graph, by these.
  private final Map<Formula, Formula> steps;

  private final Map<Formula, Optional<Run>> runs = new HashMap<>();

  /// @param steps what a state was before, by what it is after a step
  StackBuilder(Map<Formula, Formula> steps) {
    this.steps = Map.copyOf(steps);
  }

  Stack stack(Formula top) throws NoLayers {
    List<Stack.Layer> layers = new ArrayList<>();
    Formula at = top;
    while (!(at instanceof Leaf leaf && isBelow(leaf))) {
      Optional<Stack.Layer> layer = plain(at);
      if (layer.isEmpty() && at instanceof Applied sum && sum.op() == Op.ADD) {
        layer = residual(sum.left(), sum.right()).or(() -> residual(sum.right(), sum.left()));
      }
      if (layer.isEmpty() || layers.size() == MOST_LAYERS) {
        throw new NoLayers(
            "what the layer below %d others computes is none of the cells known here"
                .formatted(layers.size()));
      }
      layers.addFirst(new Stack.Layer(layer.get().runs(), layer.get().isResidual(), at));
      at = layer.get().runs().getFirst().input();
    }
    if (layers.isEmpty()) {
      throw new NoLayers("there is no recurrent layer");
    }
    return new Stack((Leaf) at, layers);
  }

  private static boolean isBelow(Leaf leaf) {
    return leaf.source() instanceof Formula.Main || leaf.source() instanceof Formula.Table;
  }

  private Optional<Stack.Layer> residual(Formula output, Formula input) {
    return plain(output)
        .filter(layer -> layer.runs().getFirst().input() == input)
        .map(layer -> new Stack.Layer(layer.runs(), true, output));
  }

  private Optional<Stack.Layer> plain(Formula of) {
    if (of instanceof Joined joined && joined.parts().size() == 2) {
      Optional<Run> forward = run(joined.parts().getFirst());
      Optional<Run> backward = run(joined.parts().getLast());
      boolean fits =
          forward.isPresent()
              && backward.isPresent()
              && !forward.get().isBack()
              && backward.get().isBack()
              && forward.get().input() == backward.get().input()
              && forward.get().cell().equals(backward.get().cell())
              && forward.get().hidden() == backward.get().hidden();
      return fits
          ? Optional.of(new Stack.Layer(List.of(forward.get(), backward.get()), false, of))
          : Optional.empty();
    }
    return run(of)
        .filter(run -> !run.isBack())
        .map(run -> new Stack.Layer(List.of(run), false, of));
  }

  private Optional<Run> run(Formula of) {
    if (of instanceof Leaf leaf && leaf.source() instanceof Output output) {
      return Optional.of(output.run());
    }
    return runs.computeIfAbsent(of, this::step);
  }

  /// A cell that runs one step, whose states come in and go out.
  private Optional<Run> step(Formula after) {
    Formula before = steps.get(after);
    if (before == null) {
      return Optional.empty();
    }
    Optional<Run> alone = CellMatcher.match(List.of(before), List.of(after), after, false);
    for (Map.Entry<Formula, Formula> other : steps.entrySet()) {
      if (alone.isEmpty() && other.getKey() != after) {
        alone =
            CellMatcher.match(
                List.of(before, other.getValue()), List.of(after, other.getKey()), after, false);
      }
    }
    return alone;
  }
}
