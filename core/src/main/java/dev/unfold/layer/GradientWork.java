package dev.unfold.layer;

import dev.unfold.plan.Group;
import java.util.List;

/// How the weight gradients are split among threads: the numbers of all groups' operands in a row, cut where each
/// thread gets the same number of multiply-adds. A cut within a group is at a multiple of the alignment. Each of these
/// numbers has a column of a whole matrix, of one with heads the column of its own head's rows.
///
/// Columns are split, not rows, because a thread then copies few columns of the operands for its products, and with
/// two threads and as many inputs as units each has one whole product.
///
/// @param groups the matrices
/// @param alignment the backend's, [dev.unfold.kernels.Kernels#alignment]
record GradientWork(List<Group> groups, int alignment) {
  /// The first number of the operand of group `group` that belongs to part `part` of `parts` or a later one.
  int firstColumn(int group, int part, int parts) {
    long before = 0;
    long total = 0;
    for (int g = 0; g < groups.size(); g++) {
      before += g < group ? work(g) : 0;
      total += work(g);
    }
    Group own = groups.get(group);
    long columns = (total * part / parts - before) * own.heads() / own.rows();
    long aligned = (columns + alignment / 2) / alignment * alignment;
    return Math.clamp(part == parts ? own.operandWidth() : aligned, 0, own.operandWidth());
  }

  private long work(int group) {
    return groups.get(group).size();
  }
}
