package dev.unfold.plan;

import dev.unfold.cell.Cell;
import dev.unfold.cell.NoisyCell;
import dev.unfold.cell.Sizes;
import dev.unfold.kernels.Pointwise.Op;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// The compiler of cells: from the equations of one step to a [Plan], by passes. Each is a function below, of values
/// that never change; this page is the reasoning behind them, in their order.
///
/// # The task
///
/// A cell says how a step goes, s(t) = F(s(t-1), x(t)), with parameters p in F. Training runs F over t = 0..T-1 and
/// then its adjoint over t = T-1..0, which makes from dE/ds(t) the derivatives dE/ds(t-1), dE/dx(t), and each
/// step's share of dE/dp. Only s ties a step to the next one. So the passes look for three things: what need not be in
/// the loop over time, what can be one large product instead of many small ones, and what need not go through memory.
///
/// # Merge
///
/// An affine map is a sum over its operands, net_k = sum_o W_ko o + b_k. [#lower] takes the sum apart. The matrices
/// of all maps of one operand are the rows of one matrix W_o, and
///
///     [net_1; net_2; ...] = ... + W_o o
///
/// is one product ([Group]): one for the four gates of an LSTM. Nobody adds the shares up afterwards. Each product
/// adds to what the one before it has left, the first to the bias. Operands that depend on x(t) alone come first in
/// this chain.
///
/// Where a cell has N heads, a matrix whose operand depends on a state is block-diagonal in each of its maps. It stays
/// one group and one product here, with the zeros left out; only who runs a product sees that it is one for each head
/// ([Stage.Product#blocks]). So all that follows is the same with heads and without.
///
/// # Differentiate
///
/// [#differentiate] walks the graph from its end. Each node hands its derivative d on by the chain rule: y = op(a, b)
/// gives d dy/da to a and d dy/db to b. Of a product net = W o, with delta = dE/dnet for the error signal, remains
///
///     dE/do = W^T delta        dE/dW = sum over t and all rows of delta(t) o(t)^T
///
/// The first is a node. The second needs only what the steps leave behind: one product `[N, T*B] [T*B, K]` after them,
/// and no node at all. [#settle] then copies results that cannot be computed right where they belong.
///
/// # Hoist
///
/// W x(t) needs no state. For many steps at once it is one product of many rows, which reads W once and not at each
/// step: [#hoist] moves it in front of the loop, with all that x(t) goes through before. In the other direction, what
/// no dE/ds(t-1) is made from is done after the loop: error signals that only parameters need are *late*, and
/// dE/dx(t), which not everybody wants, is the *epilogue*. Pointwise values of parameters alone are *prepared*, once
/// for each change of these. What remains of a step of an Elman cell, an LSTM or a GRU is one product and one pointwise
/// program.
///
/// # Keep
///
/// The adjoint refers to values of the step, and so says itself what a forward pass has to keep: [#keep] looks it up.
/// A kept value costs T*B*N numbers, if it is not there for another reason. One that is a cheap operation away from
/// others (1 - z) is computed again. What the loop of the adjoint leaves to the parts after it is kept as well, if
/// need be in a copy.
///
/// # Schedule
///
/// A product needs its whole operand, a pointwise operation one element. So each part is a list of *stages*: products,
/// then pointwise programs. [#schedule] computes a node as soon as it can be,
///
///     stage(product) = max(1 + stage(operand), stage(base))        stage(op(a, b)) = max(stage(a), stage(b))
///
/// from 0 on, and one stage later if programs of different widths would have to be one.
///
/// # Plan memory
///
/// What only its own program reads needs no memory. [#placeForward] and [#placeBackward] give the rest a [Place]: a
/// sequence `[T, B, N]` if it outlives its step, else a step's scratch `[B, N]`. A product is put where its base is,
/// and a gate where its pre-activation was, if nothing else reads these. All widths are known then, so that a layer
/// allocates everything before its first step.
///
/// # Fuse
///
/// [#fuse] writes each program of a stage as straight-line code on places ([dev.unfold.kernels.Pointwise]). n
/// operations in a row read and write memory once, not n times. A temporary is used again after its last reader.
///
/// # Pack
///
/// No pass, but counted on: a matrix is read at each step and changes once an update, so a layer lays it out for the
/// kernel once for each change.
///
/// # An example
///
/// h(t) = tanh(V x(t) + U h(t-1) + b), the Elman cell, with `weight_ih` for V, `weight_hh` for U and two biases. The
/// slope of tanh is 1 - h(t)^2, so that h(t) is all that is kept; [#settle] has nothing to do. Nodes are n0, n1, ...;
/// in the plan their places stand for them.
///
///     lower
///       n0 = h(t-1)
///       n1 = x(t)
///       n2 = bias_ih
///       n3 = bias_hh
///       n4 = add(n2, n3)
///       n5 = n4 + weight_ih n1
///       n6 = n5 + weight_hh n0
///       n7 = tanh(n6)
///       h(t): n7
///       output: n7
///     differentiate
///       n8 = dE/doutput(t)
///       n9 = dE/dh(t) from step t+1
///       n10 = add(n8, n9)
///       n11 = multiply(n7, n7)
///       n12 = one_minus(n11)
///       n13 = multiply(n10, n12)
///       n14 = weight_ih^T n13
///       n15 = weight_hh^T n13
///       dE/dh(t-1): n15
///       dE/dx(t): n14
///       delta_ih: n13
///       delta_hh: n13
///       dE/dbias_ih: n13
///       dE/dbias_hh: n13
///     hoist
///       preparation: n4
///       prologue: n5
///       forward: n6 n7
///       backward: n10 n11 n12 n13 n15
///       epilogue: n14
///     keep
///       n7
///     schedule, place, fuse
///       preparation, stage 0
///         derived0 = add(bias_ih, bias_hh)
///       prologue, stage 0
///         sequence0 = derived0 + weight_ih input
///       forward, stage 0
///         sequence0 = sequence0 + weight_hh state0
///         next0 = tanh(sequence0)
///       backward, stage 0
///         t0 = add(output_gradient, carry_in0)
///         t1 = multiply(next0, next0)
///         t1 = one_minus(t1)
///         sequence1 = multiply(t0, t1)
///       backward, stage 1
///         carry_out0 = weight_hh^T sequence1
///       epilogue, stage 0
///         input_gradient = weight_ih^T sequence1
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
  /// *Assumes* what [#lower] gives. *Gives* the nodes of the step, unchanged, and after them those of its adjoint.
  /// Error signals are operations of the adjoint. A derivative that is zero since nothing depends on the value is
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

  /// What is kept of the forward step for its adjoint, what is computed again instead, and what the adjoint's loop
  /// leaves to the parts after it.
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
  /// *Assumes* what [#placeForward] gives, which stays as it is. *Gives* the same for the backward parts, and each
  /// result its place.
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
