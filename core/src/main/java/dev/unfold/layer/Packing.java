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
/// back for each group the matrix itself.
final class Packing {
  private final Plan plan;
  private final Kernels kernels;
  private final WeightFormat format;
  private final List<Matrix> weights;
  private final List<List<PackedMatrix>> forward = new ArrayList<>();
  private final List<PackedMatrix> back = new ArrayList<>();
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
      forward.add(
          group.slices().stream()
              .map(slice -> kernels.allocatePacked(group.operandWidth(), slice.width(), format))
              .toList());
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
      PackedMatrix packed = kernels.allocatePacked(group.rows(), group.operandWidth());
      kernels.pack(weights.get(g), packed);
      back.add(packed);
    }
    work = List.of();
  }

  /// The matrices that go with a product's targets.
  List<PackedMatrix> of(Stage.Product product) {
    return switch (product.direction()) {
      case FORWARD -> forward.get(product.group());
      case BACK -> List.of(back.get(product.group()));
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

  private List<Runnable> share(Blocks blocks) {
    List<Runnable> share = new ArrayList<>();
    for (int g = 0; g < forward.size(); g++) {
      Group group = plan.step().groups().get(g);
      Matrix weight = weights.get(g);
      for (int i = 0; i < group.slices().size(); i++) {
        Group.Slice slice = group.slices().get(i);
        int count = blocks.count(slice.width());
        if (count > 0) {
          int from = blocks.from(slice.width());
          Matrix rows = weight.rows(slice.from() + from, count);
          PackedMatrix target = forward.get(g).get(i).columns(from, count);
          share.add(() -> kernels.packTransposed(rows, target));
        }
      }
      int count = hasBack() ? blocks.count(group.operandWidth()) : 0;
      if (count > 0) {
        int from = blocks.from(group.operandWidth());
        Matrix columns = weight.columns(from, count);
        PackedMatrix target = back.get(g).columns(from, count);
        share.add(() -> kernels.pack(columns, target));
      }
    }
    return share;
  }
}
