package dev.unfold.plan;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/// Puts the nodes of each part in stages, in one walk over the forward step and one over both for its adjoint.
final class Scheduling {
  private final ForwardStep step;
  private final AdjointStep adjoint;
  private final Parts parts;
  private final Kept kept;
  private final Map<Part, PartBuilder> builders = new EnumMap<>(Part.class);
  private final BitSet computed;

  private Scheduling(ForwardStep step, AdjointStep adjoint, Parts parts, Kept kept) {
    this.step = step;
    this.adjoint = adjoint;
    this.parts = parts;
    this.kept = kept;
    computed = needed();
    BitSet forward = inlinedForward();
    BitSet backward = inlinedBackward();
    for (Part part : Part.values()) {
      boolean isForward = part.compareTo(Part.FORWARD) <= 0;
      builders.put(part, new PartBuilder(kept.graph(), isForward ? forward : backward));
    }
  }

  private BitSet inlinedForward() {
    BitSet needed = new BitSet();
    for (int node = 0; node < step.graph().size(); node++) {
      boolean isPrepared = parts.ofForward(node) == Part.PREPARATION;
      needed.set(node, isPrepared || step.isNeededAnyway(node) || isBase(node));
    }
    kept.ofForward().forEach(needed::set);
    return Inlining.of(step.graph(), computed, parts::ofForward, needed);
  }

  private boolean isBase(int node) {
    return step.graph().nodes().stream()
        .anyMatch(each -> each instanceof Node.Product product && product.onto() == node);
  }

  private BitSet inlinedBackward() {
    BitSet needed = new BitSet();
    adjoint.carries().forEach(needed::set);
    needed.set(adjoint.input());
    adjoint.deltas().forEach(signals -> signals.forEach(needed::set));
    adjoint.vectors().forEach(vector -> needed.set(vector.node()));
    kept.forAllSteps().keySet().forEach(needed::set);
    kept.forAllSteps().values().forEach(needed::set);
    BitSet all = new BitSet();
    kept.inBackward().forEach(all::set);
    return Inlining.of(kept.graph(), all, parts::ofBackward, needed);
  }

  static Map<Part, Schedule> schedule(
      ForwardStep step, AdjointStep adjoint, Parts parts, Kept kept) {
    Scheduling scheduling = new Scheduling(step, adjoint, parts, kept);
    scheduling.addForward();
    scheduling.addBackward();
    Map<Part, Schedule> schedules = new EnumMap<>(Part.class);
    scheduling.builders.forEach((part, builder) -> schedules.put(part, builder.build(part)));
    return schedules;
  }

  private void addForward() {
    for (int node = 0; node < step.graph().size(); node++) {
      PartBuilder part = builders.get(parts.ofForward(node));
      switch (step.graph().get(node)) {
        case Node.Apply apply -> {
          if (computed.get(node)) {
            part.pointwise(node);
          }
        }
        case Node.Product product -> {
          // The first slice stands for the whole group.
          if (product.from() == 0) {
            addProducts(node, step.groups().get(product.group()), part);
          }
        }
        default -> {}
      }
    }
  }

  /// Pointwise nodes of the step that something is made from. A spread of which only what it spreads was needed is
  /// left over by [GraphBuilder].
  private BitSet needed() {
    BitSet needed = new BitSet();
    kept.ofForward().forEach(needed::set);
    for (int node = step.graph().size() - 1; node >= 0; node--) {
      switch (step.graph().get(node)) {
        case Node.Apply apply -> {
          if (needed.get(node) || step.isNeededAnyway(node)) {
            needed.set(node);
            needed.set(apply.left());
            needed.set(apply.right());
          }
        }
        case Node.Product product -> {
          if (product.onto() != Node.NONE) {
            needed.set(product.onto());
          }
        }
        default -> {}
      }
    }
    needed.stream()
        .filter(node -> !(step.graph().get(node) instanceof Node.Apply))
        .forEach(needed::clear);
    return needed;
  }

  private void addProducts(int first, Group group, PartBuilder part) {
    List<Integer> slices = group.slices().stream().map(Group.Slice::node).toList();
    List<Integer> bases = new ArrayList<>();
    for (int slice : slices) {
      int base = ((Node.Product) step.graph().get(slice)).onto();
      if (base != Node.NONE) {
        bases.add(base);
      }
    }
    part.product(first, List.of(group.operand()), bases, slices);
  }

  private void addBackward() {
    for (int node = 0; node < kept.graph().size(); node++) {
      PartBuilder part = builders.get(parts.ofBackward(node));
      switch (kept.graph().get(node)) {
        case Node.BackProduct product -> {
          List<Integer> signals = adjoint.deltas().get(product.group());
          part.product(node, signals, List.of(), List.of(node));
        }
        case Node.Apply apply -> {
          if (kept.inBackward().contains(node)) {
            part.pointwise(node);
          }
        }
        default -> {}
      }
    }
  }
}
