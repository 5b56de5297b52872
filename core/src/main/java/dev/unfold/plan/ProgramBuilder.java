package dev.unfold.plan;

import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Kind;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.plan.Stage.Side;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// Fuses pointwise nodes of one width, and those of a single number that go with them, into one program. A
/// temporary is used again as soon as its value has been read for the last time, so that a backend needs
/// little scratch memory.
///
/// A program over the matrices of heads reads a number for each of a matrix' rows as a column, and one for each of its
/// columns as a row that is repeated, which needs no instruction.
final class ProgramBuilder {
  private final Graph graph;
  private final Places places;
  private final Schedule schedule;
  private final Extent extent;
  private final Pointwise.Builder program = Pointwise.builder();
  private final List<Place> operands = new ArrayList<>();
  private final List<Side> sides = new ArrayList<>();
  private final Map<Operand, Slot> operandSlots = new HashMap<>();
  private final Map<Integer, Slot> values = new HashMap<>();
  private final Map<Integer, Integer> lastUse = new HashMap<>();
  private final Deque<Slot> free = new ArrayDeque<>();
  private final Deque<Slot> freeOfRow = new ArrayDeque<>();

  /// A place as the program sees it: what is summed up over rows is written as a row, and all else read as a matrix.
  private record Operand(Place place, Side side, boolean isSum) {}

  ProgramBuilder(Graph graph, Places places, Schedule schedule, Extent extent) {
    this.graph = graph;
    this.places = places;
    this.schedule = schedule;
    this.extent = extent;
  }

  /// The program that computes the nodes `inOrder`, which are in an order in which they can be computed.
  Stage.Fused build(List<Integer> inOrder) {
    List<Integer> nodes = extent.shape() == null ? inOrder : sumsLast(inOrder);
    for (int node : nodes) {
      Node.Apply apply = (Node.Apply) graph.get(node);
      lastUse.put(apply.left(), node);
      lastUse.put(apply.right(), node);
    }
    for (int node : nodes) {
      Node.Apply apply = (Node.Apply) graph.get(node);
      Side side = apply.op() == Op.SPREAD ? sideAlong(apply) : Side.ELEMENTS;
      Slot left = value(apply.left(), side);
      Slot right = value(apply.right(), side);
      if (side == Side.COLUMNS && places.of(node).isEmpty()) {
        values.put(node, left);
        continue;
      }
      release(apply.left(), node);
      if (apply.right() != apply.left()) {
        release(apply.right(), node);
      }
      emit(node, side == Side.COLUMNS ? Op.COPY : apply.op(), left, right);
    }
    Stage.Heads heads = extent.shape() == null ? null : new Stage.Heads(extent.shape(), sides);
    return new Stage.Fused(program.build(), operands, heads);
  }

  /// Sums over matrices at the end, if none of `nodes` reads them: what is before them is one loop then.
  private List<Integer> sumsLast(List<Integer> nodes) {
    boolean areRead =
        nodes.stream()
            .map(node -> (Node.Apply) graph.get(node))
            .flatMap(apply -> Stream.of(apply.left(), apply.right()))
            .anyMatch(argument -> isSum(argument) && nodes.contains(argument));
    return areRead
        ? nodes
        : Stream.concat(
                nodes.stream().filter(node -> !isSum(node)), nodes.stream().filter(this::isSum))
            .toList();
  }

  private boolean isSum(int node) {
    return graph.get(node) instanceof Node.Apply apply && apply.op() == Op.SUM;
  }

  /// What a sum along its axis leaves, or a spread begins with.
  private Side sideAlong(Node.Apply apply) {
    if (apply.axis() == null) {
      return Side.ELEMENTS;
    }
    return apply.axis().isLast() ? Side.ROWS : Side.COLUMNS;
  }

  private void emit(int node, Op op, Slot left, Slot right) {
    Side side = op == Op.SUM ? sideAlong((Node.Apply) graph.get(node)) : Side.ELEMENTS;
    List<Place> targets = places.of(node);
    if (side == Side.COLUMNS) {
      targets.forEach(place -> program.emit(op, sumOfRows(place), left, right));
      return;
    }
    if (targets.isEmpty()) {
      boolean isWide = side == Side.ELEMENTS && graph.width(node) == extent.width();
      Slot target = isWide ? temporary() : rowTemporary();
      program.emit(op, target, left, right);
      values.put(node, target);
      return;
    }
    Slot first = operand(targets.getFirst(), side);
    program.emit(op, first, left, right);
    for (Place place : targets.subList(1, targets.size())) {
      program.emit(Op.COPY, operand(place, side), first, first);
    }
    values.put(node, first);
  }

  private Slot temporary() {
    return free.isEmpty() ? program.temporary() : free.pop();
  }

  private Slot rowTemporary() {
    return freeOfRow.isEmpty() ? program.rowTemporary() : freeOfRow.pop();
  }

  private Slot value(int node, Side side) {
    Slot known = values.get(node);
    if (known != null) {
      return known;
    }
    if (graph.get(node) instanceof Node.Constant constant) {
      return program.constant(constant.value());
    }
    if (schedule.inlined().get(node)) {
      return inlined(node, (Node.Apply) graph.get(node));
    }
    return operand(places.read(node, schedule.part()), side);
  }

  private Slot inlined(int node, Node.Apply spread) {
    Side side = sideAlong(spread);
    Slot slot = value(spread.left(), side);
    if (side == Side.ROWS) {
      Slot column = slot;
      slot = temporary();
      program.emit(Op.SPREAD, slot, column, column);
    }
    values.put(node, slot);
    return slot;
  }

  private Slot operand(Place place, Side side) {
    return operandSlots.computeIfAbsent(
        new Operand(place, side, false),
        p -> {
          boolean isColumn =
              extent.shape() == null ? place.width() != extent.width() : side == Side.ROWS;
          return added(place, side, isColumn ? program.column() : program.operand());
        });
  }

  private Slot sumOfRows(Place place) {
    return operandSlots.computeIfAbsent(
        new Operand(place, Side.COLUMNS, true), p -> added(place, Side.COLUMNS, program.row()));
  }

  private Slot added(Place place, Side side, Slot slot) {
    operands.add(place);
    sides.add(side);
    return slot;
  }

  private void release(int node, int user) {
    Slot slot = values.get(node);
    if (slot == null || lastUse.get(node) != user) {
      return;
    }
    if (slot.kind() == Kind.TEMPORARY) {
      free.push(slot);
    } else if (slot.kind() == Kind.ROW_TEMPORARY) {
      freeOfRow.push(slot);
    }
  }
}
