package dev.unfold.plan;

import dev.unfold.kernels.Pointwise.Op;
import java.util.List;
import java.util.Optional;

/// Nodes of one stage that one program is to compute, since some read what others of them compute. Fusions that
/// turn out to be one are joined.
final class Fusion {
  /// The width of a program of single numbers that no wider value has a part in yet.
  private static final int ANY = 1;

  private Fusion joined;
  private int width;

  /// Whether there are values of a single number a row of the batch.
  private boolean hasNumbers;

  /// How it sees the numbers of a row, if it goes along an axis of them; null otherwise.
  private HeadShape shape;

  private Fusion(int width, boolean hasNumbers, HeadShape shape) {
    this.width = width;
    this.hasNumbers = hasNumbers;
    this.shape = shape;
  }

  /// What the program has to be that computes `apply`, whose argument has `argument` numbers: of that width, or of any
  /// if it is a single number.
  static Fusion of(Node.Apply apply, int argument) {
    int width = Math.max(apply.width(), argument);
    if (apply.axis() != null) {
      return new Fusion(width, false, HeadShape.along(apply.axis()));
    }
    boolean isAcross = apply.op() == Op.SUM || apply.op() == Op.SPREAD;
    return new Fusion(width, width == ANY || isAcross, null);
  }

  private Fusion root() {
    return joined == null ? this : joined.root();
  }

  /// What the program computes at a time.
  Extent extent() {
    Fusion root = root();
    return new Extent(root.width, root.shape == null ? null : root.shape.settled());
  }

  /// Whether one program can compute all of them: there is at most one width above 1, and one way to see the numbers of
  /// a row.
  static boolean fit(List<Fusion> fusions) {
    boolean sameWidth =
        fusions.stream()
                .mapToInt(each -> each.root().width)
                .filter(w -> w != ANY)
                .distinct()
                .count()
            <= 1;
    Optional<HeadShape> shape = Optional.empty();
    for (Fusion fusion : fusions) {
      HeadShape own = fusion.root().shape;
      if (own != null) {
        shape = shape.isEmpty() ? Optional.of(own) : shape.get().and(own);
        if (shape.isEmpty()) {
          return false;
        }
      }
    }
    return sameWidth
        && (shape.isEmpty() || fusions.stream().noneMatch(each -> each.root().hasNumbers));
  }

  /// Makes this one and `other`, which fits, one.
  void join(Fusion other) {
    Fusion root = root();
    Fusion otherRoot = other.root();
    if (root.equals(otherRoot)) {
      return;
    }
    root.width = Math.max(root.width, otherRoot.width);
    root.hasNumbers |= otherRoot.hasNumbers;
    if (root.shape == null || otherRoot.shape == null) {
      root.shape = root.shape == null ? otherRoot.shape : root.shape;
    } else {
      root.shape = root.shape.and(otherRoot.shape).orElseThrow();
    }
    otherRoot.joined = root;
  }
}
