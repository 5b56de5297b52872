package dev.unfold.kernels;

import dev.unfold.argument.Refusal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A straight-line program of pointwise operations: what a backend runs over all elements of a few
/// matrices of one shape `[R, C]` in a single pass.
///
/// A program names its values by [Slot]: *operands* are matrices given at run time (read or written),
/// *constants* stand in the program, *scalars* are numbers given at run time (a learning rate, say),
/// *temporaries* live for one element only. Each instruction computes `target = op(left, right)`; the
/// operations of one argument ignore `right`, which is then `left` again.
///
/// Values of one number a row exist too: *columns* are operands `[R, 1]`, *row temporaries* live for one row
/// only. [Op#SUM] makes such a value from a wide one, [Op#SPREAD] a wide one from it; all other
/// operations have arguments and a target of one sort. A *row* is an operand `[1, C]` that collects the sum over all
/// rows of a wide value, and is only written: another operand with a stride of 0 reads it in another program.
///
/// An instruction reads what earlier ones have written, element by element: an operand may be both read
/// and written, and two operands may be the same matrix, but they must not overlap otherwise.
///
/// @param operands number of matrices, columns and rows among them
/// @param constants the values of the constants
/// @param scalars number of run-time numbers
/// @param temporaries number of temporaries, row temporaries among them
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
    DIVIDE(2),
    /// the sum of x over a row: from a wide value to one number a row; or over all rows, in rising order, if the
    /// target is a row. The order of the additions depends on the length of the row, or their number, alone.
    SUM(1),
    /// x in all elements of a row: from one number a row to a wide value
    SPREAD(1);

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
    /// A matrix of one column given at run time. It is counted with the operands.
    COLUMN,
    /// A matrix of one row given at run time, for a sum over all rows. It is counted with the operands.
    ROW,
    /// A number that stands in the program.
    CONSTANT,
    /// A number given at run time.
    SCALAR,
    /// A value that lives for one element only.
    TEMPORARY,
    /// A value of one number a row that lives for one row only. It is counted with the temporaries.
    ROW_TEMPORARY;

    /// Whether its values are one number a row.
    public boolean isOfRow() {
      return this == COLUMN || this == ROW_TEMPORARY;
    }

    /// Whether its values are one number an element.
    public boolean isWide() {
      return this == OPERAND || this == TEMPORARY;
    }
  }

  /// The `index`-th value of its kind.
  public record Slot(Kind kind, int index) {
    @Override
    public String toString() {
      String letter =
          switch (kind) {
            case OPERAND -> "O";
            case COLUMN -> "OC";
            case ROW -> "OR";
            case CONSTANT -> "C";
            case SCALAR -> "S";
            case TEMPORARY -> "T";
            case ROW_TEMPORARY -> "TR";
          };
      return letter + index;
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

  /// Checks that every slot exists and has one kind, that only operands and temporaries are written, that
  /// a temporary is written before it is read, and that values of rows and of elements are not mixed.
  public Pointwise {
    constants = List.copyOf(constants);
    instructions = List.copyOf(instructions);
    Kind[] operandKinds = new Kind[operands];
    Kind[] written = new Kind[temporaries];
    for (Instruction instruction : instructions) {
      for (Slot slot : List.of(instruction.left(), instruction.right(), instruction.target())) {
        int count =
            switch (slot.kind()) {
              case OPERAND, COLUMN, ROW -> operands;
              case CONSTANT -> constants.size();
              case SCALAR -> scalars;
              case TEMPORARY, ROW_TEMPORARY -> temporaries;
            };
        if (slot.index() < 0 || slot.index() >= count) {
          throw new IllegalArgumentException(instruction + ": there is no " + slot);
        }
        if (isOperand(slot)) {
          expectKind(instruction, slot, operandKinds);
        }
      }
      for (Slot slot : List.of(instruction.left(), instruction.right())) {
        if (isTemporary(slot) && written[slot.index()] != slot.kind()) {
          throw new IllegalArgumentException(instruction + ": " + slot + " has no value yet");
        }
      }
      Slot target = instruction.target();
      switch (target.kind()) {
        case OPERAND, COLUMN, ROW -> {}
        case TEMPORARY, ROW_TEMPORARY -> expectKind(instruction, target, written);
        case CONSTANT, SCALAR ->
            throw new IllegalArgumentException(instruction + ": the target cannot be written");
      }
      expectSorts(instruction);
    }
    List<Kind> kinds = Arrays.asList(operandKinds);
    if ((kinds.contains(Kind.COLUMN) || kinds.contains(Kind.ROW))
        && !kinds.contains(Kind.OPERAND)) {
      throw new Refusal("operands", "one that is no column and no row", "columns and rows only");
    }
  }

  private static boolean isOperand(Slot slot) {
    return slot.kind() == Kind.OPERAND || slot.kind() == Kind.COLUMN || slot.kind() == Kind.ROW;
  }

  private static boolean isTemporary(Slot slot) {
    return slot.kind() == Kind.TEMPORARY || slot.kind() == Kind.ROW_TEMPORARY;
  }

  /// A number of an operand or a temporary stands for one kind in all the program.
  private static void expectKind(Instruction instruction, Slot slot, Kind[] kinds) {
    Kind known = kinds[slot.index()];
    if (known != null && known != slot.kind()) {
      throw new IllegalArgumentException(
          instruction + ": " + slot + " is " + new Slot(known, slot.index()) + " elsewhere");
    }
    kinds[slot.index()] = slot.kind();
  }

  private static void expectSorts(Instruction instruction) {
    Kind target = instruction.target().kind();
    Kind left = instruction.left().kind();
    Kind right = instruction.right().kind();
    boolean sound =
        switch (instruction.op()) {
          case SUM -> (target.isOfRow() || target == Kind.ROW) && left.isWide();
          case SPREAD -> target.isWide() && left.isOfRow();
          default ->
              target.isWide()
                  ? !left.isOfRow() && !right.isOfRow()
                  : target.isOfRow() && !left.isWide() && !right.isWide();
        };
    if (!sound || left == Kind.ROW || right == Kind.ROW) {
      throw new IllegalArgumentException(instruction + ": mixes values of rows and of elements");
    }
  }

  /// Whether some of its values are one number a row, or the sum over all rows.
  public boolean hasRowValues() {
    return instructions.stream()
        .anyMatch(i ->
            i.target().kind().isOfRow()
                || i.left().kind().isOfRow()
                || i.target().kind() == Kind.ROW);
  }

  /// The first operand that is no column and no row: it has the shape that the program runs over. 0 if there is no
  /// operand at all.
  public int firstWide() {
    boolean[] columns = columns();
    boolean[] rows = rows();
    int first = 0;
    while (first < operands - 1 && (columns[first] || rows[first])) {
      first++;
    }
    return first;
  }

  /// For each operand whether it is a column.
  public boolean[] columns() {
    return operandsOf(Kind.COLUMN);
  }

  /// For each operand whether it is a row.
  public boolean[] rows() {
    return operandsOf(Kind.ROW);
  }

  private boolean[] operandsOf(Kind kind) {
    boolean[] all = new boolean[operands];
    for (Instruction instruction : instructions) {
      for (Slot slot : List.of(instruction.left(), instruction.right(), instruction.target())) {
        if (slot.kind() == kind) {
          all[slot.index()] = true;
        }
      }
    }
    return all;
  }

  /// The program of a single operation on two operands: target = op(source) if it has one argument, else target =
  /// op(target, source).
  public static Pointwise of(Op op) {
    Builder builder = builder();
    Slot target = builder.operand();
    Slot source = builder.operand();
    return builder.emit(op, target, op.arity() == 1 ? source : target, source).build();
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

    /// A new matrix of one column.
    public Slot column() {
      return new Slot(Kind.COLUMN, operands++);
    }

    /// A new matrix of one row.
    public Slot row() {
      return new Slot(Kind.ROW, operands++);
    }

    /// A new run-time number.
    public Slot scalar() {
      return new Slot(Kind.SCALAR, scalars++);
    }

    /// A new temporary.
    public Slot temporary() {
      return new Slot(Kind.TEMPORARY, temporaries++);
    }

    /// A new row temporary.
    public Slot rowTemporary() {
      return new Slot(Kind.ROW_TEMPORARY, temporaries++);
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

    /// A new temporary that holds x, but no further than `limit` from 0: x itself, to the bit, or the limit. Both have
    /// to be finite in the precision of the program.
    public Slot clamp(Slot x, double limit) {
      Slot bound = constant(limit);
      Slot over = compute(Op.STEP, compute(Op.SUBTRACT, x, bound));
      Slot under = compute(Op.STEP, compute(Op.SUBTRACT, compute(Op.NEGATE, x), bound));
      Slot inside = compute(Op.SUBTRACT, compute(Op.ONE_MINUS, over), under);
      Slot side = compute(Op.SUBTRACT, over, under);
      return compute(Op.ADD, compute(Op.MULTIPLY, x, inside), compute(Op.MULTIPLY, bound, side));
    }

    /// The program.
    public Pointwise build() {
      return new Pointwise(operands, constants, scalars, temporaries, instructions);
    }
  }
}
