package dev.unfold.plan;

import java.util.List;

/// Nodes of one stage that one program is to compute, since some read what others of them compute. Fusions that
/// turn out to be one are joined.
final class Fusion {
  /// The width of a program of single numbers that no wider value has a part in yet.
  private static final int ANY = 1;

  private Fusion joined;
  private int width;

  /// @param width of the program: 1 if the value is a single number, which fits a program of any width
  Fusion(int width) {
    this.width = width;
  }

  private Fusion root() {
    return joined == null ? this : joined.root();
  }

  /// The width of the program.
  int width() {
    return root().width;
  }

  /// Whether one program can compute all of them: there is at most one width above 1.
  static boolean fit(List<Fusion> fusions) {
    return fusions.stream().mapToInt(Fusion::width).filter(w -> w != ANY).distinct().count() <= 1;
  }

  /// Makes this one and `other` one.
  void join(Fusion other) {
    Fusion root = root();
    Fusion otherRoot = other.root();
    if (!root.equals(otherRoot)) {
      root.width = Math.max(root.width, otherRoot.width);
      otherRoot.joined = root;
    }
  }
}
