package dev.unfold.data.series;

/// Numbers in the heap.
record HeapNumbers(double[] values) implements Numbers {
  @Override
  public int length() {
    return values.length;
  }

  @Override
  public double at(int step) {
    return values[step];
  }

  @Override
  public void set(int step, double number) {
    values[step] = number;
  }
}
