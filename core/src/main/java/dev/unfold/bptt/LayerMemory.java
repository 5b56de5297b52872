package dev.unfold.bptt;

import dev.unfold.kernels.Buffer;
import dev.unfold.kernels.Matrix;
import dev.unfold.kernels.Precision;
import dev.unfold.plan.Place;
import dev.unfold.plan.Plan;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// All buffers of a layer unrolled over T steps for B rows, and windows onto them.
final class LayerMemory {
  final int steps;
  final int batch;
  final Sequence input;
  final Sequence inputGradient;
  final Sequence outputGradient;

  private final Plan plan;
  private final List<Buffer> states = new ArrayList<>();
  private final List<Buffer> carries = new ArrayList<>();
  private final List<Buffer> sequences = new ArrayList<>();
  private final List<Buffer> stepBuffers = new ArrayList<>();
  private final Layer layer;

  LayerMemory(Layer layer, Sequence input, Sequence inputGradient, int steps, int batch) {
    this.layer = layer;
    this.plan = layer.plan();
    this.input = input;
    this.inputGradient = inputGradient;
    this.steps = steps;
    this.batch = batch;
    Precision precision = layer.kernels().precision();
    int rows = Math.multiplyExact(steps, batch);
    for (int width : plan.stateWidths()) {
      states.add(Buffer.allocate(precision, ((long) rows + batch) * width));
      carries.add(Buffer.allocate(precision, 3L * batch * width));
    }
    for (int width : plan.sequenceWidths()) {
      sequences.add(Buffer.allocate(precision, (long) rows * width));
    }
    for (int width : plan.stepWidths()) {
      stepBuffers.add(Buffer.allocate(precision, (long) batch * width));
    }
    outputGradient = Sequence.allocate(precision, rows, plan.output().width());
  }

  /// Bytes of all buffers that were allocated here.
  long bytes() {
    long numbers =
        Stream.of(states, carries, sequences, stepBuffers)
            .flatMap(List::stream)
            .mapToLong(Buffer::length)
            .sum();
    return (numbers + outputGradient.buffer().length()) * input.buffer().precision().bytes();
  }

  /// The value of a state at slot 0 (before step 0) to T (after the last step), `[B, F]`.
  Matrix state(int index, int slot) {
    int width = plan.stateWidths().get(index);
    return Matrix.of(states.get(index), (long) slot * batch * width, batch, width);
  }

  /// The derivative with respect to a state `[B, F]` as it is handed over between steps. The last step
  /// receives slot 2, any other step t slot t % 2; step t hands on slot (t + 1) % 2.
  Matrix carry(int index, int slot) {
    int width = plan.stateWidths().get(index);
    return Matrix.of(carries.get(index), (long) slot * batch * width, batch, width);
  }

  /// All steps of a place that is a sequence without gaps.
  Sequence sequence(Place place) {
    return new Sequence(buffer(place), start(place), place.width());
  }

  private Matrix repeated(Place place, int count) {
    Matrix row = layer.row(place);
    return Matrix.repeated(row.buffer(), row.offset(), count, place.width());
  }

  /// A window onto `count` rows of a place, from row `from` of a step on. In a sequence they may go on into the steps
  /// after it.
  Cursor cursor(Place place, int from, int count) {
    if (place.isRepeated()) {
      return new Cursor(repeated(place, count), place.kind(), 0, steps - 1);
    }
    long offset = start(place) + (long) from * place.stride();
    Matrix window = Matrix.of(buffer(place), offset, count, place.width(), place.stride());
    return new Cursor(window, place.kind(), (long) batch * place.stride(), steps - 1);
  }

  private Buffer buffer(Place place) {
    return switch (place.kind()) {
      case INPUT -> input.buffer();
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
          case NEXT -> (long) batch * place.stride();
          default -> 0;
        };
    return base + place.column();
  }

  /// A window that follows the steps. What is the same at each step stays where it is.
  static final class Cursor {
    final Matrix window;
    private final Place.Kind kind;
    private final long start;
    private final long step;
    private final int last;

    private Cursor(Matrix window, Place.Kind kind, long step, int last) {
      this.window = window;
      this.kind = kind;
      this.start = window.offset();
      this.step = step;
      this.last = last;
    }

    void moveTo(int t) {
      switch (kind) {
        case PARAMETER, DERIVED, STEP -> {}
        case CARRY_IN -> window.moveTo(start + (t == last ? 2 : t & 1) * step);
        case CARRY_OUT -> window.moveTo(start + ((t + 1) & 1) * step);
        case INPUT, STATE, NEXT, SEQUENCE, OUTPUT_GRADIENT, INPUT_GRADIENT ->
            window.moveTo(start + t * step);
      }
    }
  }
}
