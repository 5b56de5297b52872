package dev.unfold.kernels.vector.pointwise;

import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Instruction;
import dev.unfold.kernels.Pointwise.Kind;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import java.util.ArrayList;
import java.util.List;

/// A pointwise program in which a function that is too long for one loop has become several instructions.
///
/// Softplus is an exponential and a logarithm: in a loop of both, the JIT compiler stops inlining before the end, and
/// each vector of what is left becomes an object. So exp(-|x|) is computed before, in a temporary of our own, and the
/// instruction SOFTPLUS has it as its right operand.
///
/// @param instructions the program
/// @param temporaries how many it has
record Halves(List<Instruction> instructions, int temporaries) {
  /// Copies the list.
  Halves {
    instructions = List.copyOf(instructions);
  }

  /// That of `program`.
  static Halves of(Pointwise program) {
    List<Instruction> all = new ArrayList<>();
    int own = 0;
    for (Instruction instruction : program.instructions()) {
      if (instruction.op() == Op.SOFTPLUS) {
        boolean isOfRow = instruction.target().kind().isOfRow();
        int first = program.temporaries() + (isOfRow ? 2 : 0);
        Kind kind = isOfRow ? Kind.ROW_TEMPORARY : Kind.TEMPORARY;
        addSoftplus(instruction, new Slot(kind, first), new Slot(kind, first + 1), all);
        own = Math.max(own, isOfRow ? 4 : 2);
      } else {
        all.add(instruction);
      }
    }
    return new Halves(all, program.temporaries() + own);
  }

  /// e = exp(-(relu(-x) + relu(x))), target = softplus of x and e.
  private static void addSoftplus(
      Instruction softplus, Slot e, Slot positive, List<Instruction> to) {
    Slot x = softplus.left();
    to.add(new Instruction(Op.NEGATE, e, x, x));
    to.add(new Instruction(Op.RELU, e, e, e));
    to.add(new Instruction(Op.RELU, positive, x, x));
    to.add(new Instruction(Op.ADD, e, e, positive));
    to.add(new Instruction(Op.NEGATE, e, e, e));
    to.add(new Instruction(Op.EXP, e, e, e));
    to.add(new Instruction(Op.SOFTPLUS, softplus.target(), x, e));
  }
}
