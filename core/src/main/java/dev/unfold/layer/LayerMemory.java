package dev.unfold.layer;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.plan.Place;
import dev.unfold.plan.Plan;
import java.util.ArrayList;
import java.util.List;

/// All buffers of a layer unrolled over T steps for B rows, and windows onto them.
final class LayerMemory {
  final LiveRows live;
  final Sequence input;
  final Sequence inputGradient;
  final Sequence outputGradient;

  private final Plan plan;
  private final List<Buffer> states = new ArrayList<>();
  private final List<Buffer> noises = new ArrayList<>();
  private final List<Buffer> carries = new ArrayList<>();
  private final List<Buffer> sequences = new ArrayList<>();
  private final List<Buffer> stepBuffers = new ArrayList<>();
  private final Layer layer;

  LayerMemory(Layer layer, Sequence input, Sequence inputGradient, LiveRows live) {
    this.layer = layer;
    this.plan = layer.plan();
    this.input = input;
    this.inputGradient = inputGradient;
    this.live = live;
    Kernels kernels = layer.kernels();
    int batch = live.batch();
    int rows = Math.multiplyExact(live.capacity(), batch);
    for (int width : plan.memory().states()) {
      states.add(kernels.allocate(((long) rows + batch) * width));
      carries.add(kernels.allocate(3L * batch * width));
    }
    for (int width : plan.memory().noises()) {
      noises.add(kernels.allocate((long) rows * width));
    }
    for (int width : plan.memory().sequences()) {
      sequences.add(kernels.allocate((long) rows * width));
    }
    for (int width : plan.memory().steps()) {
      stepBuffers.add(kernels.allocate((long) batch * width));
    }
    outputGradient = Sequence.allocate(kernels, rows, plan.forward().output().width());
  }

  /// How many numbers the buffers of a layer with these widths have.
  static long numbers(Layer.Widths widths, int steps, int batch) {
    long rows = (long) steps * batch;
    long ofStates = (rows + 4L * batch) * widths.states();
    return ofStates + rows * (widths.sequences() + widths.output()) + (long) batch * widths.steps();
  }

  /// Bytes of all buffers that were allocated here.
  long bytes() {
    long numbers = numbers(Layer.Widths.of(plan), live.capacity(), live.batch());
    return numbers * layer.kernels().type().bytes();
  }

  /// Random numbers for all steps.
  Sequence noise(int index) {
    return new Sequence(noises.get(index), 0, plan.memory().noises().get(index));
  }

  /// A state before step 0, `[B, F]`.
  Matrix initialState(int index) {
    int width = plan.memory().states().get(index);
    return Matrix.of(states.get(index), 0, live.batch(), width);
  }

  /// A state before each step of sequences that all have T steps, `[T*B, F]`.
  Matrix states(int index) {
    int width = plan.memory().states().get(index);
    return Matrix.of(states.get(index), 0, live.capacity() * live.batch(), width);
  }

  /// Copies a state of sequence b after its last step to row `row` of `to`.
  void copyFinalState(int index, int b, Matrix to, int row) {
    long width = plan.memory().states().get(index);
    long from = (live.offset(live.length(b)) + (long) b) * width;
    to.buffer().copy(states.get(index), from, to.offset() + (long) row * to.stride(), width);
  }

  /// The derivative with respect to a state `[B, F]` as it is handed over between steps: step t receives slot t % 2 and
  /// hands on slot (t + 1) % 2. Slot 2 is for what comes from outside.
  Matrix carry(int index, int slot) {
    int width = plan.memory().states().get(index);
    int batch = live.batch();
    return Matrix.of(carries.get(index), (long) slot * batch * width, batch, width);
  }

  /// Puts what arrives at the states of sequences that end at step `until` or before where their last steps receive it;
  /// zero for those that go on.
  void startCarries(int until) {
    long batch = live.batch();
    long ended = batch - live.count(until);
    for (int s = 0; s < carries.size(); s++) {
      long width = plan.memory().states().get(s);
      Buffer carry = carries.get(s);
      for (int slot = 0; slot < 2; slot++) {
        long start = slot * batch * width;
        carry.copy(carry, 2 * batch * width, start, ended * width);
        carry.clear(start + ended * width, (batch - ended) * width);
      }
    }
  }

  /// All rows of a place that is a sequence without gaps.
  Sequence sequence(Place place) {
    long before = place.kind() == Place.Kind.NEXT ? (long) live.batch() * place.stride() : 0;
    return new Sequence(buffer(place), start(place) + before, place.width());
  }

  /// A window onto rows of a place, none yet.
  Cursor cursor(Place place) {
    if (place.isRepeated()) {
      Matrix row = layer.row(place);
      Matrix window = Matrix.repeated(row.buffer(), row.offset(), 0, place.width());
      return new Cursor(window, place.kind());
    }
    Matrix window = Matrix.of(buffer(place), start(place), 0, place.width(), place.stride());
    return new Cursor(window, place.kind());
  }

  /// A window onto one row of a place, repeated.
  Cursor repeatedCursor(Place place) {
    if (place.isRepeated()) {
      return cursor(place);
    }
    Matrix window = Matrix.repeated(buffer(place), start(place), 0, place.width());
    return new Cursor(window, place.kind(), place.stride());
  }

  private Buffer buffer(Place place) {
    return switch (place.kind()) {
      case INPUT -> input.buffer();
      case NOISE -> noises.get(place.index());
      case STATE, NEXT -> states.get(place.index());
      case SEQUENCE -> sequences.get(place.index());
      case STEP -> stepBuffers.get(place.index());
      case OUTPUT_GRADIENT -> outputGradient.buffer();
      case INPUT_GRADIENT -> inputGradient.buffer();
      case CARRY_IN, CARRY_OUT -> carries.get(place.index());
      case PARAMETER, DERIVED -> throw new IllegalArgumentException("place: a row, got " + place);
    };
  }

  private long start(Place place) {
    long base =
        switch (place.kind()) {
          case INPUT -> input.offset();
          case INPUT_GRADIENT -> inputGradient.offset();
          default -> 0;
        };
    return base + place.column();
  }

  /// A window that follows the steps. What is the same at each step stays where it is.
  final class Cursor {
    final Matrix window;
    private final Place.Kind kind;
    private final long start;
    private final long stride;

    private Cursor(Matrix window, Place.Kind kind) {
      this(window, kind, window.stride());
    }

    private Cursor(Matrix window, Place.Kind kind, long stride) {
      this.window = window;
      this.kind = kind;
      this.stride = stride;
      start = window.offset();
    }

    /// Shows `rows` rows from the first-th of step `t` on. In a sequence they may go on into the steps after it, as
    /// long as these have as many.
    void moveTo(int t, int first, int rows) {
      long row =
          switch (kind) {
            case PARAMETER, DERIVED -> 0;
            case STEP -> first;
            case CARRY_IN -> (long) (t & 1) * live.batch() + firstAlive(t) + first;
            case CARRY_OUT -> (long) ((t + 1) & 1) * live.batch() + firstAlive(t) + first;
            case STATE -> (long) live.offset(t) + firstAlive(t) + first;
            case NEXT -> (long) live.offset(t) + live.batch() + first;
            case INPUT, NOISE, SEQUENCE, OUTPUT_GRADIENT, INPUT_GRADIENT ->
                (long) live.offset(t) + first;
          };
      window.moveTo(start + row * stride, rows);
    }

    private int firstAlive(int t) {
      return live.batch() - live.count(t);
    }
  }
}
