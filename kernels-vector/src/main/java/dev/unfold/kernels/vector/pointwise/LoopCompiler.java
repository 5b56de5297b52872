package dev.unfold.kernels.vector.pointwise;

import dev.unfold.kernels.Pointwise.Instruction;
import dev.unfold.kernels.Pointwise.Kind;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.vector.lanes.Lanes;
import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
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
import jdk.incubator.vector.VectorMask;

/// Makes a [Loop] of straight-line code: a class with the loop in bytecode, as one would write it by hand.
///
/// In the code that it takes, an operand is the place with that index, a constant a place that nothing writes, a
/// temporary a register. The same code always gives the same loop, so programs share what they have in common and
/// the JIT compiler sees it once.
///
/// Each place is read once and then again only after another place has been written, which may be the same memory.
///
/// **Threads**: any number.
final class LoopCompiler {
  private static final Map<List<Instruction>, Loop> LOOPS = new ConcurrentHashMap<>();

  private static final ClassDesc MASK = VectorMask.class.describeConstable().orElseThrow();
  private static final ClassDesc PLACES = LoopWriter.PLACE.arrayType();
  private static final MethodTypeDesc RUN =
      MethodTypeDesc.of(ConstantDescs.CD_void, PLACES, ConstantDescs.CD_int, ConstantDescs.CD_int);
  private static final MethodTypeDesc RUN_TAIL =
      MethodTypeDesc.of(
          ConstantDescs.CD_void, PLACES, ConstantDescs.CD_int, ConstantDescs.CD_int, MASK);

  private LoopCompiler() {}

  /// The loop of `code`.
  static Loop loop(List<Instruction> code) {
    return LOOPS.computeIfAbsent(List.copyOf(code), LoopCompiler::compile);
  }

  private static Loop compile(List<Instruction> code) {
    MethodHandles.Lookup lookup = MethodHandles.lookup();
    ClassDesc name = ClassDesc.of(LoopCompiler.class.getPackageName(), "Loop$Compiled");
    byte[] bytes = ClassFile.of().build(name, builder -> write(builder, code));
    try {
      return (Loop)
          lookup
              .defineHiddenClass(bytes, true)
              .lookupClass()
              .getDeclaredConstructor()
              .newInstance();
    } catch (ReflectiveOperationException e) {
      throw new LinkageError("a loop that was just written cannot be made", e);
    }
  }

  private static void write(ClassBuilder builder, List<Instruction> code) {
    builder
        .withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC)
        .withInterfaceSymbols(Loop.class.describeConstable().orElseThrow())
        .withMethodBody(
            ConstantDescs.INIT_NAME,
            ConstantDescs.MTD_void,
            0,
            body ->
                body.aload(0)
                    .invokespecial(
                        ConstantDescs.CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                    .return_())
        .withMethodBody(
            "run",
            RUN,
            ClassFile.ACC_PUBLIC,
            body -> {
              LoopWriter writer = new LoopWriter(body, places(code), false);
              int done = body.allocateLocal(TypeKind.INT);
              Label head = body.newLabel();
              Label end = body.newLabel();
              body.iconst_0().istore(done);
              body.labelBinding(head).iload(done).iload(LoopWriter.WHOLE).if_icmpge(end);
              writer.write(code, done);
              body.iinc(done, Lanes.BYTES).goto_(head).labelBinding(end).return_();
            })
        .withMethodBody(
            "runTail",
            RUN_TAIL,
            ClassFile.ACC_PUBLIC,
            body -> {
              LoopWriter writer = new LoopWriter(body, places(code), true);
              writer.write(code, LoopWriter.WHOLE);
              body.return_();
            });
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
