package dev.unfold.kernels.vector.product;

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
import jdk.incubator.vector.Vector;
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
  private final ClassDesc vector;
  private final ClassDesc number;
  private final ClassDesc lanes;
  private final int operands;
  private final int aFrom;
  private final int bFrom;
  private final int ontoAt;
  private final int cAt;

  private TileWriter(CodeBuilder code, Element element, Tile.Steps steps) {
    this.code = code;
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
  static TileBody write(Element element, int height, int width, Tile.Steps steps) {
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
                            body -> new TileWriter(body, element, steps).write(height, width)));
    return (TileBody) Hidden.instance(MethodHandles.lookup(), bytes);
  }

  private void write(int height, int width) {
    int depth = local("depth", TypeKind.INT);
    int ontoRow = local("ontoRowBytes", TypeKind.LONG);
    int[] sums = new int[height * width];
    for (int i = 0; i < sums.length; i++) {
      sums[i] = load(ontoAt, i / width, ontoRow, i % width);
    }
    writeLoop(sums, width, depth);
    int cRow = local("cRowBytes", TypeKind.LONG);
    for (int i = 0; i < sums.length; i++) {
      code.aload(sums[i]);
      store(cAt, i / width, cRow, i % width);
    }
    code.return_();
  }

  private void writeLoop(int[] sums, int width, int depth) {
    int a = array();
    int sliver = local("sliverBytes", TypeKind.LONG);
    int k = code.allocateLocal(TypeKind.INT);
    int at = code.allocateLocal(TypeKind.LONG);
    int[] right = new int[width];
    Label head = code.newLabel();
    Label end = code.newLabel();
    code.iconst_0().istore(k);
    code.labelBinding(head).iload(k).iload(depth).if_icmpge(end);
    code.lload(bFrom).iload(k).i2l().loadConstant((long) Lanes.BYTES).lmul().ladd().lstore(at);
    for (int w = 0; w < width; w++) {
      right[w] = load(at, w, sliver, 0);
    }
    for (int i = 0; i < sums.length; i += width) {
      int left = broadcast(a, k, i / width);
      for (int w = 0; w < width; w++) {
        code.aload(left).aload(right[w]).aload(sums[i + w]);
        code.invokevirtual(vector, "fma", MethodTypeDesc.of(vector, ANY_VECTOR, ANY_VECTOR));
        code.astore(sums[i + w]);
      }
    }
    code.iinc(k, 1).goto_(head).labelBinding(end);
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

  /// A local variable with the number of a for row `row` of the tile, in all lanes.
  private int broadcast(int a, int k, int row) {
    int local = code.allocateLocal(TypeKind.REFERENCE);
    code.getstatic(lanes, "SPECIES", SPECIES);
    code.aload(a).iload(aFrom).iload(k);
    if (steps.depth() != 1) {
      code.loadConstant(steps.depth()).imul();
    }
    code.iadd();
    if (row != 0) {
      code.loadConstant(row * steps.row()).iadd();
    }
    code.arrayLoad(TypeKind.from(number));
    code.invokestatic(vector, "broadcast", MethodTypeDesc.of(vector, SPECIES, number));
    code.astore(local);
    return local;
  }

  /// A local variable with the vector at an address: see [#address].
  private int load(int base, int times, int distance, int right) {
    int local = code.allocateLocal(TypeKind.REFERENCE);
    code.getstatic(lanes, "SPECIES", SPECIES);
    address(base, times, distance, right);
    code.invokestatic(
        vector,
        "fromMemorySegment",
        MethodTypeDesc.of(vector, SPECIES, SEGMENT, ConstantDescs.CD_long, ORDER));
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
