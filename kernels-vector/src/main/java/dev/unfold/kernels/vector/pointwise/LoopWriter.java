package dev.unfold.kernels.vector.pointwise;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.Pointwise.Instruction;
import dev.unfold.kernels.Pointwise.Kind;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.vector.lanes.Inlining;
import dev.unfold.kernels.vector.lanes.Lanes;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorSpecies;

/// Writes what a method of a [LoopBody] does to the vectors at one offset of a row.
///
/// The parameters of both methods are the same but for the last, the end or the mask, and this class knows where they
/// are.
public final class LoopWriter {
  static final ClassDesc PLACE = describe(Place.class);

  /// The local variable of the parameter `from`.
  static final int FROM = 3;

  /// The local variable of the parameter `to`.
  static final int TO = 4;

  private static final int PLACES = 1;

  /// The local variable of the parameter `rows`, which is counted down: the row that is computed.
  static final int ROW = 2;

  private static final int MASK = 4;

  private static final ClassDesc VECTOR = describe(FloatVector.class);
  private static final ClassDesc LANES = describe(Lanes.class);
  private static final ClassDesc SEGMENT = describe(MemorySegment.class);
  private static final ClassDesc SPECIES_TYPE = describe(VectorSpecies.class);
  private static final ClassDesc ORDER_TYPE = describe(ByteOrder.class);
  private static final ClassDesc LAYOUTS = describe(ValueLayout.class);
  private static final ClassDesc FLOAT_LAYOUT = describe(ValueLayout.OfFloat.class);
  private static final MethodTypeDesc GET =
      MethodTypeDesc.of(ConstantDescs.CD_float, FLOAT_LAYOUT, ConstantDescs.CD_long);
  private static final ClassDesc MASK_TYPE = describe(VectorMask.class);
  private static final MethodTypeDesc UNARY = MethodTypeDesc.of(VECTOR);
  private static final MethodTypeDesc BINARY = MethodTypeDesc.of(VECTOR, describe(Vector.class));
  private static final MethodTypeDesc FUNCTION = MethodTypeDesc.of(VECTOR, VECTOR);
  private static final MethodTypeDesc FUNCTION_OF_TWO = MethodTypeDesc.of(VECTOR, VECTOR, VECTOR);
  private static final MethodTypeDesc FILL =
      MethodTypeDesc.of(VECTOR, SPECIES_TYPE, ConstantDescs.CD_float);
  private static final MethodTypeDesc ROW_AT =
      MethodTypeDesc.of(ConstantDescs.CD_long, ConstantDescs.CD_int);

  private final CodeBuilder code;
  private final Inlining inlining;
  private final boolean masked;
  private final int[] starts;
  private final Map<Slot, Integer> known = new HashMap<>();

  /// The local variables of what [#spread] has written.
  private final Map<Slot, Integer> spreads = new HashMap<>();

  private int offset;

  /// Writes the beginning of a row: where `places` places are in it.
  public LoopWriter(CodeBuilder code, int places, boolean masked) {
    this.code = code;
    inlining = new Inlining(code);
    this.masked = masked;
    starts = new int[places];
    for (int p = 0; p < places; p++) {
      starts[p] = code.allocateLocal(TypeKind.LONG);
      code.aload(PLACES).loadConstant(p).aaload().iload(ROW);
      code.invokevirtual(PLACE, "rowAt", ROW_AT).lstore(starts[p]);
    }
  }

  /// Writes, before the loop, what is one number of the row in all lanes of a vector.
  void spread(List<Instruction> instructions) {
    for (Instruction instruction : instructions) {
      Slot column = instruction.left();
      if (instruction.op() == Op.SPREAD && !spreads.containsKey(column)) {
        int local = code.allocateLocal(TypeKind.REFERENCE);
        code.getstatic(LANES, "SPECIES", SPECIES_TYPE);
        code.getstatic(LANES, "MEMORY", SEGMENT);
        code.getstatic(LAYOUTS, "JAVA_FLOAT_UNALIGNED", FLOAT_LAYOUT);
        code.lload(starts[column.index()]).invokeinterface(SEGMENT, "get", GET);
        code.invokestatic(VECTOR, "broadcast", FILL).astore(local);
        spreads.put(column, local);
      }
    }
  }

  private static ClassDesc describe(Class<?> type) {
    return type.describeConstable().orElseThrow();
  }

  /// Writes `instructions` for the vectors at the byte that local variable `offset` holds.
  void write(List<Instruction> instructions, int offset) {
    this.offset = offset;
    known.clear();
    for (Instruction instruction : instructions) {
      int left = value(instruction.left());
      boolean isOfTwo = instruction.op().arity() == 2 || instruction.op() == Op.SOFTPLUS;
      int right = isOfTwo ? value(instruction.right()) : left;
      compute(instruction.op(), left, right);
      int result = code.allocateLocal(TypeKind.REFERENCE);
      code.astore(result);
      Slot target = instruction.target();
      if (target.kind() == Kind.OPERAND) {
        store(target, result);
        known.keySet().removeIf(slot -> slot.kind() == Kind.OPERAND);
      }
      known.put(target, result);
    }
  }

  /// The local variable that holds a slot's vector.
  private int value(Slot slot) {
    if (slot.kind() == Kind.COLUMN) {
      return spreads.get(slot);
    }
    Integer local = known.get(slot);
    if (local == null) {
      local = code.allocateLocal(TypeKind.REFERENCE);
      code.getstatic(LANES, "SPECIES", SPECIES_TYPE);
      address(slot);
      code.invokestatic(VECTOR, "fromMemorySegment", access(VECTOR, SPECIES_TYPE)).astore(local);
      known.put(slot, local);
    }
    return local;
  }

  private void store(Slot slot, int vector) {
    code.aload(vector);
    address(slot);
    code.invokevirtual(VECTOR, "intoMemorySegment", access(ConstantDescs.CD_void));
  }

  /// Pushes what reading and writing have in common: memory, address, order, mask.
  private void address(Slot slot) {
    code.getstatic(LANES, "MEMORY", SEGMENT);
    code.lload(starts[slot.index()]).iload(offset).i2l().ladd();
    code.getstatic(LANES, "ORDER", ORDER_TYPE);
    if (masked) {
      code.aload(MASK);
    }
  }

  private MethodTypeDesc access(ClassDesc result, ClassDesc... before) {
    MethodTypeDesc type =
        MethodTypeDesc.of(result, before)
            .insertParameterTypes(before.length, SEGMENT, ConstantDescs.CD_long, ORDER_TYPE);
    return masked ? type.insertParameterTypes(type.parameterCount(), MASK_TYPE) : type;
  }

  /// Pushes the result of an operation.
  private void compute(Op op, int left, int right) {
    switch (op) {
      case COPY, SPREAD -> code.aload(left);
      case NEGATE -> unary("neg", left);
      case SQRT -> unary("sqrt", left);
      case ONE_MINUS -> {
        code.getstatic(LANES, "SPECIES", SPECIES_TYPE).fconst_1();
        code.invokestatic(VECTOR, "broadcast", FILL).aload(left);
        code.invokevirtual(VECTOR, "sub", BINARY);
      }
      case SIGMOID -> function("sigmoid", left);
      case TANH -> function("tanh", left);
      case RELU -> function("relu", left);
      case STEP -> function("step", left);
      case EXP -> function("exp", left);
      case LOG -> function("log", left);
      case SOFTPLUS -> {
        code.aload(left).aload(right);
        inlining.write("softplus", FUNCTION_OF_TWO);
      }
      case ADD -> binary("add", left, right);
      case SUBTRACT -> binary("sub", left, right);
      case MULTIPLY -> binary("mul", left, right);
      case DIVIDE -> binary("div", left, right);
      case SUM -> throw new Refusal("op", "one of elements", op);
    }
  }

  private void unary(String method, int x) {
    code.aload(x).invokevirtual(VECTOR, method, UNARY);
  }

  private void binary(String method, int x, int y) {
    code.aload(x).aload(y).invokevirtual(VECTOR, method, BINARY);
  }

  private void function(String method, int x) {
    code.aload(x);
    inlining.write(method, FUNCTION);
  }
}
