package dev.unfold.plan;

import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Kind;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// Fuses pointwise nodes of one width, and those of a single number that go with them, into one program. A
/// temporary is used again as soon as its value has been read for the last time, so that a backend needs
/// little scratch memory.
final class ProgramBuilder {
  private final Graph graph;
  private final Places places;
  private final Part part;
  private final int width;
  private final Pointwise.Builder program = Pointwise.builder();
  private final List<Place> operands = new ArrayList<>();
  private final Map<Place, Slot> operandSlots = new HashMap<>();
  private final Map<Integer, Slot> values = new HashMap<>();
  private final Map<Integer, Integer> lastUse = new HashMap<>();
  private final Deque<Slot> free = new ArrayDeque<>();
  private final Deque<Slot> freeOfRow = new ArrayDeque<>();

  ProgramBuilder(Graph graph, Places places, Part part, int width) {
    this.graph = graph;
    this.places = places;
    this.part = part;
    this.width = width;
  }

  /// The program that computes `nodes`, which are in an order in which they can be computed.
  Stage.Fused build(List<Integer> nodes) {
    for (int node : nodes) {
      Node.Apply apply = (Node.Apply) graph.get(node);
      lastUse.put(apply.left(), node);
      lastUse.put(apply.right(), node);
    }
    for (int node : nodes) {
      Node.Apply apply = (Node.Apply) graph.get(node);
      Slot left = value(apply.left());
      Slot right = value(apply.right());
      release(apply.left(), node);
      if (apply.right() != apply.left()) {
        release(apply.right(), node);
      }
      emit(node, apply.op(), left, right);
    }
    return new Stage.Fused(program.build(), operands);
  }

  private void emit(int node, Op op, Slot left, Slot right) {
    List<Place> targets = places.of(node);
    if (targets.isEmpty()) {
      Slot target = graph.width(node) == width ? temporary() : rowTemporary();
      program.emit(op, target, left, right);
      values.put(node, target);
      return;
    }
    Slot first = operand(targets.getFirst());
    program.emit(op, first, left, right);
    for (Place place : targets.subList(1, targets.size())) {
      program.emit(Op.COPY, operand(place), first, first);
    }
    values.put(node, first);
  }

  private Slot temporary() {
    return free.isEmpty() ? program.temporary() : free.pop();
  }

  private Slot rowTemporary() {
    return freeOfRow.isEmpty() ? program.rowTemporary() : freeOfRow.pop();
  }

  private Slot value(int node) {
    Slot known = values.get(node);
    if (known != null) {
      return known;
    }
    if (graph.get(node) instanceof Node.Constant constant) {
      return program.constant(constant.value());
    }
    return operand(places.read(node, part));
  }

  private Slot operand(Place place) {
    return operandSlots.computeIfAbsent(
        place,
        p -> {
          operands.add(p);
          return p.width() == width ? program.operand() : program.column();
        });
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
