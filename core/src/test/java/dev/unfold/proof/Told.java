package dev.unfold.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unfold.model.GradientListener;
import dev.unfold.model.Parameters;
import java.util.ArrayList;
import java.util.List;

/// What a pass back has said to be final, and whether it was.
public final class Told implements GradientListener {
  private final Parameters gradients;
  private final List<Long> places = new ArrayList<>();
  private final List<double[]> numbers = new ArrayList<>();

  public Told(Parameters gradients) {
    this.gradients = gradients;
  }

  @Override
  public void finalFrom(long from) {
    places.add(from);
    numbers.add(gradients.buffer().toArray());
  }

  /// The names of the tensors that begin where all is final, in the order in which it was told; null for none.
  public List<String> names() {
    List<String> names = new ArrayList<>();
    for (long place : places) {
      names.add(
          gradients.tensors().stream()
              .filter(tensor -> tensor.offset() == place)
              .map(Parameters.Tensor::name)
              .findFirst()
              .orElse(null));
    }
    return names;
  }

  /// Checks that nothing was added to what was final.
  public void expectUnchanged() {
    double[] now = gradients.buffer().toArray();
    for (int i = 0; i < places.size(); i++) {
      for (int at = places.get(i).intValue(); at < now.length; at++) {
        assertEquals(numbers.get(i)[at], now[at], "number " + at + ", told as no. " + i);
      }
    }
  }
}
