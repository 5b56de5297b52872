package dev.unfold.bench.peer.onednn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.unfold.bench.problem.CellKind;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Start;
import dev.unfold.bench.problem.Task;
import org.junit.jupiter.api.Test;

final class RecurrenceTest {
  private static Recurrence recurrence(CellKind cell) {
    return new Recurrence(new Shape(Task.TRAINING, cell, 1, 1, 1, Start.RANDOM));
  }

  @Test
  void bias_ofAnLstm_isTheSumInOurOrder() {
    float[] bias =
        recurrence(CellKind.LSTM).bias(new float[] {1, 2, 3, 4}, new float[] {10, 20, 30, 40});

    assertArrayEquals(new float[] {11, 22, 33, 44}, bias);
  }

  @Test
  void bias_ofAGru_keepsTheRecurrentBiasOfTheCandidateApart() {
    // Ours are r, z, n; oneDNN's z, r, n, and n's recurrent one.
    float[] bias = recurrence(CellKind.GRU).bias(new float[] {1, 2, 3}, new float[] {10, 20, 30});

    assertArrayEquals(new float[] {22, 11, 3, 30}, bias);
  }

  @Test
  void biasGradient_ofAGru_comesBackInOurOrder() {
    float[] gradient = {22, 11, 3, 30};

    assertArrayEquals(new float[] {11, 22, 3}, recurrence(CellKind.GRU).biasIh(gradient));
    assertArrayEquals(new float[] {11, 22, 30}, recurrence(CellKind.GRU).biasHh(gradient));
  }
}
