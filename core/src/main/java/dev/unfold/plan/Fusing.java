package dev.unfold.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Writes the stages of a part as products and pointwise programs on places.
final class Fusing {
  private final ForwardStep step;
  private final Graph graph;
  private final Places places;
  private final List<Place> deltas;

  private Fusing(ForwardStep step, Graph graph, Places places, List<Place> deltas) {
    this.step = step;
    this.graph = graph;
    this.places = places;
    this.deltas = deltas;
  }

  static List<Stage> fuseForward(Schedule schedule, ForwardStep step, Places places) {
    return new Fusing(step, step.graph(), places, List.of()).stages(schedule);
  }

  static List<Stage> fuseBackward(
      Schedule schedule, ForwardStep step, Kept kept, BackwardPlaces.Placed placed) {
    return new Fusing(step, kept.graph(), placed.places(), placed.deltas()).stages(schedule);
  }

  private List<Stage> stages(Schedule schedule) {
    return schedule.stages().stream()
        .map(stage ->
            new Stage(
                stage.products().stream().map(this::product).toList(),
                stage.programs().entrySet().stream()
                    .map(program -> program(schedule, program))
                    .toList()))
        .toList();
  }

  private Stage.Fused program(Schedule schedule, Map.Entry<Extent, List<Integer>> nodes) {
    return new ProgramBuilder(graph, places, schedule, nodes.getKey()).build(nodes.getValue());
  }

  private Stage.Product product(int node) {
    return switch (graph.get(node)) {
      case Node.Product product -> ofSlices(product.group());
      case Node.BackProduct product ->
          new Stage.Product(
              product.group(),
              step.groups().get(product.group()).heads(),
              Stage.Direction.BACK,
              deltas.get(product.group()),
              List.of(new Stage.Term(null, places.read(node))));
      default -> throw new IllegalStateException("no product: " + graph.get(node));
    };
  }

  private Stage.Product ofSlices(int index) {
    Group group = step.groups().get(index);
    List<Stage.Term> terms = new ArrayList<>();
    for (Group.Slice slice : group.slices()) {
      int base = ((Node.Product) graph.get(slice.node())).onto();
      terms.add(
          new Stage.Term(base == Node.NONE ? null : places.read(base), places.read(slice.node())));
    }
    return new Stage.Product(
        index, group.heads(), Stage.Direction.FORWARD, places.read(group.operand()), terms);
  }
}
