package dev.unfold.layer;

import dev.unfold.kernels.Factor;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.PackedMatrix;
import dev.unfold.plan.Group;
import dev.unfold.plan.Place;
import dev.unfold.plan.Plan;
import dev.unfold.plan.Stage;
import dev.unfold.plan.walk.HeadLoop;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/// Several errors that go back side by side through one [UnrolledLayer], each for itself, over what its forward pass
/// kept.
///
/// The adjoint is linear in what arrives, so one forward pass serves any number of errors. The products run over the
/// rows of all errors and sequences at once; the pointwise programs once for each sequence b, over the rows of its
/// errors, and read what was kept of (t, b) as one row repeated.
///
/// **Shapes**: E errors of B sequences; row e*B + b is error e of sequence b. Only the errors from `first` on take part
/// in a step.
///
/// **Memory**: one step's, whatever T is.
///
/// **Threads**: one caller at a time; bundles over one layer may run side by side.
public final class ErrorBundle {
  private static final double[] NO_SCALARS = {};

  private final UnrolledLayer layer;
  private final LayerMemory tape;
  private final Plan plan;
  private final Kernels kernels;
  private final int errors;
  private final int batch;
  private final Passage passage;
  private final Diagonals diagonals;
  private final Set<Integer> kept;
  private final Map<Place, Buffer> buffers = new HashMap<>();
  private final List<Action> actions = new ArrayList<>();

  /// A window that goes from step to step.
  private interface Window {
    void moveTo(int t, int first, int b);
  }

  /// @param windows what it computes with
  /// @param ofSequence whether it runs once for each sequence
  private record Action(Runnable run, List<Window> windows, boolean ofSequence) {}

  /// @param layer has run forward on sequences that all have T steps before [#back] is called
  /// @param errors E
  /// @param wantsInput whether the derivative with respect to the input is wanted
  public ErrorBundle(UnrolledLayer layer, int errors, boolean wantsInput) {
    this(layer, errors, wantsInput, Passage.WHOLE);
  }

  /// The same for errors of which only a part passes to the step before.
  ///
  /// @param passage which part
  ///
  /// **Errors**: [IllegalArgumentException] if the cell's units mix in other ways than through recurrent matrices, and
  ///     not all passes.
  public ErrorBundle(UnrolledLayer layer, int errors, boolean wantsInput, Passage passage) {
    passage.expectUsable(layer.plan().step());
    this.layer = layer;
    this.passage = passage;
    diagonals = new Diagonals(layer.layer());
    this.errors = errors;
    tape = layer.memory();
    plan = layer.plan();
    kernels = layer.layer().kernels();
    batch = layer.live().batch();
    kept =
        plan.forward().kept().stream()
            .filter(place -> place.kind() == Place.Kind.SEQUENCE)
            .map(Place::index)
            .collect(Collectors.toSet());
    plan.backward().loop().forEach(this::add);
    plan.backward().late().forEach(this::add);
    if (wantsInput) {
      plan.backward().epilogue().forEach(this::add);
    }
  }

  private void add(Stage stage) {
    for (Stage.Product product : stage.products()) {
      if (isCut(product)) {
        List<Window> windows = new ArrayList<>();
        Function<Place, Matrix> own = place -> own(place, 1, windows);
        actions.add(new Action(cut(product, own, windows), windows, false));
        continue;
      }
      List<List<PackedMatrix>> packed = layer.layer().packed(product);
      List<Stage.Block> blocks = product.blocks();
      for (int b = 0; b < blocks.size(); b++) {
        add(blocks.get(b), packed.get(b));
      }
    }
    for (Stage.Fused fused : stage.pointwise()) {
      List<Window> windows = new ArrayList<>();
      Matrix[] operands =
          fused.operands().stream()
              .map(place -> isKept(place) ? repeated(place, windows) : own(place, batch, windows))
              .toArray(Matrix[]::new);
      Runnable run = HeadLoop.of(kernels, fused.program(), fused.heads(), operands);
      actions.add(new Action(run, windows, true));
    }
  }

  private void add(Stage.Block block, List<PackedMatrix> packed) {
    List<Window> windows = new ArrayList<>();
    Function<Place, Matrix> own = place -> own(place, 1, windows);
    Factor[] factors = new Factor[packed.size()];
    for (int i = 0; i < factors.length; i++) {
      Stage.Term term = block.terms().get(i);
      int count = packed.get(i).cols();
      Matrix base = term.base() == null ? null : own.apply(term.base().slice(block.first(), count));
      Matrix target = own.apply(term.target().slice(block.first(), count));
      factors[i] = new Factor(packed.get(i), base, target);
    }
    Matrix operand = own.apply(block.operand());
    actions.add(new Action(() -> kernels.multiply(operand, factors), windows, false));
  }

  /// Whether not all of what a product sends back passes.
  private boolean isCut(Stage.Product product) {
    return passage != Passage.WHOLE
        && product.direction() == Stage.Direction.BACK
        && Passage.isRecurrent(plan.step(), plan.step().groups().get(product.group()));
  }

  /// What passes of it, added to what the product would be added to.
  private Runnable cut(Stage.Product product, Function<Place, Matrix> own, List<Window> windows) {
    Stage.Term term = product.terms().getFirst();
    List<Matrix> operands = new ArrayList<>();
    Pointwise.Builder program = Pointwise.builder();
    Pointwise.Slot target = program.operand();
    operands.add(own.apply(term.target()));
    Pointwise.Slot sum = program.temporary();
    if (term.base() == null) {
      copy(program, sum, program.constant(0));
    } else {
      copy(program, sum, program.operand());
      operands.add(own.apply(term.base()));
    }
    if (passage == Passage.SAME_UNIT) {
      Group group = plan.step().groups().get(product.group());
      Pointwise.Slot share = program.temporary();
      for (Group.Slice slice : group.slices()) {
        program.emit(Op.MULTIPLY, share, program.operand(), program.operand());
        program.emit(Op.ADD, sum, sum, share);
        operands.add(own.apply(product.operand().slice(slice.from(), slice.width())));
        Matrix diagonal = diagonals.of(group, slice);
        windows.add((t, first, b) -> diagonal.moveTo(diagonal.offset(), (errors - first) * batch));
        operands.add(diagonal);
      }
    }
    copy(program, target, sum);
    PointwiseKernel kernel = kernels.prepare(program.build());
    Matrix[] all = operands.toArray(Matrix[]::new);
    return () -> kernel.run(all, NO_SCALARS);
  }

  private static void copy(Pointwise.Builder program, Pointwise.Slot to, Pointwise.Slot from) {
    program.emit(Op.COPY, to, from, from);
  }

  /// Whether a place is the forward pass's.
  private boolean isKept(Place place) {
    return switch (place.kind()) {
      case INPUT, NOISE, STATE, NEXT, PARAMETER, DERIVED -> true;
      case SEQUENCE -> kept.contains(place.index());
      case STEP, OUTPUT_GRADIENT, INPUT_GRADIENT, CARRY_IN, CARRY_OUT -> false;
    };
  }

  /// The row of (t, b), as often as there are errors.
  private Matrix repeated(Place place, List<Window> windows) {
    LayerMemory.Cursor cursor = tape.repeatedCursor(place);
    windows.add((t, first, b) -> cursor.moveTo(t, b, errors - first));
    return cursor.window;
  }

  /// The rows of the errors, of which every `apart`-th is shown.
  private Matrix own(Place place, int apart, List<Window> windows) {
    int stride = place.stride();
    Matrix window = Matrix.of(buffer(place), place.column(), 0, place.width(), apart * stride);
    windows.add((t, first, b) -> {
      long row = (long) slot(place.kind(), t) * errors * batch + (long) first * batch + b;
      window.moveTo(place.column() + row * stride, (errors - first) * batch / apart);
    });
    return window;
  }

  /// Step t receives slot t % 2 of what is handed over between steps, and hands on the other.
  private static int slot(Place.Kind kind, int t) {
    return switch (kind) {
      case CARRY_IN -> t & 1;
      case CARRY_OUT -> (t + 1) & 1;
      default -> 0;
    };
  }

  private Buffer buffer(Place place) {
    boolean isCarry = place.kind() == Place.Kind.CARRY_IN || place.kind() == Place.Kind.CARRY_OUT;
    Place.Kind kind = isCarry ? Place.Kind.CARRY_IN : place.kind();
    long rows = (isCarry ? 2L : 1L) * errors * batch;
    return buffers.computeIfAbsent(
        new Place(kind, place.index(), 0, place.stride(), place.stride()),
        whole -> kernels.allocate(rows * whole.width()));
  }

  private Matrix rows(Place place, int slot) {
    int rows = errors * batch;
    long offset = (long) slot * rows * place.stride() + place.column();
    return Matrix.of(buffer(place), offset, rows, place.width(), place.stride());
  }

  /// Lets nothing arrive from later steps.
  public void clear() {
    for (int s = 0; s < plan.memory().states().size(); s++) {
      Buffer carry = buffer(carryPlace(s));
      carry.clear(0, carry.length());
    }
  }

  private Place carryPlace(int state) {
    int width = plan.memory().states().get(state);
    return new Place(Place.Kind.CARRY_IN, state, 0, width, width);
  }

  /// Follows the errors from `first` on through step t, from [#outputGradient] and what arrives from step t + 1.
  public void back(int t, int first) {
    diagonals.refresh();
    for (Action action : actions) {
      for (int b = 0; b < (action.ofSequence ? batch : 1); b++) {
        for (Window window : action.windows) {
          window.moveTo(t, first, b);
        }
        action.run.run();
      }
    }
  }

  /// Where the derivative with respect to the output of the step is put before [#back], `[E*B, H]`.
  public Matrix outputGradient() {
    int width = plan.forward().output().width();
    return rows(new Place(Place.Kind.OUTPUT_GRADIENT, 0, 0, width, width), 0);
  }

  /// The derivative with respect to the input of the step after [#back], `[E*B, I]`.
  public Matrix inputGradient() {
    int width = plan.step().sizes().input();
    return rows(new Place(Place.Kind.INPUT_GRADIENT, 0, 0, width, width), 0);
  }

  /// The error signals of group `group` at the step after [#back], `[E*B, N]`.
  public Matrix errorSignals(int group) {
    return rows(plan.backward().deltas().get(group), 0);
  }

  /// How many sequences of numbers there are whose sums are the derivatives of parameter vectors.
  public int vectorGradients() {
    return plan.backward().vectorGradients().size();
  }

  /// The `i`-th of these at the step after [#back], `[E*B, F]`.
  public Matrix vectorGradient(int i) {
    return rows(plan.backward().vectorGradients().get(i).rows(), 0);
  }

  /// As many numbers of parameter `parameter` as a sequence of numbers has columns, from `from` on.
  public record Target(int parameter, int from) {}

  /// Whose derivatives the `i`-th are.
  public List<Target> vectorTargets(int i) {
    return plan.backward().vectorGradients().get(i).targets().stream()
        .map(target -> new Target(target.parameter(), target.from()))
        .toList();
  }

  /// How many states the layer has.
  public int states() {
    return plan.memory().states().size();
  }

  /// The derivative with respect to state `state` after step t, as it arrives there from later steps, `[E*B, F]`; that
  /// before step t is the one after step t - 1, and that before step 0 the one after -1.
  public Matrix arriving(int state, int t) {
    return rows(carryPlace(state), slot(Place.Kind.CARRY_IN, t));
  }
}
