package dev.unfold.kernels.vector.lanes;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.CodeElement;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.IncrementInstruction;
import java.lang.classfile.instruction.InvokeInstruction;
import java.lang.classfile.instruction.LoadInstruction;
import java.lang.classfile.instruction.StoreInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.HashMap;
import java.util.Map;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorMask;

/// Turns code that computes whole vectors into code that computes one lane after the other: calls of the Vector API
/// become calls of [Lane], local variables get the types of single numbers, and steps of a vector's bytes those of a
/// float's. So both are one text.
///
/// It takes code as `LoopWriter` writes it: what is stored in a variable is what the instruction before has left.
public final class LaneByLane implements CodeTransform {
  private static final ClassDesc LANE = describe(Lane.class);
  private static final ClassDesc LANES = describe(Lanes.class);
  private static final ClassDesc VECTOR = describe(Vector.class);

  /// What stands for the types of vectors.
  private static final Map<ClassDesc, ClassDesc> NUMBERS =
      Map.of(
          describe(FloatVector.class), ConstantDescs.CD_float,
          describe(IntVector.class), ConstantDescs.CD_int,
          describe(VectorMask.class), ConstantDescs.CD_boolean);

  /// The local variables that have become numbers.
  private final Map<Integer, TypeKind> locals = new HashMap<>();

  /// What the last call or load has left on the stack.
  private TypeKind top = TypeKind.VOID;

  private static ClassDesc describe(Class<?> type) {
    return type.describeConstable().orElseThrow();
  }

  @Override
  public void accept(CodeBuilder code, CodeElement element) {
    switch (element) {
      case LoadInstruction load -> {
        top = locals.getOrDefault(load.slot(), load.typeKind());
        code.loadLocal(top, load.slot());
      }
      case StoreInstruction store when store.typeKind() == TypeKind.REFERENCE -> {
        locals.put(store.slot(), top);
        code.storeLocal(top, store.slot());
      }
      case IncrementInstruction step when step.constant() == Lanes.BYTES ->
          code.iinc(step.slot(), Float.BYTES);
      case InvokeInstruction call -> call(code, call);
      default -> code.with(element);
    }
  }

  private void call(CodeBuilder code, InvokeInstruction call) {
    ClassDesc owner = call.owner().asSymbol();
    MethodTypeDesc type = call.typeSymbol();
    if (NUMBERS.containsKey(owner) || owner.equals(LANES)) {
      ClassDesc number = NUMBERS.getOrDefault(owner, ConstantDescs.CD_float);
      type = type.changeReturnType(number(type.returnType(), number));
      for (int i = 0; i < type.parameterCount(); i++) {
        type = type.changeParameterType(i, number(type.parameterType(i), number));
      }
      if (call.opcode() != Opcode.INVOKESTATIC) {
        type = type.insertParameterTypes(0, number);
      }
      code.invokestatic(LANE, call.name().stringValue(), type);
    } else {
      code.with(call);
    }
    top = TypeKind.from(type.returnType()).asLoadable();
  }

  /// What stands for `type` in a method of vectors of `number`.
  private static ClassDesc number(ClassDesc type, ClassDesc number) {
    return type.equals(VECTOR) ? number : NUMBERS.getOrDefault(type, type);
  }
}
