package dev.unfold.kernels.vector.pointwise;

import dev.unfold.kernels.vector.lanes.Lanes;
import dev.unfold.kernels.vector.lanes.Trial;
import dev.unfold.kernels.vector.product.Tiling;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
import jdk.incubator.vector.VectorMask;

/// Some consecutive instructions of a pointwise program as one loop over the elements of a row: what they pass on
/// to each other stays in registers. Made by [LoopCompiler].
public final class Loop {
  /// Vectors that are computed when the loop is tried.
  private static final int SAMPLE = 16;

  private final LoopBody body;
  private final int operations;
  private final Trial whole;
  private final Trial tail;

  /// @param places values that it has
  /// @param operations vector operations for each vector of a row
  public Loop(LoopBody body, int places, int operations) {
    this.body = body;
    this.operations = operations;
    MemorySegment memory = Tiling.allocate((long) places * SAMPLE * Lanes.BYTES);
    Place[] own = new Place[places];
    for (int i = 0; i < places; i++) {
      own[i] = new Place();
      own[i].set(memory, (long) i * SAMPLE * Lanes.BYTES, 0);
    }
    VectorMask<Float> first = Lanes.first(1);
    whole =
        new Trial(
            (long) SAMPLE * operations,
            () -> {
              try {
                body.run(own, 1, 0, SAMPLE * Lanes.BYTES);
              } finally {
                Reference.reachabilityFence(memory);
              }
            });
    tail =
        new Trial(
            operations,
            () -> {
              try {
                body.runTail(own, 1, 0, first);
              } finally {
                Reference.reachabilityFence(memory);
              }
            });
  }

  public LoopBody body() {
    return body;
  }

  /// Computes the rows of `block`, in vectors where these are fast already.
  void run(Place[] places, Block block) {
    int end = block.cols() * Float.BYTES;
    long work = (long) block.rows() * operations;
    boolean wholeIsFast = block.whole() == 0 || whole.isOver(work * block.whole() / Float.BYTES);
    boolean tailIsFast = block.tail() == null || tail.isOver(work * Lanes.LANES);
    int rows = block.rows();
    if (wholeIsFast) {
      body.run(places, rows, 0, block.whole());
    } else {
      body.runPlainly(places, rows, 0, block.whole());
    }
    if (!tailIsFast) {
      body.runPlainly(places, rows, block.whole(), end);
    } else if (block.tail() != null) {
      body.runTail(places, rows, block.whole(), block.tail());
    }
  }
}
