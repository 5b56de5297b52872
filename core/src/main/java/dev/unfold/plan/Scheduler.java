package dev.unfold.plan;

import dev.unfold.cell.Cell;
import dev.unfold.cell.NoisyCell;
import java.util.Comparator;
import java.util.List;

/// Makes a [Plan]: decides what is computed when and where it lives.
///
/// [Roles] says what is kept from the forward step for the backward direction, [Hoisting] and [Ancestry] what
/// leaves the time loop, [ForwardPlaces] and [GradientPlaces] what lives where; [ForwardSchedule] and
/// [BackwardSchedule] put it in order.
final class Scheduler {
  private final Cell cell;
  private final int inputSize;
  private final int hiddenSize;

  Scheduler(Cell cell, int inputSize, int hiddenSize) {
    this.cell = cell;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
  }

  Plan plan() {
    Lowering lowering = new Lowering(cell, cell.sizes(inputSize, hiddenSize));
    Adjoint adjoint = new Adjoint(lowering, cell.recurrences().size());
    Places places = new Places(lowering.graph);
    Roles roles = new Roles(lowering, adjoint);
    ForwardSchedule forward = new ForwardSchedule(lowering, roles, places);
    List<Place> kept = roles.kept().stream().map(places::read).toList();
    List<Plan.Activation> activations =
        lowering.activations.entrySet().stream()
            .filter(entry -> roles.isKept(entry.getKey()))
            .map(entry -> activation(lowering.graph, entry.getKey(), entry.getValue(), places))
            .sorted(Comparator.comparingInt(own -> line(own.name())))
            .toList();
    BackwardSchedule backward = new BackwardSchedule(lowering, adjoint, roles, places);
    return new Plan(
        cell,
        inputSize,
        hiddenSize,
        List.copyOf(lowering.parameters),
        List.copyOf(lowering.groups),
        lowering.next.stream().map(lowering.graph::width).toList(),
        NoisyCell.masks(cell).stream().map(mask -> lowering.sizes.of(mask.size())).toList(),
        List.copyOf(places.sequences),
        List.copyOf(places.steps),
        List.copyOf(places.derived),
        forward.preparation,
        forward.prologue,
        forward.forward,
        backward.backward,
        backward.late,
        backward.epilogue,
        List.copyOf(backward.gradients.deltas),
        lowering.groups.stream().map(group -> places.read(group.operand())).toList(),
        List.copyOf(backward.gradients.vectorGradients),
        kept,
        activations,
        places.read(lowering.output));
  }

  /// Which line of the equations a name is on the left side of, or one after all of them.
  private int line(String name) {
    List<String> lines = cell.equations();
    int line = 0;
    while (line < lines.size() && !lines.get(line).startsWith(name + " =")) {
      line++;
    }
    return line;
  }

  private static Plan.Activation activation(Graph graph, int node, String name, Places places) {
    return new Plan.Activation(name, ((Node.Apply) graph.get(node)).op(), places.read(node));
  }
}
