package dev.unfold.plan;

/// Where a value lives: columns of one of a layer's buffers.
///
/// @param kind which sort of buffer
/// @param index which of its sort: a state, a parameter, a sequence, a step buffer
/// @param column the first column (for a parameter: the first number)
/// @param width number of columns
/// @param stride columns of the whole buffer
public record Place(Kind kind, int index, int column, int width, int stride) {
  /// The sorts of buffers. *Sequence*: a row for each step and each row of the batch, `[T, B, F]`.
  public enum Kind {
    /// The input, a sequence.
    INPUT,
    /// Random numbers, a sequence given from outside.
    NOISE,
    /// A state before the step: slots 0..T-1 of its sequence `[T + 1, B, F]`.
    STATE,
    /// A state after the step: slots 1..T of its sequence.
    NEXT,
    /// A parameter vector, the same row for all.
    PARAMETER,
    /// A row derived from parameter vectors, the same for all.
    DERIVED,
    /// A sequence of the plan's own: a kept value or error signals.
    SEQUENCE,
    /// One step's scratch `[B, F]`.
    STEP,
    /// The derivative with respect to the output, a sequence given from outside.
    OUTPUT_GRADIENT,
    /// The derivative with respect to the input, a sequence.
    INPUT_GRADIENT,
    /// The derivative with respect to a state after the step, as it comes from later steps `[B, F]`.
    CARRY_IN,
    /// The derivative with respect to a state before the step `[B, F]`.
    CARRY_OUT
  }

  /// Whether it shows one row for all steps and rows of the batch.
  public boolean isRepeated() {
    return kind == Kind.PARAMETER || kind == Kind.DERIVED;
  }

  static Place whole(Kind kind, int index, int width) {
    return new Place(kind, index, 0, width, width);
  }

  /// `count` of its columns from `from` on.
  public Place slice(int from, int count) {
    return new Place(kind, index, column + from, count, stride);
  }
}
