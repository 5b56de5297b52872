package dev.unfold.check;

import dev.unfold.head.Head;
import dev.unfold.head.SeveralHeads;
import dev.unfold.head.SeveralTargets;
import dev.unfold.head.Targets;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.Matrix;
import java.util.Arrays;
import java.util.Random;

/// Draws what outputs are compared with, as their head wants it.
final class DrawnTargets {
  private DrawnTargets() {}

  /// For T = `steps` of B = `size` sequences.
  ///
  /// @param present which rows are there
  static Targets of(Head head, int steps, int size, boolean... present) {
    if (head instanceof SeveralHeads several) {
      return new SeveralTargets(
          several.parts().stream().map(part -> of(part.head(), steps, size, present)).toList());
    }
    Random drawn = new Random(2);
    boolean isPooled = head.pooled().isPresent();
    boolean[] isLast = new boolean[steps * size];
    for (int b = 0; b < size; b++) {
      int last = steps - 1;
      while (last > 0 && !present[last * size + b]) {
        last--;
      }
      isLast[last * size + b] = true;
    }
    if (head instanceof Head.Labels labels) {
      int[][] all = new int[size][];
      Arrays.setAll(all, b -> new int[] {labels.blank() == 0 ? 1 : 0});
      return new Targets.Labels(all, steps);
    }
    if (head.valueLoss().isPresent()) {
      int numbers = head.outputs() / head.valueLoss().orElseThrow().outputsPerNumber();
      Matrix values = Matrix.allocate(ElementType.FLOAT64, steps * size, numbers);
      for (int row = 0; row < steps * size; row++) {
        for (int n = 0; n < numbers; n++) {
          boolean has = isPooled ? isLast[row] : row % 5 != 3;
          values.set(row, n, has ? drawn.nextDouble() : Double.NaN);
        }
      }
      return new Targets.Values(values);
    }
    int[] classes = new int[steps * size];
    for (int row = 0; row < classes.length; row++) {
      boolean has = isPooled ? isLast[row] : head instanceof Head.Tags || row % 5 != 3;
      classes[row] = has ? drawn.nextInt(head.outputs()) : Targets.NO_TARGET;
    }
    return head instanceof Head.Tags ? new Targets.Tags(classes) : new Targets.Classes(classes, 0);
  }
}
