package dev.unfold.unroll.head;

import dev.unfold.argument.Refusal;
import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Head;
import dev.unfold.kernels.Factor;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.PackedMatrix;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.HeadGradients;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkHead;
import dev.unfold.model.Parameters;
import dev.unfold.unroll.rows.PackedRows;
import dev.unfold.unroll.rows.RowWindow;
import dev.unfold.unroll.rows.Sequences;
import java.util.Arrays;

/// The readout with a softmax in two steps, [FactoredClasses]: over the groups of classes, and over the classes of
/// the right group alone.
///
///     o_k(t) = softmax(W_g h(t) + b_g)_g softmax(W_k' h(t) + b_k' for k' in g)_k        g the group of class k
///     E_t = -ln o_k(t)
///
/// Rows are brought into the order of their groups, so that each group is one product.
///
/// **Memory**: for G groups of S classes `G + S + 2 H` numbers a row, and the readout's matrix twice more in its
/// groups, all allocated at first use.
final class FactoredSoftmax implements PartialSoftmax {
  private final Network network;
  private final NetworkHead head;
  private final Kernels kernels;
  private final Team team;
  private final Sequences below;
  private final PackedRows packedRows;
  private final double[] losses;
  private final int size;
  private final int groups;
  private final Team.Task groupTask = this::runGroups;
  private final Team.Task memberTask = this::runMembers;
  private final Team.Task backTask = this::runBack;
  private final Team.Task memberBackTask = this::runMembersBack;
  private final Team.Task gradientTask = this::runGradients;

  /// For the groups, then for the members of each group.
  private final PackedMatrix[] forward;

  private final PackedMatrix[] back;
  private final long[] versions;
  private final Matrix groupLogits;
  private final Matrix memberLogits;

  /// What the readout receives and its derivatives, in the order of the groups.
  private final Matrix outputs;

  private final Matrix outputGradients;

  /// The row at each place in the order of the groups, and the place of each row.
  private final int[] order;

  private final int[] places;

  /// Where each group starts, and where the last ends.
  private final int[] starts;

  private final int[] rightGroups;
  private final int[] rightMembers;
  private final double[] memberScales;
  private final double[] memberLosses;
  private Losses taken;
  private boolean hasMembersBack;
  private int from;
  private int until;
  private HeadGradients gradients;

  /// Null until it is asked for.
  private Row row;

  FactoredSoftmax(
      Network network,
      NetworkHead head,
      Team team,
      Sequences below,
      PackedRows packedRows,
      double[] losses) {
    this.network = network;
    this.head = head;
    this.team = team;
    this.below = below;
    this.packedRows = packedRows;
    this.losses = losses;
    kernels = network.kernels();
    FactoredClasses factored = (FactoredClasses) head.head();
    size = factored.groupSize();
    groups = factored.groups();
    forward = new PackedMatrix[groups + 1];
    back = new PackedMatrix[groups + 1];
    versions = new long[groups + 1];
    Arrays.fill(versions, -1);
    int rows = losses.length;
    int width = network.spec().outputSize();
    groupLogits = kernels.allocate(rows, groups);
    memberLogits = kernels.allocate(rows, size);
    outputs = kernels.allocate(rows, width);
    outputGradients = kernels.allocate(rows, width);
    order = new int[rows];
    places = new int[rows];
    starts = new int[groups + 1];
    rightGroups = new int[rows];
    rightMembers = new int[rows];
    memberScales = new double[rows];
    memberLosses = new double[rows];
  }

  /// Sets the losses of all rows, and keeps their derivatives.
  void loss(Losses taken) {
    this.taken = taken;
    hasMembersBack = false;
    arrange();
    pack(groups);
    for (int group = 0; group < groups; group++) {
      if (starts[group + 1] > starts[group]) {
        pack(group);
      }
    }
    team.run(groupTask);
    team.run(memberTask);
    for (int place = 0; place < packedRows.rows(); place++) {
      losses[order[place]] += memberLosses[place];
    }
  }

  /// Sorts the rows by the groups of their right classes; those of a group stay in their order.
  private void arrange() {
    int rows = packedRows.rows();
    Arrays.fill(starts, 0);
    for (int row = 0; row < rows; row++) {
      int right = taken.classes()[row];
      if (right < 0 || right >= head.outputs()) {
        throw new Refusal("targets", "0 to K-1=%d".formatted(head.outputs() - 1), right);
      }
      rightGroups[row] = right / size;
      starts[right / size + 1]++;
    }
    for (int group = 0; group < groups; group++) {
      starts[group + 1] += starts[group];
    }
    int[] next = Arrays.copyOf(starts, groups);
    for (int row = 0; row < rows; row++) {
      int place = next[rightGroups[row]]++;
      order[place] = row;
      places[row] = place;
      rightMembers[place] = taken.classes()[row] % size;
      memberScales[place] = taken.scales()[row];
    }
  }

  /// How many classes a group has.
  private int members(int group) {
    return Math.min(size, head.outputs() - group * size);
  }

  /// The matrix of a group's members in `parameters`; for the last number that of the groups.
  private Matrix weight(Matrix members, Matrix ofGroups, int group) {
    return group == groups ? ofGroups : members.rows(group * size, members(group));
  }

  private void pack(int group) {
    long version = network.parameters().version();
    if (versions[group] == version) {
      return;
    }
    Parameters parameters = network.parameters();
    Matrix weight =
        weight(
            parameters.matrix(head.name(Head.WEIGHT)),
            parameters.matrix(head.name(FactoredClasses.GROUP_WEIGHT)),
            group);
    if (forward[group] == null) {
      WeightFormat format = network.weightFormat();
      forward[group] = kernels.allocatePacked(weight.cols(), weight.rows(), format);
      if (format == WeightFormat.FLOAT32) {
        back[group] = kernels.allocatePacked(weight.rows(), weight.cols());
      }
    }
    kernels.packTransposed(weight, forward[group]);
    if (back[group] != null) {
      kernels.pack(weight, back[group]);
    }
    versions[group] = version;
  }

  /// The biases from `first` on for `rows` rows; null if there are none.
  private Matrix bias(String name, int first, int count, int rows) {
    if (!head.hasBias()) {
      return null;
    }
    Matrix all = network.parameters().matrix(head.name(name));
    return Matrix.repeated(all.buffer(), all.offset() + first, rows, count);
  }

  private Matrix all(Matrix values) {
    return values.rows(0, packedRows.rows());
  }

  private void runGroups(int index, int count) {
    int first = Team.from(packedRows.rows(), index, team.size());
    int rows = Team.from(packedRows.rows(), index + 1, team.size()) - first;
    if (rows == 0) {
      return;
    }
    Matrix values = below.values().rows(packedRows.rows());
    Matrix own = groupLogits.rows(first, rows);
    Matrix bias = bias(FactoredClasses.GROUP_BIAS, 0, groups, rows);
    kernels.multiply(values.rows(first, rows), new Factor(forward[groups], bias, own));
    kernels.softmaxCrossEntropy(own, rightGroups, first, taken.scales(), own, losses);
    kernels.gather(values, order, first, outputs.rows(first, rows));
  }

  /// What is done for the rows of one group.
  private interface Part {
    void run(int group, int first, int rows);
  }

  /// A thread's share of the rows in the order of the groups.
  private void forEachGroup(int index, Part part) {
    int first = Team.from(packedRows.rows(), index, team.size());
    int end = Team.from(packedRows.rows(), index + 1, team.size());
    for (int group = 0; group < groups; group++) {
      int start = Math.max(first, starts[group]);
      int rows = Math.min(end, starts[group + 1]) - start;
      if (rows > 0) {
        part.run(group, start, rows);
      }
    }
  }

  private void runMembers(int index, int count) {
    forEachGroup(
        index,
        (group, first, rows) -> {
          Matrix own = memberLogits.rows(first, rows).columns(0, members(group));
          Matrix bias = bias(Head.BIAS, group * size, members(group), rows);
          kernels.multiply(outputs.rows(first, rows), new Factor(forward[group], bias, own));
          kernels.softmaxCrossEntropy(own, rightMembers, first, memberScales, own, memberLosses);
        });
  }

  @Override
  public void back(int from, int until) {
    if (!hasMembersBack) {
      team.run(memberBackTask);
      hasMembersBack = true;
    }
    this.from = from;
    this.until = until;
    team.run(backTask);
  }

  private void runMembersBack(int index, int count) {
    forEachGroup(
        index,
        (group, first, rows) ->
            kernels.multiply(
                memberLogits.rows(first, rows).columns(0, members(group)),
                Factor.of(back[group], outputGradients.rows(first, rows))));
  }

  private void runBack(int index, int count) {
    int first = from + Team.from(until - from, index, team.size());
    int rows = from + Team.from(until - from, index + 1, team.size()) - first;
    if (rows > 0) {
      Matrix own = below.gradients().rows(packedRows.rows()).rows(first, rows);
      kernels.gather(all(outputGradients), places, first, own);
      kernels.multiply(groupLogits.rows(first, rows), new Factor(back[groups], own, own));
    }
  }

  @Override
  public void addGradients(HeadGradients gradients, int firstStep, int endStep) {
    this.gradients = gradients;
    int start;
    for (int end = endStep; end > firstStep; end = start) {
      start = packedRows.live.blockStart(end - 1);
      from = packedRows.firstRow(start);
      until = packedRows.firstRow(end);
      team.run(gradientTask);
    }
  }

  /// A thread's share of the columns of each group.
  private void runGradients(int index, int count) {
    if (until == from) {
      return;
    }
    Matrix values = below.values().rows(packedRows.rows());
    addGradients(
        index, groups, groupLogits.rows(from, until - from), values.rows(from, until - from));
    for (int group = 0; group < groups; group++) {
      int first = firstPlace(group, from);
      int rows = firstPlace(group, until) - first;
      if (rows > 0) {
        Matrix deltas = memberLogits.rows(first, rows).columns(0, members(group));
        addGradients(index, group, deltas, outputs.rows(first, rows));
      }
    }
  }

  /// The first place of a group whose row is not before `row`.
  private int firstPlace(int group, int row) {
    int place = Arrays.binarySearch(order, starts[group], starts[group + 1], row);
    return place < 0 ? -place - 1 : place;
  }

  private void addGradients(int index, int group, Matrix deltas, Matrix inputs) {
    int first = Team.from(deltas.cols(), index, team.size());
    int columns = Team.from(deltas.cols(), index + 1, team.size()) - first;
    if (columns == 0) {
      return;
    }
    Matrix own = deltas.columns(first, columns);
    Matrix weight = weight(gradients.readout(), gradients.groups(), group);
    kernels.multiplyTransposedAdd(own, inputs, weight.rows(first, columns));
    if (head.hasBias()) {
      Matrix bias = group == groups ? gradients.groupsBias() : gradients.readoutBias();
      int offset = group == groups ? first : group * size + first;
      kernels.sumRowsAdd(own, bias.columns(offset, columns));
    }
  }

  /// Replaces the net inputs of all classes by the logarithms of their probabilities, whose softmax they are.
  ///
  /// @param logits of all rows
  void toLogarithms(Matrix logits) {
    Matrix numbers = logits.toHost();
    pack(groups);
    if (row == null) {
      row = new Row();
    }
    for (int row = 0; row < packedRows.rows(); row++) {
      Matrix own = this.row.groupLogits(row).toHost();
      double all = logarithmOfSum(own, 0, 0, groups);
      for (int group = 0; group < groups; group++) {
        int first = group * size;
        double change =
            own.get(0, group) - all - logarithmOfSum(numbers, row, first, members(group));
        for (int k = first; k < first + members(group); k++) {
          numbers.set(row, k, numbers.get(row, k) + change);
        }
      }
    }
    logits.copy(numbers);
  }

  /// Windows onto a row, which are kept since a step of inference allocates nothing.
  private final class Row {
    private final RowWindow values = new RowWindow(below.values().rows(order.length));
    private final RowWindow own = new RowWindow(groupLogits);
    private final Factor[] product = {
      new Factor(forward[groups], bias(FactoredClasses.GROUP_BIAS, 0, groups, 1), own.matrix)
    };

    Matrix groupLogits(int row) {
      values.show(row, 1);
      own.show(row, 1);
      kernels.multiply(values.matrix, product);
      return own.matrix;
    }
  }

  private static double logarithmOfSum(Matrix of, int row, int first, int count) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int k = first; k < first + count; k++) {
      largest = Math.max(largest, of.get(row, k));
    }
    double sum = 0;
    for (int k = first; k < first + count; k++) {
      sum += Math.exp(of.get(row, k) - largest);
    }
    return largest + Math.log(sum);
  }
}
