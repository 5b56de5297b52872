package dev.unfold.kernels.vector.lanes;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.Instruction;
import java.lang.classfile.MethodModel;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.BranchInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.ReturnInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.HashMap;
import java.util.Map;

/// Writes the bodies of [Functions] where they are called.
///
/// The JIT compiler inlines a method of ours or not, by what else it has compiled before; if not, every vector that is
/// passed becomes an object, at three times the time. In a body without calls of ours there is nothing to decide.
public final class Inlining {
  private static final ClassDesc FUNCTIONS = Functions.class.describeConstable().orElseThrow();
  private static final ClassModel MODEL = ClassFile.of().parse(bytes());

  private final CodeBuilder code;

  public Inlining(CodeBuilder code) {
    this.code = code;
  }

  private static byte[] bytes() {
    try (InputStream stream = Functions.class.getResourceAsStream("Functions.class")) {
      return stream.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// Writes the body of a function: it takes its arguments from the stack and leaves its result there.
  public void write(String name, MethodTypeDesc type) {
    Map<Integer, Integer> locals = new HashMap<>();
    for (int parameter = type.parameterCount() - 1; parameter >= 0; parameter--) {
      store(locals, parameter, TypeKind.from(type.parameterType(parameter)));
    }
    for (CodeElement element : method(name, type).code().orElseThrow()) {
      switch (element) {
        case LoadInstruction load -> code.loadLocal(load.typeKind(), locals.get(load.slot()));
        case StoreInstruction store -> store(locals, store.slot(), store.typeKind());
        case ReturnInstruction end -> {} // what it returns is on the stack
        case InvokeInstruction call when call.owner().asSymbol().equals(FUNCTIONS) ->
            write(call.name().stringValue(), call.typeSymbol());
        case BranchInstruction branch ->
            throw new IllegalStateException("a function of vectors branches: " + name);
        case Instruction other -> code.with(other);
        default -> {} // line numbers
      }
    }
  }

  /// Every variable has a place of its own; no parameter takes two slots.
  private void store(Map<Integer, Integer> locals, int slot, TypeKind kind) {
    code.storeLocal(kind, locals.computeIfAbsent(slot, s -> code.allocateLocal(kind)));
  }

  private static MethodModel method(String name, MethodTypeDesc type) {
    return MODEL.methods().stream()
        .filter(m -> m.methodName().equalsString(name) && m.methodTypeSymbol().equals(type))
        .findFirst()
        .orElseThrow();
  }
}
