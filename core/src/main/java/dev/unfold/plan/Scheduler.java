package dev.unfold.plan;

import dev.unfold.cell.Cell;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.IntFunction;
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
/// # Adding up
///
/// The shares of an affine map are added up by the products themselves: a product is put where the one before it
/// is, if nothing else reads that, and the first starts from the bias. What is computed from such a sum alone is
/// put in the place of the sum.
///
/// # Keeping
///
/// The adjoint refers to values of the forward step; those are kept in sequences. A value that is one
/// cheap operation away from kept ones (1 - z, -a, the step of a relu, a multiple by a number of the row) is
/// computed again instead.
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

  /// Pointwise forward nodes that depend on parameters alone.
  private final Set<Integer> derived = new TreeSet<>();

  /// Pointwise nodes that the backward direction computes.
  private final Set<Integer> backwardNodes = new TreeSet<>();

  /// Forward nodes that the backward direction reads.
  private final Set<Integer> saved = new TreeSet<>();

  /// Backward nodes that the derivatives of parameters are made from.
  private final Set<Integer> signals = new HashSet<>();

  private final Map<Integer, Boolean> needsState = new HashMap<>();

  /// How often each forward node is read by forward nodes, and by which last.
  private final Map<Integer, Integer> readers = new HashMap<>();

  private final Map<Integer, Integer> lastReader = new HashMap<>();
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
    findDerived();
    findBackwardNodes();
    findReaders();
    StageBuilder preparation = new StageBuilder(graph, places, Span.STEP);
    StageBuilder prologue = new StageBuilder(graph, places, Span.ALL_STEPS);
    StageBuilder forward = new StageBuilder(graph, places, Span.STEP);
    for (int node : derived) {
      places.put(node, places.newDerived(graph.width(node)));
      preparation.pointwise(node);
    }
    List<Stage> preparationStages = preparation.build();
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
        List.copyOf(places.derived),
        preparationStages,
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
    if (node == Adjoint.NONE || derived.contains(node) || backwardNodes.contains(node)) {
      return;
    }
    switch (graph.get(node)) {
      case Node.Apply apply -> {
        if (node < forwardNodes && (!isCheap(apply) || isKeptAnyway(node))) {
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

  private boolean isCheap(Node.Apply apply) {
    return switch (apply.op()) {
      case ONE_MINUS, NEGATE, STEP, SPREAD -> true;
      case MULTIPLY -> graph.isSpread(apply.left()) || graph.isSpread(apply.right());
      default -> false;
    };
  }

  private boolean isKeptAnyway(int node) {
    return lowering.next.contains(node) || node == lowering.output || isOperand(node);
  }

  private boolean isOperand(int node) {
    return groups.stream().anyMatch(group -> group.operand() == node);
  }

  private void findReaders() {
    for (int node = 0; node < forwardNodes; node++) {
      switch (graph.get(node)) {
        case Node.Apply apply -> {
          addReader(apply.left(), node);
          if (apply.right() != apply.left()) {
            addReader(apply.right(), node);
          }
        }
        case Node.Product product -> addReader(product.onto(), node);
        default -> {}
      }
    }
  }

  private void addReader(int node, int reader) {
    readers.merge(node, 1, Integer::sum);
    lastReader.put(node, reader);
  }

  /// Whether `reader` alone needs `node`, so that its result may be put in its place.
  private boolean isLastOf(int reader, int node) {
    return readers.getOrDefault(node, 0) == 1
        && lastReader.get(node) == reader
        && !saved.contains(node)
        && !isOperand(node);
  }

  private void findDerived() {
    for (int node = 0; node < forwardNodes; node++) {
      if (graph.get(node) instanceof Node.Apply apply
          && !isKeptAnyway(node)
          && isOfParameters(apply.left())
          && isOfParameters(apply.right())) {
        derived.add(node);
      }
    }
  }

  private boolean isOfParameters(int node) {
    return derived.contains(node)
        || graph.get(node) instanceof Node.Vector
        || graph.get(node) instanceof Node.Constant;
  }

  private void scheduleForward(StageBuilder prologue, StageBuilder forward) {
    for (int s = 0; s < lowering.next.size(); s++) {
      int next = lowering.next.get(s);
      places.put(next, Place.whole(Place.Kind.NEXT, s, graph.width(next)));
    }
    groups.forEach(this::placeProducts);
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
        case Node.Apply apply -> {
          if (!derived.contains(node)) {
            (hoisted.contains(node) ? prologue : forward).pointwise(node);
          }
        }
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
    if (graph.get(node) instanceof Node.Apply apply && !places.has(node)) {
      Place sum = placeOfSum(node, apply);
      places.put(node, sum != null ? sum : places.newSequence(graph.width(node)));
    }
  }

  /// The sequence of a product that nothing but `node` reads; null if it has no such argument.
  private Place placeOfSum(int node, Node.Apply apply) {
    return Stream.of(apply.left(), apply.right())
        .filter(argument -> graph.get(argument) instanceof Node.Product)
        .filter(argument -> isLastOf(node, argument))
        .map(places::read)
        .filter(place -> place.kind() == Place.Kind.SEQUENCE)
        .filter(place -> place.width() == graph.width(node))
        // The layer above reads the output without gaps.
        .filter(place -> node != lowering.output || place.stride() == place.width())
        .findFirst()
        .orElse(null);
  }

  /// Gives the products of a group their places: that of the product that they are added to, or new ones side by
  /// side.
  private void placeProducts(Group group) {
    boolean hoist = !needsState(group.operand());
    List<Group.Slice> sequence = new ArrayList<>();
    List<Group.Slice> step = new ArrayList<>();
    for (Group.Slice slice : group.slices()) {
      int base = ((Node.Product) graph.get(slice.node())).onto();
      boolean inPlace =
          base != Node.NONE
              && graph.get(base) instanceof Node.Product
              && isLastOf(slice.node(), base);
      if (inPlace) {
        places.put(slice.node(), places.read(base));
      } else {
        (hoist || isNeededForAllSteps(slice.node()) ? sequence : step).add(slice);
      }
    }
    placeSideBySide(sequence, places::newSequence);
    placeSideBySide(step, places::newStep);
  }

  private void placeSideBySide(List<Group.Slice> slices, IntFunction<Place> room) {
    if (slices.isEmpty()) {
      return;
    }
    Place whole = room.apply(slices.stream().mapToInt(Group.Slice::width).sum());
    int from = 0;
    for (Group.Slice slice : slices) {
      places.put(slice.node(), whole.slice(from, slice.width()));
      from += slice.width();
    }
  }

  /// Whether a product, or one that will be put in its place, is read after its step.
  private boolean isNeededForAllSteps(int product) {
    if (saved.contains(product) || isOperand(product)) {
      return true;
    }
    int reader = lastReader.getOrDefault(product, Node.NONE);
    return reader != Node.NONE
        && graph.get(reader) instanceof Node.Product
        && isLastOf(reader, product)
        && isNeededForAllSteps(reader);
  }

  private void addProduct(int index, StageBuilder prologue, StageBuilder forward) {
    Group group = groups.get(index);
    List<Stage.Term> terms = new ArrayList<>();
    List<Integer> bases = new ArrayList<>();
    for (Group.Slice slice : group.slices()) {
      int base = ((Node.Product) graph.get(slice.node())).onto();
      terms.add(
          new Stage.Term(base == Node.NONE ? null : places.read(base), places.read(slice.node())));
      if (base != Node.NONE) {
        bases.add(base);
      }
    }
    Stage.Product product =
        new Stage.Product(index, Stage.Direction.FORWARD, places.read(group.operand()), terms);
    (needsState(group.operand()) ? forward : prologue)
        .product(
            product,
            List.of(group.operand()),
            bases,
            group.slices().stream().map(Group.Slice::node).toList());
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
    Map<Place, List<Plan.VectorTarget>> targets = new LinkedHashMap<>();
    for (Adjoint.VectorGradient vector : adjoint.vectors) {
      targets
          .computeIfAbsent(rowsOf(vector.node()), rows -> new ArrayList<>())
          .add(new Plan.VectorTarget(vector.parameter(), vector.from()));
    }
    targets.forEach((rows, ofRows) -> vectorGradients.add(new Plan.VectorGradient(rows, ofRows)));
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
            product.group(),
            Stage.Direction.BACK,
            deltas.get(product.group()),
            List.of(new Stage.Term(null, places.read(node)))),
        adjoint.deltas.get(product.group()),
        List.of(),
        List.of(node));
  }
}
