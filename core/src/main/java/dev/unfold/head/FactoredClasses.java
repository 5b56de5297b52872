package dev.unfold.head;

import dev.unfold.argument.Expect;
import dev.unfold.kernels.storage.Matrix;
import java.util.List;
import java.util.Map;

/// One of K classes at each step, by a softmax over G groups of classes and one over the S classes of a group: about
/// 2 sqrt(K) net inputs for each step instead of K, and the probabilities are exact. Group g has the classes from g S
/// to g S + S - 1, with S = sqrt(K), rounded up; its vector is row g of `head.group_weight [G, H]`, with
/// `head.group_bias [G]`. Words in the order of their frequency make good groups. Its targets are right classes; its
/// outputs are the logarithms of probabilities.
///
/// @param classes K
///
/// **Source**: J. Goodman, Classes for fast maximum entropy training, ICASSP 2001.
public record FactoredClasses(int classes) implements Head {
  /// The groups' matrix `[G, H]`.
  public static final String GROUP_WEIGHT = "head.group_weight";

  /// The groups' bias `[G]`.
  public static final String GROUP_BIAS = "head.group_bias";

  /// Checks the number.
  public FactoredClasses {
    Expect.positive("classes", "K", classes);
  }

  @Override
  public int outputs() {
    return classes;
  }

  /// S
  public int groupSize() {
    return (int) Math.ceil(Math.sqrt(classes));
  }

  /// G
  public int groups() {
    return Math.ceilDiv(classes, groupSize());
  }

  @Override
  public String unit() {
    return "nats";
  }

  @Override
  public String text() {
    return HeadText.FACTORED;
  }

  @Override
  public boolean takes(Targets targets) {
    return targets instanceof Targets.Classes;
  }

  @Override
  public double[] prediction(Matrix outputs, int row) {
    return Predictions.of(outputs, row, outputs.cols(), Math::exp);
  }

  @Override
  public Map<String, List<Integer>> shapes(int width, boolean hasWeight, boolean hasBias) {
    Map<String, List<Integer>> shapes = Head.super.shapes(width, hasWeight, hasBias);
    shapes.put(GROUP_WEIGHT, List.of(groups(), width));
    if (hasBias) {
      shapes.put(GROUP_BIAS, List.of(groups()));
    }
    return shapes;
  }
}
