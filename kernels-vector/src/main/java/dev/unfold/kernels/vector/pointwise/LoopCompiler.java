package dev.unfold.kernels.vector.pointwise;

import dev.unfold.kernels.Pointwise.Instruction;
import dev.unfold.kernels.Pointwise.Kind;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.vector.lanes.Hidden;
import dev.unfold.kernels.vector.lanes.LaneByLane;
import dev.unfold.kernels.vector.lanes.Lanes;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import jdk.incubator.vector.VectorMask;

/// Makes a [Loop] of straight-line code: a class with the loop in bytecode, as one would write it by hand.
///
/// In the code that it takes, an operand is the place with that index, a constant a place that nothing writes, a
/// column one that is read once for each row, a temporary a register. The same code always gives the same loop, so
/// programs share what they have in common and the JIT compiler sees it once.
///
/// Each place is read once and then again only after another place has been written, which may be the same memory.
///
/// **Threads**: any number.
public final class LoopCompiler {
  private static final Map<List<Instruction>, Loop> LOOPS = new ConcurrentHashMap<>();

  private static final ClassDesc MASK = VectorMask.class.describeConstable().orElseThrow();
  private static final ClassDesc PLACES = LoopWriter.PLACE.arrayType();
  private static final MethodTypeDesc RUN =
      MethodTypeDesc.of(
          ConstantDescs.CD_void,
          PLACES,
          ConstantDescs.CD_int,
          ConstantDescs.CD_int,
          ConstantDescs.CD_int);
  private static final MethodTypeDesc RUN_TAIL =
      MethodTypeDesc.of(
          ConstantDescs.CD_void, PLACES, ConstantDescs.CD_int, ConstantDescs.CD_int, MASK);

  private LoopCompiler() {}

  /// The loop of `code`.
  public static Loop loop(List<Instruction> code) {
    return LOOPS.computeIfAbsent(List.copyOf(code), LoopCompiler::compile);
  }

  private static Loop compile(List<Instruction> code) {
    ClassDesc name = ClassDesc.of(LoopCompiler.class.getPackageName(), "Loop$Compiled");
    byte[] bytes = ClassFile.of().build(name, builder -> write(builder, code));
    LoopBody body = (LoopBody) Hidden.instance(MethodHandles.lookup(), bytes);
    return new Loop(body, places(code), operations(code));
  }

  private static void write(ClassBuilder builder, List<Instruction> code) {
    Hidden.begin(builder, LoopBody.class)
        .withMethodBody("run", RUN, ClassFile.ACC_PUBLIC, body -> writeRun(body, code))
        .withMethodBody(
            "runPlainly",
            RUN,
            ClassFile.ACC_PUBLIC,
            body -> body.transforming(new LaneByLane(), inner -> writeRun(inner, code)))
        .withMethodBody(
            "runTail",
            RUN_TAIL,
            ClassFile.ACC_PUBLIC,
            body -> writeRows(body, code, true, writer -> writer.write(code, LoopWriter.FROM)));
  }

  private static void writeRun(CodeBuilder body, List<Instruction> code) {
    writeRows(
        body,
        code,
        false,
        writer -> {
          int done = body.allocateLocal(TypeKind.INT);
          Label head = body.newLabel();
          Label end = body.newLabel();
          body.iload(LoopWriter.FROM).istore(done);
          body.labelBinding(head).iload(done).iload(LoopWriter.TO).if_icmpge(end);
          writer.write(code, done);
          body.iinc(done, Lanes.BYTES).goto_(head).labelBinding(end);
        });
  }

  /// A loop over rows, the last first, around what `row` writes for each.
  private static void writeRows(
      CodeBuilder body, List<Instruction> code, boolean masked, Consumer<LoopWriter> row) {
    Label next = body.newLabel();
    Label end = body.newLabel();
    body.labelBinding(next).iinc(LoopWriter.ROW, -1).iload(LoopWriter.ROW).iflt(end);
    LoopWriter writer = new LoopWriter(body, places(code), masked);
    writer.spread(code);
    row.accept(writer);
    body.goto_(next).labelBinding(end).return_();
  }

  /// The vector operations that the code takes for each vector, roughly: reading, computing and writing.
  private static int operations(List<Instruction> code) {
    return code.stream().mapToInt(i -> Stretch.isArithmetic(i) ? 3 : 20).sum();
  }

  private static int places(List<Instruction> code) {
    List<Slot> slots = new ArrayList<>();
    for (Instruction instruction : code) {
      slots.addAll(List.of(instruction.target(), instruction.left(), instruction.right()));
    }
    return slots.stream()
        .filter(slot -> slot.kind() != Kind.TEMPORARY)
        .mapToInt(slot -> slot.index() + 1)
        .max()
        .orElse(0);
  }
}
