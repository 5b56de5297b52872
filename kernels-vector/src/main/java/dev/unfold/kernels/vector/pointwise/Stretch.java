package dev.unfold.kernels.vector.pointwise;

import dev.unfold.kernels.Pointwise.Instruction;
import dev.unfold.kernels.Pointwise.Kind;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import java.util.ArrayList;
import java.util.List;

/// Consecutive instructions of a pointwise program that run as one [Loop]: arithmetic, as far as it goes, or a
/// single function.
///
/// Functions are by themselves because of the JIT compiler: with the code of several it runs out of registers, and of
/// the patience to inline.
///
/// @param code the instructions, where operands are `slots`, constants are those of them that nothing writes, and
///     temporaries registers
/// @param slots the program's slots that are in memory
record Stretch(List<Instruction> code, List<Slot> slots) {

  /// The instructions `from` to `to` - 1 of a program.
  static Stretch of(List<Instruction> program, int from, int to) {
    List<Slot> slots = new ArrayList<>();
    List<Slot> registers = new ArrayList<>();
    List<Instruction> code = new ArrayList<>();
    for (Instruction instruction : program.subList(from, to)) {
      if (instruction.op() == Op.SPREAD) {
        Slot column = new Slot(Kind.COLUMN, number(slots, instruction.left()));
        Slot spread = rename(program, from, to, instruction.target(), slots, registers);
        code.add(new Instruction(Op.SPREAD, spread, column, column));
        continue;
      }
      Slot left = rename(program, from, to, instruction.left(), slots, registers);
      Slot right = rename(program, from, to, instruction.right(), slots, registers);
      Slot target = rename(program, from, to, instruction.target(), slots, registers);
      code.add(new Instruction(instruction.op(), target, left, right));
    }
    return new Stretch(code, slots);
  }

  /// Where the stretch that begins at instruction `from` ends.
  static int end(List<Instruction> program, int from) {
    int end = from;
    while (end < program.size() && isArithmetic(program.get(end)) && sameSort(program, from, end)) {
      end++;
    }
    return Math.max(end, from + 1);
  }

  private static boolean sameSort(List<Instruction> program, int a, int b) {
    return program.get(a).target().kind().isOfRow() == program.get(b).target().kind().isOfRow();
  }

  static boolean isArithmetic(Instruction instruction) {
    return switch (instruction.op()) {
      case COPY, NEGATE, ONE_MINUS, RELU, STEP, SQRT, ADD, SUBTRACT, MULTIPLY, DIVIDE, SPREAD ->
          true;
      case SIGMOID, TANH, EXP, LOG, SOFTPLUS, SUM -> false;
    };
  }

  private static Slot rename(
      List<Instruction> program,
      int from,
      int to,
      Slot slot,
      List<Slot> slots,
      List<Slot> registers) {
    return switch (slot.kind()) {
      case CONSTANT, SCALAR -> new Slot(Kind.CONSTANT, number(slots, slot));
      case OPERAND, COLUMN, ROW -> new Slot(Kind.OPERAND, number(slots, slot));
      case TEMPORARY, ROW_TEMPORARY ->
          isWrittenFirst(program.subList(from, to), slot)
                  && isWrittenFirst(program.subList(to, program.size()), slot)
              ? new Slot(Kind.TEMPORARY, number(registers, slot))
              : new Slot(Kind.OPERAND, number(slots, slot));
    };
  }

  /// The slot's place in the list, to which it is added if it is not there.
  private static int number(List<Slot> slots, Slot slot) {
    if (!slots.contains(slot)) {
      slots.add(slot);
    }
    return slots.indexOf(slot);
  }

  /// Whether nothing reads what the slot holds before `instructions`.
  private static boolean isWrittenFirst(List<Instruction> instructions, Slot slot) {
    for (Instruction instruction : instructions) {
      if (instruction.left().equals(slot) || instruction.right().equals(slot)) {
        return false;
      }
      if (instruction.target().equals(slot)) {
        return true;
      }
    }
    return true;
  }
}
