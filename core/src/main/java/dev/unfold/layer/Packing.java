package dev.unfold.layer;

import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.PackedMatrix;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.plan.Group;
import dev.unfold.plan.Plan;
import dev.unfold.plan.Stage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/// A layer's matrices laid out for the products: for each slice of a group the transpose, and once errors are followed
/// back for each group the matrix itself. Of several heads each head's rows of each slice are a matrix by themselves.
final class Packing {
  private final Plan plan;
  private final Kernels kernels;
  private final WeightFormat format;
  private final List<Matrix> weights;

  /// For each group and head those of the slices.
  private final List<List<List<PackedMatrix>>> forward = new ArrayList<>();

  /// For each group the whole matrix, or for each head and slice a matrix of its own.
  private final List<List<List<PackedMatrix>>> back = new ArrayList<>();

  private List<List<Runnable>> work = List.of();

  /// @param format of the matrices for the way forward
  /// @param weights gives the matrix with an index among the parameters
  Packing(Plan plan, Kernels kernels, WeightFormat format, IntFunction<Matrix> weights) {
    this.plan = plan;
    this.kernels = kernels;
    this.format = format;
    this.weights =
        plan.step().groups().stream().map(group -> weights.apply(group.weight())).toList();
    for (Group group : plan.step().groups()) {
      List<List<PackedMatrix>> heads = new ArrayList<>();
      for (int head = 0; head < group.heads(); head++) {
        heads.add(
            group.slices().stream()
                .map(slice ->
                    kernels.allocatePacked(group.columns(), slice.width() / group.heads(), format))
                .toList());
      }
      forward.add(heads);
    }
  }

  /// Whether there are the matrices for the way back.
  boolean hasBack() {
    return !back.isEmpty();
  }

  /// Adds the matrices for the way back, laid out as the weights are now.
  ///
  /// **Errors**: [IllegalStateException] if the weights have 16 bits.
  void addBack() {
    format.expectFloat();
    for (int g = 0; g < plan.step().groups().size(); g++) {
      Group group = plan.step().groups().get(g);
      List<List<PackedMatrix>> blocks = new ArrayList<>();
      if (group.heads() == 1) {
        blocks.add(List.of(packed(weights.get(g))));
      } else {
        for (int head = 0; head < group.heads(); head++) {
          for (Group.Slice slice : group.slices()) {
            blocks.add(List.of(packed(rows(g, slice, head))));
          }
        }
      }
      back.add(blocks);
    }
    work = List.of();
  }

  private PackedMatrix packed(Matrix weight) {
    PackedMatrix packed = kernels.allocatePacked(weight.rows(), weight.cols());
    kernels.pack(weight, packed);
    return packed;
  }

  /// One head's rows of a slice.
  private Matrix rows(int group, Group.Slice slice, int head) {
    int count = slice.width() / plan.step().groups().get(group).heads();
    return weights.get(group).rows(slice.from() + head * count, count);
  }

  /// The matrices that go with the targets of a product's blocks.
  List<List<PackedMatrix>> of(Stage.Product product) {
    return switch (product.direction()) {
      case FORWARD -> forward.get(product.group());
      case BACK -> back.get(product.group());
    };
  }

  /// Gets ready for `parts` threads.
  void prepare(int parts) {
    if (work.size() == parts) {
      return;
    }
    List<List<Runnable>> shares = new ArrayList<>();
    for (int part = 0; part < parts; part++) {
      shares.add(share(new Blocks(part, parts, kernels.alignment())));
    }
    work = shares;
  }

  /// Lays out one thread's share.
  void run(int part, int parts) {
    List<Runnable> share = work.get(part);
    for (int i = 0; i < share.size(); i++) {
      share.get(i).run();
    }
  }

  /// Columns of whole matrices, and all of some heads' matrices.
  private List<Runnable> share(Blocks blocks) {
    List<Runnable> share = new ArrayList<>();
    Blocks whole = new Blocks(0, 1, blocks.alignment());
    for (int g = 0; g < forward.size(); g++) {
      Group group = plan.step().groups().get(g);
      for (int head = 0; head < group.heads(); head++) {
        if (group.heads() == 1) {
          addHead(g, head, blocks, share);
        } else if (head % blocks.parts() == blocks.part()) {
          addHead(g, head, whole, share);
        }
      }
    }
    return share;
  }

  private void addHead(int g, int head, Blocks columns, List<Runnable> share) {
    Group group = plan.step().groups().get(g);
    int slices = group.slices().size();
    for (int i = 0; i < slices; i++) {
      Matrix rows = rows(g, group.slices().get(i), head);
      int count = columns.count(rows.rows());
      if (count > 0) {
        int from = columns.from(rows.rows());
        Matrix source = rows.rows(from, count);
        PackedMatrix target = forward.get(g).get(head).get(i).columns(from, count);
        share.add(() -> kernels.packTransposed(source, target));
      }
      if (hasBack() && group.heads() > 1) {
        addBack(rows, back.get(g).get(head * slices + i).getFirst(), columns, share);
      }
    }
    if (hasBack() && group.heads() == 1) {
      addBack(weights.get(g), back.get(g).getFirst().getFirst(), columns, share);
    }
  }

  private void addBack(Matrix source, PackedMatrix target, Blocks columns, List<Runnable> share) {
    int count = columns.count(source.cols());
    if (count > 0) {
      int from = columns.from(source.cols());
      Matrix own = source.columns(from, count);
      PackedMatrix to = target.columns(from, count);
      share.add(() -> kernels.pack(own, to));
    }
  }
}
