package dev.unfold.kernels;

import java.util.ArrayList;
import java.util.List;

/// A straight-line program of pointwise operations: what a backend runs over all elements of a few
/// matrices of one shape in a single pass.
///
/// A program names its values by [Slot]: *operands* are matrices given at run time (read or written),
/// *constants* stand in the program, *scalars* are numbers given at run time (a learning rate, say),
/// *temporaries* live for one element only. Each instruction computes `target = op(left, right)`; the
/// operations of one argument ignore `right`, which is then `left` again.
///
/// An instruction reads what earlier ones have written, element by element: an operand may be both read
/// and written, and two operands may be the same matrix, but they must not overlap otherwise.
///
/// @param operands number of matrices
/// @param constants the values of the constants
/// @param scalars number of run-time numbers
/// @param temporaries number of temporaries
/// @param instructions what to compute, in order
public record Pointwise(
    int operands,
    List<Double> constants,
    int scalars,
    int temporaries,
    List<Instruction> instructions) {

  /// The operations. With x = left and y = right:
  public enum Op {
    /// x
    COPY(1),
    /// -x
    NEGATE(1),
    /// 1 - x
    ONE_MINUS(1),
    /// 1 / (1 + exp(-x))
    SIGMOID(1),
    /// tanh(x)
    TANH(1),
    /// max(x, 0)
    RELU(1),
    /// 1 if x > 0, else 0: the derivative of [#RELU]
    STEP(1),
    /// exp(x)
    EXP(1),
    /// the natural logarithm of x
    LOG(1),
    /// ln(1 + exp(x))
    SOFTPLUS(1),
    /// the square root of x
    SQRT(1),
    /// x + y
    ADD(2),
    /// x - y
    SUBTRACT(2),
    /// x y
    MULTIPLY(2),
    /// x / y
    DIVIDE(2);

    private final int arity;

    Op(int arity) {
      this.arity = arity;
    }

    /// Number of arguments: 1 or 2.
    public int arity() {
      return arity;
    }
  }

  /// What a slot names.
  public enum Kind {
    /// A matrix given at run time.
    OPERAND,
    /// A number that stands in the program.
    CONSTANT,
    /// A number given at run time.
    SCALAR,
    /// A value that lives for one element only.
    TEMPORARY
  }

  /// The `index`-th value of its kind.
  public record Slot(Kind kind, int index) {
    @Override
    public String toString() {
      return kind.name().charAt(0) + "" + index;
    }
  }

  /// target = op(left, right)
  public record Instruction(Op op, Slot target, Slot left, Slot right) {
    @Override
    public String toString() {
      String arguments = op.arity() == 1 ? "" + left : left + ", " + right;
      return target + " = " + op + "(" + arguments + ")";
    }
  }

  /// Checks that every slot exists, that only operands and temporaries are written, and that a
  /// temporary is written before it is read.
  public Pointwise {
    constants = List.copyOf(constants);
    instructions = List.copyOf(instructions);
    boolean[] written = new boolean[temporaries];
    for (Instruction instruction : instructions) {
      for (Slot slot : List.of(instruction.left(), instruction.right(), instruction.target())) {
        int count =
            switch (slot.kind()) {
              case OPERAND -> operands;
              case CONSTANT -> constants.size();
              case SCALAR -> scalars;
              case TEMPORARY -> temporaries;
            };
        if (slot.index() < 0 || slot.index() >= count) {
          throw new IllegalArgumentException(instruction + ": there is no " + slot);
        }
      }
      for (Slot slot : List.of(instruction.left(), instruction.right())) {
        if (slot.kind() == Kind.TEMPORARY && !written[slot.index()]) {
          throw new IllegalArgumentException(instruction + ": " + slot + " has no value yet");
        }
      }
      switch (instruction.target().kind()) {
        case OPERAND -> {}
        case TEMPORARY -> written[instruction.target().index()] = true;
        case CONSTANT, SCALAR ->
            throw new IllegalArgumentException(instruction + ": the target cannot be written");
      }
    }
  }

  /// Starts a new program.
  public static Builder builder() {
    return new Builder();
  }

  /// Collects slots and instructions.
  public static final class Builder {
    private final List<Double> constants = new ArrayList<>();
    private final List<Instruction> instructions = new ArrayList<>();
    private int operands;
    private int scalars;
    private int temporaries;

    private Builder() {}

    /// A new matrix.
    public Slot operand() {
      return new Slot(Kind.OPERAND, operands++);
    }

    /// A new run-time number.
    public Slot scalar() {
      return new Slot(Kind.SCALAR, scalars++);
    }

    /// A new temporary.
    public Slot temporary() {
      return new Slot(Kind.TEMPORARY, temporaries++);
    }

    /// The constant `value`.
    public Slot constant(double value) {
      int index = constants.indexOf(value);
      if (index < 0) {
        index = constants.size();
        constants.add(value);
      }
      return new Slot(Kind.CONSTANT, index);
    }

    /// target = op(left, right)
    public Builder emit(Op op, Slot target, Slot left, Slot right) {
      instructions.add(new Instruction(op, target, left, right));
      return this;
    }

    /// A new temporary that holds op(left, right).
    public Slot compute(Op op, Slot left, Slot right) {
      Slot target = temporary();
      emit(op, target, left, right);
      return target;
    }

    /// A new temporary that holds op(argument).
    public Slot compute(Op op, Slot argument) {
      return compute(op, argument, argument);
    }

    /// The program.
    public Pointwise build() {
      return new Pointwise(operands, constants, scalars, temporaries, instructions);
    }
  }
}
