package dev.unfold.train.dynamic;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import dev.unfold.kernels.PointwiseKernel;
import dev.unfold.kernels.storage.Matrix;
import java.util.Arrays;
import java.util.List;

/// Changes the rows of an embedding that segments read, and no others. A row that is not read is only drawn back, which
/// is done when it is next read, for all updates since it was last:
///
///     theta <- theta0 + (1 - decay r)^k (theta - theta0)
///
/// Rows that were never read are theta0, and stay it.
final class EmbeddingUpdate {
  /// Theta, g, and what else the rule's program has.
  private final Matrix[] sources;

  /// Theta, theta0, and m if the rule has one; null if nothing is drawn back.
  private final Matrix[] drawn;

  private final PointwiseKernel change;
  private final PointwiseKernel back;
  private final double pull;
  private final boolean isScaled;

  /// How many updates each row has had, those included that only drew it back; -1 if it is theta0.
  private final long[] updated;

  private long updates;

  /// @param sources matrices of the embedding, the operands of `program`
  /// @param drawn theta, theta0, and m if there is one; empty if nothing is drawn back
  /// @param pull what decay and m make a share, [DynamicUpdate#share]
  EmbeddingUpdate(
      Kernels kernels, Pointwise program, List<Matrix> sources, List<Matrix> drawn, double pull) {
    this.sources = sources.toArray(Matrix[]::new);
    this.drawn = drawn.toArray(Matrix[]::new);
    this.pull = pull;
    isScaled = drawn.size() > 2;
    change = kernels.prepare(program);
    back = drawn.isEmpty() ? null : kernels.prepare(back(isScaled));
    updated = new long[sources.getFirst().rows()];
    restart();
  }

  /// Scalars are the share and k if there is m, or else what is kept.
  private static Pointwise back(boolean isScaled) {
    Pointwise.Builder b = Pointwise.builder();
    Slot p = b.operand();
    Slot start = b.operand();
    Slot kept;
    if (isScaled) {
      Slot m = b.operand();
      Slot share = DynamicUpdate.share(b, m, b.scalar());
      Slot log = b.compute(Op.LOG, b.compute(Op.ONE_MINUS, share));
      kept = b.compute(Op.EXP, b.compute(Op.MULTIPLY, log, b.scalar()));
    } else {
      kept = b.scalar();
    }
    Slot left = b.compute(Op.MULTIPLY, b.compute(Op.SUBTRACT, p, start), kept);
    return b.emit(Op.ADD, p, start, left).build();
  }

  /// All rows are theta0.
  void restart() {
    Arrays.fill(updated, -1);
    updates = 0;
  }

  /// Makes `rows` what they would be if they had been drawn back at each update.
  void settle(int... rows) {
    for (int row : rows) {
      double missed = (double) (updates - updated[row]);
      if (back != null && updated[row] >= 0 && missed > 0) {
        if (isScaled) {
          back.run(rows(drawn, row), pull, missed);
        } else {
          back.run(rows(drawn, row), Math.pow(1 - pull, missed));
        }
        updated[row] = updates;
      }
    }
  }

  /// The same for all rows.
  void settleAll() {
    for (int row = 0; row < updated.length; row++) {
      settle(row);
    }
  }

  /// An update, of which `rows` have a gradient; they were settled before it was computed.
  void step(int[] rows, double... scalars) {
    updates++;
    for (int row : rows) {
      change.run(rows(sources, row), scalars);
      updated[row] = updates;
    }
  }

  private static Matrix[] rows(Matrix[] matrices, int row) {
    Matrix[] own = new Matrix[matrices.length];
    for (int i = 0; i < own.length; i++) {
      own[i] = matrices[i].rows(row, 1);
    }
    return own;
  }
}
