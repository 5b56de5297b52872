package dev.unfold.plan;

import dev.unfold.cell.Cell;
import dev.unfold.kernels.Pointwise.Op;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// Makes a [Plan]: decides what is computed when and where it lives.
///
/// # Hoisting
///
/// A product whose operand depends on x(t) alone leaves the time loop: it is computed for all steps at
/// once in the prologue, together with all that the operand is computed from. In the backward direction, what
/// feeds no state's derivative leaves the loop likewise: error signals that only weight gradients need are
/// computed after it, and what only the input's derivative needs in the epilogue. For the standard cells
/// that is one product.
///
/// # Keeping
///
/// The adjoint refers to values of the forward step; those are kept in sequences. A value that is one
/// cheap operation away from kept ones (1 - z, -a, the step of a relu) is computed again instead.
final class Scheduler {
  private final Cell cell;
  private final int inputSize;
  private final int hiddenSize;
  private final Lowering lowering;
  private final Graph graph;
  private final List<Group> groups;
  private final Adjoint adjoint;
  private final Places places;

  /// Forward nodes have lower indices than this.
  private final int forwardNodes;

  /// Pointwise nodes that the backward direction computes.
  private final Set<Integer> backwardNodes = new TreeSet<>();

  /// Forward nodes that the backward direction reads.
  private final Set<Integer> saved = new TreeSet<>();

  /// Backward nodes that the derivatives of parameters are made from.
  private final Set<Integer> signals = new HashSet<>();

  private final Map<Integer, Boolean> needsState = new HashMap<>();
  private final List<Place> deltas = new ArrayList<>();
  private final List<Plan.VectorGradient> vectorGradients = new ArrayList<>();

  Scheduler(Cell cell, int inputSize, int hiddenSize) {
    this.cell = cell;
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    lowering = new Lowering(cell, cell.sizes(inputSize, hiddenSize));
    graph = lowering.graph;
    groups = lowering.groups;
    forwardNodes = graph.size();
    adjoint = new Adjoint(lowering, cell.recurrences().size());
    places = new Places(graph);
  }

  Plan plan() {
    findBackwardNodes();
    StageBuilder prologue = new StageBuilder(graph, places, Span.ALL_STEPS);
    StageBuilder forward = new StageBuilder(graph, places, Span.STEP);
    scheduleForward(prologue, forward);
    List<Place> kept = saved.stream().map(places::read).toList();
    List<Stage> prologueStages = prologue.build();
    List<Stage> forwardStages = forward.build();
    StageBuilder backward = new StageBuilder(graph, places, Span.STEP);
    StageBuilder late = new StageBuilder(graph, places, Span.ALL_STEPS);
    StageBuilder epilogue = new StageBuilder(graph, places, Span.ALL_STEPS);
    adjoint.deltas.forEach(ofGroup -> ofGroup.forEach(n -> addBackwardAncestors(n, signals)));
    adjoint.vectors.forEach(vector -> addBackwardAncestors(vector.node(), signals));
    placeGradients();
    scheduleBackward(backward, late, epilogue);
    List<Stage> backwardStages = backward.build();
    List<Stage> lateStages = late.build();
    List<Stage> epilogueStages = epilogue.build();
    return new Plan(
        cell,
        inputSize,
        hiddenSize,
        List.copyOf(lowering.parameters),
        List.copyOf(groups),
        lowering.next.stream().map(graph::width).toList(),
        List.copyOf(places.sequences),
        List.copyOf(places.steps),
        prologueStages,
        forwardStages,
        backwardStages,
        lateStages,
        epilogueStages,
        List.copyOf(deltas),
        groups.stream().map(group -> places.read(group.operand())).toList(),
        List.copyOf(vectorGradients),
        kept,
        places.read(lowering.output));
  }

  private void findBackwardNodes() {
    adjoint.deltas.forEach(signals -> signals.forEach(this::visitBackward));
    adjoint.carries.forEach(this::visitBackward);
    visitBackward(adjoint.input);
    adjoint.vectors.forEach(vector -> visitBackward(vector.node()));
  }

  private void visitBackward(int node) {
    if (node == Adjoint.NONE || backwardNodes.contains(node)) {
      return;
    }
    switch (graph.get(node)) {
      case Node.Apply apply -> {
        if (node < forwardNodes && (!isCheap(apply.op()) || isKeptAnyway(node))) {
          saved.add(node);
        } else {
          backwardNodes.add(node);
          visitBackward(apply.left());
          visitBackward(apply.right());
        }
      }
      case Node.Product product -> saved.add(node);
      default -> {}
    }
  }

  private static boolean isCheap(Op op) {
    return switch (op) {
      case ONE_MINUS, NEGATE, STEP, SPREAD -> true;
      default -> false;
    };
  }

  private boolean isKeptAnyway(int node) {
    return lowering.next.contains(node) || node == lowering.output || isOperand(node);
  }

  private boolean isOperand(int node) {
    return groups.stream().anyMatch(group -> group.operand() == node);
  }

  private void scheduleForward(StageBuilder prologue, StageBuilder forward) {
    for (int s = 0; s < lowering.next.size(); s++) {
      int next = lowering.next.get(s);
      places.put(next, Place.whole(Place.Kind.NEXT, s, graph.width(next)));
    }
    Set<Integer> hoisted = new HashSet<>();
    for (Group group : groups) {
      if (!needsState(group.operand())) {
        addAncestors(group.operand(), hoisted);
      }
      keep(group.operand());
    }
    saved.stream().filter(n -> graph.get(n) instanceof Node.Apply).forEach(this::keep);
    keep(lowering.output);
    keepHoisted(hoisted);
    for (int node = 0; node < forwardNodes; node++) {
      switch (graph.get(node)) {
        case Node.Apply apply -> (hoisted.contains(node) ? prologue : forward).pointwise(node);
        case Node.Product product -> {
          if (product.from() == 0) {
            addProduct(product.group(), prologue, forward);
          }
        }
        default -> {}
      }
    }
  }

  /// What the prologue computes and the time loop reads has to outlast the prologue.
  private void keepHoisted(Set<Integer> hoisted) {
    for (int node = 0; node < forwardNodes; node++) {
      if (graph.get(node) instanceof Node.Apply apply && !hoisted.contains(node)) {
        Stream.of(apply.left(), apply.right()).filter(hoisted::contains).forEach(this::keep);
      }
    }
  }

  /// Sees to it that a pointwise node lives in a sequence, for all steps.
  private void keep(int node) {
    if (graph.get(node) instanceof Node.Apply && !places.has(node)) {
      places.put(node, places.newSequence(graph.width(node)));
    }
  }

  private void addProduct(int index, StageBuilder prologue, StageBuilder forward) {
    Group group = groups.get(index);
    List<Integer> results = group.slices().stream().map(Group.Slice::node).toList();
    boolean hoist = !needsState(group.operand());
    boolean sequence =
        hoist || results.stream().anyMatch(node -> saved.contains(node) || isOperand(node));
    Place target = sequence ? places.newSequence(group.rows()) : places.newStep(group.rows());
    for (Group.Slice slice : group.slices()) {
      places.put(slice.node(), target.slice(slice.from(), slice.width()));
    }
    Stage.Product product =
        new Stage.Product(index, Stage.Direction.FORWARD, places.read(group.operand()), target);
    (hoist ? prologue : forward).product(product, List.of(group.operand()), results);
  }

  private boolean needsState(int node) {
    Boolean known = needsState.get(node);
    if (known != null) {
      return known;
    }
    boolean needs =
        switch (graph.get(node)) {
          case Node.State s -> true;
          case Node.Apply apply -> needsState(apply.left()) || needsState(apply.right());
          case Node.Product product -> needsState(groups.get(product.group()).operand());
          default -> false;
        };
    needsState.put(node, needs);
    return needs;
  }

  private void addAncestors(int node, Set<Integer> ancestors) {
    if (!ancestors.add(node)) {
      return;
    }
    switch (graph.get(node)) {
      case Node.Apply apply -> {
        addAncestors(apply.left(), ancestors);
        addAncestors(apply.right(), ancestors);
      }
      case Node.Product product -> addAncestors(groups.get(product.group()).operand(), ancestors);
      default -> {}
    }
  }

  /// Gives the results of the backward direction their places. A result that can't be put there directly
  /// (a leaf, a kept value, a product that has a place) is copied.
  private void placeGradients() {
    for (int s = 0; s < adjoint.carries.size(); s++) {
      int width = graph.width(lowering.next.get(s));
      put(adjoint.carries.get(s), Place.whole(Place.Kind.CARRY_OUT, s, width));
    }
    put(adjoint.input, Place.whole(Place.Kind.INPUT_GRADIENT, 0, inputSize));
    Map<List<Integer>, Place> sharedSignals = new HashMap<>();
    for (int g = 0; g < groups.size(); g++) {
      Group group = groups.get(g);
      List<Integer> signals = adjoint.deltas.get(g);
      Place known = sharedSignals.get(signals);
      if (known == null) {
        known = places.newSequence(group.rows());
        for (int i = 0; i < signals.size(); i++) {
          Group.Slice slice = group.slices().get(i);
          put(signals.get(i), known.slice(slice.from(), slice.width()));
        }
        sharedSignals.put(signals, known);
      }
      deltas.add(known);
    }
    for (Adjoint.VectorGradient vector : adjoint.vectors) {
      vectorGradients.add(
          new Plan.VectorGradient(vector.parameter(), vector.from(), rowsOf(vector.node())));
    }
  }

  private void put(int node, Place place) {
    boolean computed = backwardNodes.contains(node);
    boolean product = node != Adjoint.NONE && graph.get(node) instanceof Node.BackProduct;
    boolean direct = computed || (product && !places.has(node));
    if (direct) {
      places.put(node, place);
      return;
    }
    int source = node == Adjoint.NONE ? graph.constant(0) : node;
    int copy = graph.copyOf(source, place.width());
    backwardNodes.add(copy);
    if (place.kind() != Place.Kind.INPUT_GRADIENT) {
      signals.add(copy);
    }
    places.put(copy, place);
  }

  /// A sequence that holds `node` for all steps.
  private Place rowsOf(int node) {
    for (Place place : places.of(node)) {
      if (place.kind() == Place.Kind.SEQUENCE || place.kind() == Place.Kind.INPUT_GRADIENT) {
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

  private void scheduleBackward(StageBuilder backward, StageBuilder late, StageBuilder epilogue) {
    Set<Integer> recurrent = new HashSet<>();
    adjoint.carries.forEach(node -> addBackwardAncestors(node, recurrent));
    for (int node = 0; node < graph.size(); node++) {
      StageBuilder outside = signals.contains(node) ? late : epilogue;
      switch (graph.get(node)) {
        case Node.BackProduct product -> {
          boolean hoist = !recurrent.contains(node);
          addBackProduct(node, product, hoist ? outside : backward, hoist);
        }
        case Node.Apply apply -> {
          if (!backwardNodes.contains(node)) {
            continue;
          }
          boolean hoist =
              isInputGradient(node)
                  || Stream.of(apply.left(), apply.right())
                      .anyMatch(argument -> late.computes(argument) || epilogue.computes(argument));
          if (hoist) {
            keepForAllSteps(apply.left(), outside);
            keepForAllSteps(apply.right(), outside);
          }
          (hoist ? outside : backward).pointwise(node);
        }
        default -> {}
      }
    }
  }

  private boolean isInputGradient(int node) {
    return places.of(node).stream().anyMatch(p -> p.kind() == Place.Kind.INPUT_GRADIENT);
  }

  /// Sees to it that `reader`, which covers all steps, finds an argument that an earlier part computes at each
  /// step.
  private void keepForAllSteps(int argument, StageBuilder reader) {
    boolean computed =
        switch (graph.get(argument)) {
          case Node.Apply a -> backwardNodes.contains(argument);
          case Node.Carry c -> true;
          case Node.BackProduct b -> true;
          default -> false;
        };
    if (computed && !reader.computes(argument) && !places.hasCopy(argument)) {
      places.putCopy(argument, rowsOf(argument));
    }
  }

  private void addBackwardAncestors(int node, Set<Integer> ancestors) {
    if (node == Adjoint.NONE || !ancestors.add(node)) {
      return;
    }
    switch (graph.get(node)) {
      case Node.Apply apply -> {
        addBackwardAncestors(apply.left(), ancestors);
        addBackwardAncestors(apply.right(), ancestors);
      }
      case Node.BackProduct product ->
          adjoint.deltas.get(product.group()).forEach(n -> addBackwardAncestors(n, ancestors));
      default -> {}
    }
  }

  private void addBackProduct(
      int node, Node.BackProduct product, StageBuilder stages, boolean hoist) {
    if (!places.has(node)) {
      int width = product.width();
      places.put(node, hoist ? places.newSequence(width) : places.newStep(width));
    }
    stages.product(
        new Stage.Product(
            product.group(), Stage.Direction.BACK, deltas.get(product.group()), places.read(node)),
        adjoint.deltas.get(product.group()),
        List.of(node));
  }
}
