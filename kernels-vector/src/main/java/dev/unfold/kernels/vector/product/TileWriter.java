package dev.unfold.kernels.vector.product;

import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.kernels.vector.lanes.Hidden;
import dev.unfold.kernels.vector.lanes.Lanes;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.Vector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/// Writes the code of a tile, as one would by hand: straight on but for the loop over k, a local variable for each
/// vector, the distances within a as constants.
///
/// It calls the Vector API directly, not through methods of our own: with those the compiler would give up inlining,
/// and every vector would become an object.
final class TileWriter {
  private static final ClassDesc OPERANDS = describe(Operands.class);
  private static final ClassDesc LANES = describe(Lanes.class);
  private static final ClassDesc SEGMENT = describe(MemorySegment.class);
  private static final ClassDesc SPECIES = describe(VectorSpecies.class);
  private static final ClassDesc ORDER = describe(ByteOrder.class);
  private static final ClassDesc ANY_VECTOR = describe(Vector.class);
  private static final ClassDesc INTS = describe(IntVector.class);
  private static final ClassDesc FLOATS = describe(FloatVector.class);
  private static final ClassDesc OPERATORS = describe(VectorOperators.class);
  private static final ClassDesc ASSOCIATIVE = describe(VectorOperators.Associative.class);
  private static final ClassDesc BINARY = describe(VectorOperators.Binary.class);
  private static final ClassDesc CONVERSION = describe(VectorOperators.Conversion.class);

  /// Rows of b in a vector of 16-bit numbers.
  private static final int PAIR = 2;

  private static final MethodTypeDesc RUN =
      MethodTypeDesc.of(
          ConstantDescs.CD_void,
          OPERANDS,
          ConstantDescs.CD_int,
          ConstantDescs.CD_long,
          ConstantDescs.CD_long,
          ConstantDescs.CD_long);

  private final CodeBuilder code;
  private final Tile.Steps steps;
  private final WeightFormat format;
  private final ClassDesc vector;
  private final ClassDesc number;
  private final ClassDesc lanes;
  private final int operands;
  private final int aFrom;
  private final int bFrom;
  private final int ontoAt;
  private final int cAt;

  private TileWriter(CodeBuilder code, Element element, WeightFormat format, Tile.Steps steps) {
    this.code = code;
    this.format = format;
    this.steps = steps;
    vector = describe(element.vector());
    number = describe(element.number());
    lanes = describe(element.lanes());
    operands = code.parameterSlot(0);
    aFrom = code.parameterSlot(1);
    bFrom = code.parameterSlot(2);
    ontoAt = code.parameterSlot(3);
    cAt = code.parameterSlot(4);
  }

  private static ClassDesc describe(Class<?> type) {
    return type.describeConstable().orElseThrow();
  }

  /// The code of a tile of `height` rows by `width` vectors of such elements.
  ///
  /// @param format that of b
  static TileBody write(
      Element element, WeightFormat format, int height, int width, Tile.Steps steps) {
    ClassDesc name = ClassDesc.of(TileWriter.class.getPackageName(), "Tile" + height + "x" + width);
    byte[] bytes =
        ClassFile.of()
            .build(
                name,
                builder ->
                    Hidden.begin(builder, TileBody.class)
                        .withMethodBody(
                            "run",
                            RUN,
                            ClassFile.ACC_PUBLIC,
                            body ->
                                new TileWriter(body, element, format, steps).write(height, width)));
    return (TileBody) Hidden.instance(MethodHandles.lookup(), bytes);
  }

  private void write(int height, int width) {
    int depth = local("depth", TypeKind.INT);
    int ontoRow = local("ontoRowBytes", TypeKind.LONG);
    int[] sums = new int[height * width];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = load(ontoAt, i / width, ontoRow, i % width);
    }
    scale(sums, width, 1);
    writeLoop(sums, width, depth);
    scale(sums, width, 0);
    int cRow = local("cRowBytes", TypeKind.LONG);
    for (int i = 0; i < sums.length; i++) {
      code.aload(sums[i]);
      store(cAt, i / width, cRow, i % width);
    }
    code.return_();
  }

  /// Multiplies each column of sums by its scale, if b has any.
  ///
  /// @param which 0 for the scales, 1 for their inverses
  private void scale(int[] sums, int width, int which) {
    if (format != WeightFormat.FIXED16) {
      return;
    }
    int sliver = local("sliverBytes", TypeKind.LONG);
    int at = code.allocateLocal(TypeKind.LONG);
    code.lload(bFrom).lload(local("scaledBytes", TypeKind.LONG)).lsub().lstore(at);
    for (int w = 0; w < width; w++) {
      int factor = load(at, w, sliver, which);
      for (int i = w; i < sums.length; i += width) {
        code.aload(sums[i]).aload(factor);
        code.invokevirtual(vector, "mul", MethodTypeDesc.of(vector, ANY_VECTOR)).astore(sums[i]);
      }
    }
  }

  private void writeLoop(int[] sums, int width, int depth) {
    int a = array();
    int sliver = local("sliverBytes", TypeKind.LONG);
    int k = code.allocateLocal(TypeKind.INT);
    int at = code.allocateLocal(TypeKind.LONG);
    int[] right = new int[width];
    Label head = code.newLabel();
    Label end = code.newLabel();
    long rowBytes = (long) Lanes.LANES * format.bytes();
    int rows = format == WeightFormat.FLOAT32 ? 1 : PAIR;
    code.iconst_0().istore(k);
    code.labelBinding(head).iload(k).iload(depth).if_icmpge(end);
    code.lload(bFrom).iload(k).i2l().loadConstant(rowBytes).lmul().ladd().lstore(at);
    for (int w = 0; w < width; w++) {
      right[w] = rows == 1 ? load(at, w, sliver, 0) : loadPair(at, w, sliver);
    }
    for (int row = 0; row < rows; row++) {
      addProducts(sums, a, k, row, rows == 1 ? right : numbers(right, row));
    }
    code.iinc(k, rows).goto_(head).labelBinding(end);
  }

  /// Adds the products of row k + `ahead` of b, which is `right`.
  private void addProducts(int[] sums, int a, int k, int ahead, int[] right) {
    int width = right.length;
    for (int i = 0; i < sums.length; i += width) {
      int left = broadcast(a, k, ahead, i / width);
      for (int w = 0; w < width; w++) {
        code.aload(left).aload(right[w]).aload(sums[i + w]);
        code.invokevirtual(vector, "fma", MethodTypeDesc.of(vector, ANY_VECTOR, ANY_VECTOR));
        code.astore(sums[i + w]);
      }
    }
  }

  /// Local variables with row `row` of two that were loaded in one vector each.
  private int[] numbers(int[] pairs, int row) {
    int[] numbers = new int[pairs.length];
    for (int w = 0; w < pairs.length; w++) {
      numbers[w] = code.allocateLocal(TypeKind.REFERENCE);
      code.aload(pairs[w]);
      boolean isInteger = format == WeightFormat.FIXED16;
      if (row == 0) {
        lanewise("LSHL", Short.SIZE);
        if (isInteger) {
          lanewise("ASHR", Short.SIZE);
        }
      } else if (isInteger) {
        lanewise("ASHR", Short.SIZE);
      } else {
        lanewise("AND", -1 << Short.SIZE);
      }
      if (isInteger) {
        code.getstatic(OPERATORS, "I2F", CONVERSION).iconst_0();
        code.invokevirtual(
            INTS, "convert", MethodTypeDesc.of(ANY_VECTOR, CONVERSION, ConstantDescs.CD_int));
        code.checkcast(FLOATS);
      } else {
        code.invokevirtual(INTS, "reinterpretAsFloats", MethodTypeDesc.of(FLOATS));
      }
      code.astore(numbers[w]);
    }
    return numbers;
  }

  /// Replaces the integers on the stack by what an operation with a constant gives.
  private void lanewise(String operator, int constant) {
    code.getstatic(OPERATORS, operator, operator.equals("AND") ? ASSOCIATIVE : BINARY);
    code.loadConstant(constant);
    code.invokevirtual(INTS, "lanewise", MethodTypeDesc.of(INTS, BINARY, ConstantDescs.CD_int));
  }

  /// A local variable with the array of a.
  private int array() {
    int local = code.allocateLocal(TypeKind.REFERENCE);
    code.aload(operands).getfield(OPERANDS, "a", ConstantDescs.CD_Object);
    code.checkcast(number.arrayType()).astore(local);
    return local;
  }

  /// A local variable with a number of the operands.
  private int local(String field, TypeKind kind) {
    int local = code.allocateLocal(kind);
    code.aload(operands).getfield(OPERANDS, field, kind.upperBound()).storeLocal(kind, local);
    return local;
  }

  /// A local variable with the number of a for row `row` of the tile and k + `ahead`, in all lanes.
  private int broadcast(int a, int k, int ahead, int row) {
    int local = code.allocateLocal(TypeKind.REFERENCE);
    code.getstatic(lanes, "SPECIES", SPECIES);
    code.aload(a).iload(aFrom).iload(k);
    if (steps.depth() != 1) {
      code.loadConstant(steps.depth()).imul();
    }
    code.iadd();
    int further = row * steps.row() + ahead * steps.depth();
    if (further != 0) {
      code.loadConstant(further).iadd();
    }
    code.arrayLoad(TypeKind.from(number));
    code.invokestatic(vector, "broadcast", MethodTypeDesc.of(vector, SPECIES, number));
    code.astore(local);
    return local;
  }

  /// A local variable with the vector at an address: see [#address].
  private int load(int base, int times, int distance, int right) {
    return load(vector, lanes, "SPECIES", base, times, distance, right);
  }

  /// A local variable with two rows of b in 16 bits, as integers.
  private int loadPair(int base, int times, int distance) {
    return load(INTS, LANES, "PAIRS", base, times, distance, 0);
  }

  private int load(
      ClassDesc type,
      ClassDesc holder,
      String species,
      int base,
      int times,
      int distance,
      int right) {
    int local = code.allocateLocal(TypeKind.REFERENCE);
    code.getstatic(holder, species, SPECIES);
    address(base, times, distance, right);
    code.invokestatic(
        type,
        "fromMemorySegment",
        MethodTypeDesc.of(type, SPECIES, SEGMENT, ConstantDescs.CD_long, ORDER));
    code.astore(local);
    return local;
  }

  /// Stores the vector on the stack at an address: see [#address].
  private void store(int base, int times, int distance, int right) {
    address(base, times, distance, right);
    code.invokevirtual(
        vector,
        "intoMemorySegment",
        MethodTypeDesc.of(ConstantDescs.CD_void, SEGMENT, ConstantDescs.CD_long, ORDER));
  }

  /// Pushes what reading and writing have in common: memory, address, order.
  ///
  /// @param base the local variable of the address that distances start at
  /// @param times how often to add `distance`, a local variable, too
  /// @param right vectors to the right of that
  private void address(int base, int times, int distance, int right) {
    code.getstatic(LANES, "MEMORY", SEGMENT);
    code.lload(base);
    if (times == 1) {
      code.lload(distance).ladd();
    } else if (times > 1) {
      code.loadConstant((long) times).lload(distance).lmul().ladd();
    }
    if (right != 0) {
      code.loadConstant((long) right * Lanes.BYTES).ladd();
    }
    code.getstatic(LANES, "ORDER", ORDER);
  }
}
