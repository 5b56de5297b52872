package dev.unfold.online;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.storage.Matrix;
import java.util.ArrayList;
import java.util.List;

/// Some units' traces of one matrix or vector of parameters: a pointwise program that takes them one step on and adds
/// what they give to the gradient. A matrix has a row for each unit, a vector a number.
final class Piece {
  private static final double[] NO_SCALARS = {};

  private final Source source;
  private final int part;
  private final int first;
  private final int count;
  private final int width;
  private final UnitInfluence whole;
  private final PointwiseKernel kernel;
  private final Matrix[] operands;

  /// What each operand is, for [#run] to slide its window.
  private final List<Mover> movers = new ArrayList<>();

  /// Which operand is the gradient, and of which memory.
  private int gradientIndex;

  private Buffer gradientBuffer;

  private interface Mover {
    void move(int b);
  }

  /// Whose traces.
  ///
  /// @param signals A of the units, `[E*B, units]`
  /// @param operand u, a row for each sequence; null for a vector
  /// @param unit the first of the units
  /// @param offset the first of the parameters' columns
  /// @param kept for each state whether there is a trace
  record Source(Matrix signals, Matrix operand, int unit, long offset, boolean[] kept) {}

  /// @param first the first of its units
  /// @param count how many
  Piece(UnitInfluence whole, Kernels kernels, Source source, int part, int first, int count) {
    this.whole = whole;
    this.source = source;
    this.part = part;
    this.first = first;
    this.count = count;
    width = source.operand == null ? 1 : source.operand.cols();
    List<Matrix> all = new ArrayList<>();
    kernel = kernels.prepare(program(all));
    operands = all.toArray(Matrix[]::new);
  }

  int part() {
    return part;
  }

  private Pointwise program(List<Matrix> all) {
    Pointwise.Builder builder = Pointwise.builder();
    int states = source.kept.length;
    Slot[] traces = new Slot[states];
    for (int k = 0; k < states; k++) {
      if (source.kept[k]) {
        traces[k] = builder.operand();
        all.add(trace(k));
      }
    }
    Slot gradient = builder.operand();
    gradientIndex = all.size();
    all.add(null);
    Slot sum = gradient;
    Slot operand = null;
    if (source.operand != null) {
      operand = builder.operand();
      all.add(operand());
    }
    // All numbers of units first: what follows is then one loop over elements.
    int output = whole.outputState();
    Slot[] errors = new Slot[states];
    Slot[] signals = new Slot[states];
    Slot[][] transitions = new Slot[states][states];
    for (int k = 0; k < states; k++) {
      if (source.kept[k]) {
        if (output < 0 || output == k) {
          errors[k] = ofUnits(builder, all, ofSource(whole.error(k)), 0);
        }
        signals[k] = ofUnits(builder, all, source.signals, k);
        for (int l = 0; l < states; l++) {
          if (source.kept[l]) {
            transitions[k][l] = ofUnits(builder, all, ofSource(whole.transition(l)), k);
          }
        }
      }
    }
    Slot[] next = new Slot[states];
    for (int k = 0; k < states; k++) {
      if (!source.kept[k]) {
        continue;
      }
      next[k] = operand == null ? signals[k] : builder.compute(Op.MULTIPLY, signals[k], operand);
      for (int l = 0; l < states; l++) {
        if (source.kept[l]) {
          Slot share = builder.compute(Op.MULTIPLY, transitions[k][l], traces[l]);
          next[k] = builder.compute(Op.ADD, next[k], share);
        }
      }
    }
    Slot[] counted = output < 0 ? traces : next;
    for (int k = 0; k < states; k++) {
      if (errors[k] != null) {
        sum = builder.compute(Op.ADD, sum, builder.compute(Op.MULTIPLY, errors[k], counted[k]));
      }
    }
    builder.emit(Op.COPY, gradient, sum, sum);
    for (int k = 0; k < states; k++) {
      if (source.kept[k]) {
        builder.emit(Op.COPY, traces[k], next[k], next[k]);
      }
    }
    return builder.build();
  }

  private Matrix window(Buffer buffer, long offset) {
    return source.operand == null
        ? Matrix.of(buffer, offset, 1, count)
        : Matrix.of(buffer, offset, count, width);
  }

  private long place() {
    return source.offset + (long) first * width;
  }

  private Matrix trace(int k) {
    Matrix window = window(whole.traces(), whole.traceAt(0, k) + place());
    movers.add(b -> window.moveTo(whole.traceAt(b, k) + place()));
    return window;
  }

  /// The operand's row, repeated for each unit.
  private Matrix operand() {
    Matrix of = source.operand;
    Matrix window = Matrix.repeated(of.buffer(), of.offset(), count, width);
    movers.add(b -> window.moveTo(of.offset() + (long) b * of.stride()));
    return window;
  }

  /// The columns of the source's units.
  private Matrix ofSource(Matrix rows) {
    return rows.columns(source.unit, source.signals.cols());
  }

  /// A number for each unit, of error k.
  private Slot ofUnits(Pointwise.Builder builder, List<Matrix> all, Matrix rows, int k) {
    boolean isVector = source.operand == null;
    Slot slot = isVector ? builder.operand() : builder.column();
    Matrix window =
        isVector
            ? Matrix.of(rows.buffer(), rows.offset() + first, 1, count)
            : Matrix.of(rows.buffer(), rows.offset() + first, count, 1, 1);
    all.add(window);
    movers.add(b -> {
      long row = (long) k * whole.batch() + b;
      window.moveTo(rows.offset() + first + row * rows.stride());
    });
    return isVector ? slot : builder.compute(Op.SPREAD, slot);
  }

  /// Writes the traces of state k of sequence b where they are in J.
  ///
  /// @param row that of the state's unit 0
  void copyTo(int b, int k, Matrix to, int row) {
    Matrix from = window(whole.traces(), whole.traceAt(b, k) + place());
    for (int i = 0; i < count; i++) {
      for (int c = 0; c < width; c++) {
        int column = Math.toIntExact(place() + (long) i * width + c);
        double number = source.operand == null ? from.get(0, i) : from.get(i, c);
        to.set(row + source.unit + first + i, column, number);
      }
    }
  }

  /// Takes the traces of sequence b one step on.
  void run(int b) {
    aim(whole.gradientBuffer());
    for (int i = 0; i < movers.size(); i++) {
      movers.get(i).move(b);
    }
    kernel.run(operands, NO_SCALARS);
  }

  @SuppressWarnings("ReferenceEquality") // the same memory, not equal numbers
  private void aim(Buffer gradients) {
    if (gradientBuffer != gradients) {
      gradientBuffer = gradients;
      operands[gradientIndex] = window(gradients, whole.gradientAt() + place());
    }
  }
}
