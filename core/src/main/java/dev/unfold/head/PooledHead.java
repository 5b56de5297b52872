package dev.unfold.head;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.Matrix;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// One output for each sequence instead of each step, and one loss: `head` reads out what `pooling` makes of all
/// steps that the sequence has. Its targets are those of `head`, each at the last step of its sequence, with none at
/// the others.
///
/// @param head classes, values or sets
/// @param pooling which vector is read out
public record PooledHead(Head head, Pooling pooling) implements Head {
  /// What the steps are compared with for [Pooling#ATTENTION] `[H]`.
  public static final String ATTENTION = "head.attention";

  /// Checks that a sequence has one output of such a head.
  public PooledHead {
    Expect.given("head", head);
    Expect.given("pooling", pooling);
    String reason =
        switch (head) {
          case Classes _, Values _, Sets _ -> "";
          case FactoredClasses _ -> ": factors save nothing with one output a sequence";
          case Labels _, Tags _ -> ": these need the outputs of all steps";
          case PooledHead _ -> ": it is pooled once";
          case SeveralHeads _ -> ": each of several is pooled by itself";
        };
    if (!reason.isEmpty()) {
      throw new Refusal("pooling", "a head of classes, values or sets", head.text() + reason);
    }
  }

  @Override
  public int outputs() {
    return head.outputs();
  }

  @Override
  public String unit() {
    return head.unit();
  }

  @Override
  public String text() {
    return head.text() + HeadText.POOLING + pooling.text();
  }

  /// A sample of the classes saves nothing with one output a sequence.
  @Override
  public boolean takes(Targets targets) {
    return head.takes(targets) && !(targets instanceof Targets.Sampled);
  }

  @Override
  public Optional<ValueLoss> valueLoss() {
    return head.valueLoss();
  }

  @Override
  public Optional<Pooling> pooled() {
    return Optional.of(pooling);
  }

  @Override
  public double[] prediction(Matrix outputs, int row) {
    return head.prediction(outputs, row);
  }

  @Override
  public Map<String, List<Integer>> shapes(int width, boolean hasWeight, boolean hasBias) {
    Map<String, List<Integer>> shapes = Head.super.shapes(width, hasWeight, hasBias);
    if (pooling == Pooling.ATTENTION) {
      shapes.put(ATTENTION, List.of(width));
    }
    return shapes;
  }
}
