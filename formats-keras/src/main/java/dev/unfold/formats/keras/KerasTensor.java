package dev.unfold.formats.keras;

import java.util.List;

/// Numbers of a Keras file, row by row.
///
/// @param shape the sizes of the dimensions
/// @param numbers a `float[]` or a `double[]`, as the file has them
public record KerasTensor(List<Integer> shape, Object numbers) {
  /// Checks the kind of the array, and copies the shape.
  public KerasTensor {
    shape = List.copyOf(shape);
    if (!(numbers instanceof float[] || numbers instanceof double[])) {
      throw new IllegalArgumentException("numbers: expected float[] or double[]");
    }
  }

  /// Its number `i`.
  public double at(int i) {
    return numbers instanceof float[] singles ? singles[i] : ((double[]) numbers)[i];
  }

  /// How many there are.
  public int count() {
    return numbers instanceof float[] singles ? singles.length : ((double[]) numbers).length;
  }
}
