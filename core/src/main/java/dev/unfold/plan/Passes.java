package dev.unfold.plan;

import dev.unfold.cell.Cell;
import dev.unfold.cell.NoisyCell;
import dev.unfold.cell.Sizes;
import dev.unfold.kernels.Pointwise.Op;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// The passes that derive a [Plan] from a cell.
final class Passes {
  private Passes() {}

  /// All passes, one after the other.
  static Plan plan(Cell cell, Sizes sizes) {
    ForwardStep step = lower(cell, sizes);
    AdjointStep adjoint = settle(step, differentiate(step));
    Parts parts = hoist(step, adjoint);
    Kept kept = keep(step, adjoint, parts);
    Map<Part, Schedule> schedules = schedule(step, adjoint, parts, kept);
    Places forward = placeForward(step, parts, kept, schedules);
    BackwardPlaces.Placed backward = placeBackward(step, adjoint, parts, kept, schedules, forward);
    return new Plan(
        step,
        adjoint,
        memory(step, backward.places()),
        forward(step, kept, schedules, forward),
        backward(step, kept, schedules, backward));
  }

  /// Equations to products and pointwise operations; the affine maps of one operand are merged.
  ///
  /// *Assumes* that the cell's equations fit together, as [Cell#define] has checked. *Gives* nodes that read only those
  /// before them, of which no two are equal but for copies. Each state's next value and the output can be put anywhere:
  /// they are operations, and no two states have one node.
  static ForwardStep lower(Cell cell, Sizes sizes) {
    return Lowering.lower(cell, sizes);
  }

  /// Reverse-mode differentiation of the step.
  ///
  /// *Assumes* what [#lower] gives. *Gives* the nodes of the step, unchanged, and after them those of its adjoint. Error
  /// signals are operations of the adjoint. A derivative that is zero since nothing depends on the value is
  /// [Node#NONE].
  static AdjointStep differentiate(ForwardStep step) {
    return Adjoint.differentiate(step);
  }

  /// A node of its own for each result of the adjoint.
  ///
  /// *Assumes* what [#differentiate] gives. *Gives* the same derivatives, with copies: none is [Node#NONE], each can be
  /// computed where it belongs, and nothing else is made from the input's.
  static AdjointStep settle(ForwardStep step, AdjointStep adjoint) {
    return Settling.settle(step, adjoint);
  }

  /// When each node is computed: what leaves the time loop.
  ///
  /// *Assumes* what [#settle] gives. *Gives* each node a part that runs no earlier than those of the nodes it reads.
  static Parts hoist(ForwardStep step, AdjointStep adjoint) {
    return Hoisting.hoist(step, adjoint);
  }

  /// What is kept of the forward step for its adjoint, what is computed again instead, and what the adjoint's loop leaves
  /// to the parts after it.
  ///
  /// *Assumes* what [#hoist] gives. *Gives* the final graph: that of the adjoint and copies behind it.
  static Kept keep(ForwardStep step, AdjointStep adjoint, Parts parts) {
    return Keeping.keep(step, adjoint, parts);
  }

  /// In which stage of its part each node is computed, and which nodes one program computes.
  ///
  /// *Assumes* what [#hoist] and [#keep] give. *Gives* each part's products a stage after that of their operands, each
  /// pointwise node one not before those of its arguments; a program has one width above 1 at most.
  static Map<Part, Schedule> schedule(
      ForwardStep step, AdjointStep adjoint, Parts parts, Kept kept) {
    return Scheduling.schedule(step, adjoint, parts, kept);
  }

  /// Where the values of the forward step live.
  ///
  /// *Assumes* what [#schedule] gives. *Gives* a place to what a later stage or part reads; in a sequence if that is
  /// after its step. A node without one is a temporary of its program.
  static Places placeForward(
      ForwardStep step, Parts parts, Kept kept, Map<Part, Schedule> schedules) {
    return ForwardPlaces.place(step, parts, kept, schedules);
  }

  /// Where the values of the adjoint live.
  ///
  /// *Assumes* what [#placeForward] gives, which stays as it is. *Gives* the same for the backward parts, and each result
  /// its place.
  static BackwardPlaces.Placed placeBackward(
      ForwardStep step,
      AdjointStep adjoint,
      Parts parts,
      Kept kept,
      Map<Part, Schedule> schedules,
      Places forward) {
    return BackwardPlaces.place(step, adjoint, parts, kept, schedules, forward);
  }

  /// The stages of a forward part as products and programs.
  ///
  /// *Assumes* what [#placeForward] gives. *Gives* stages that name places alone, and no node.
  static List<Stage> fuse(Schedule schedule, ForwardStep step, Places forward) {
    return Fusing.fuseForward(schedule, step, forward);
  }

  /// The same for a backward part.
  static List<Stage> fuse(
      Schedule schedule, ForwardStep step, Kept kept, BackwardPlaces.Placed backward) {
    return Fusing.fuseBackward(schedule, step, kept, backward);
  }

  private static Plan.Memory memory(ForwardStep step, Places places) {
    return new Plan.Memory(
        step.states().stream().map(ForwardStep.State::width).toList(),
        NoisyCell.masks(step.cell()).stream().map(mask -> step.sizes().of(mask.size())).toList(),
        places.sequences,
        places.steps,
        places.derived);
  }

  private static Plan.Forward forward(
      ForwardStep step, Kept kept, Map<Part, Schedule> schedules, Places places) {
    return new Plan.Forward(
        fuse(schedules.get(Part.PREPARATION), step, places),
        fuse(schedules.get(Part.PROLOGUE), step, places),
        fuse(schedules.get(Part.FORWARD), step, places),
        step.groups().stream().map(group -> places.read(group.operand())).toList(),
        kept.ofForward().stream().map(places::read).toList(),
        activations(step, kept, places),
        places.read(step.output()));
  }

  private static Plan.Backward backward(
      ForwardStep step, Kept kept, Map<Part, Schedule> schedules, BackwardPlaces.Placed placed) {
    return new Plan.Backward(
        fuse(schedules.get(Part.BACKWARD), step, kept, placed),
        fuse(schedules.get(Part.LATE), step, kept, placed),
        fuse(schedules.get(Part.EPILOGUE), step, kept, placed),
        placed.deltas(),
        placed.vectorGradients());
  }

  private static List<Plan.Activation> activations(ForwardStep step, Kept kept, Places places) {
    List<String> equations = step.cell().equations();
    return step.activations().stream()
        .filter(own -> kept.ofForward().contains(own.node()))
        .map(own -> new Plan.Activation(own.name(), op(step, own.node()), places.read(own.node())))
        .sorted(Comparator.comparingInt(own -> line(equations, own.name())))
        .toList();
  }

  private static Op op(ForwardStep step, int node) {
    return ((Node.Apply) step.graph().get(node)).op();
  }

  /// Which line of the equations a name is on the left side of, or one after all of them.
  private static int line(List<String> equations, String name) {
    int line = 0;
    while (line < equations.size() && !equations.get(line).startsWith(name + " =")) {
      line++;
    }
    return line;
  }
}
