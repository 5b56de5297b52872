package dev.unfold.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Buffer;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

final class ParametersTest {
  private static Parameters parameters(Precision precision) {
    NetworkSpec spec = NetworkSpec.tokens(Cells.gru(), 7, 5, 3);
    return Network.create(spec, TestBackends.scalar(precision), 1).parameters();
  }

  @Test
  void tensors_startOnCacheLinesAndTheGapsAreZero() {
    for (Precision precision : Precision.values()) {
      Parameters parameters = parameters(precision);
      boolean[] used = new boolean[(int) parameters.buffer().length()];
      for (Parameters.Tensor tensor : parameters.tensors()) {
        assertEquals(
            0, tensor.offset() * precision.type().bytes() % Buffer.ALIGNMENT, tensor.name());
        for (long i = 0; i < tensor.length(); i++) {
          assertEquals(false, used[(int) (tensor.offset() + i)], tensor.name());
          used[(int) (tensor.offset() + i)] = true;
        }
      }
      int gaps = 0;
      for (int i = 0; i < used.length; i++) {
        if (!used[i]) {
          gaps++;
          assertEquals(0, Numbers.get(parameters.buffer(), i));
        }
      }
      assertEquals(used.length - gaps, parameters.count());
      assertNotEquals(0, gaps);
    }
  }

  @Test
  void tensors_areInOrder() {
    assertEquals(
        List.of(
            "embedding.weight",
            "weight_ih_l0",
            "weight_hh_l0",
            "bias_ih_l0",
            "bias_hh_l0",
            "head.weight",
            "head.bias"),
        parameters(Precision.FLOAT).tensors().stream().map(Parameters.Tensor::name).toList());
  }

  @Test
  void matrix_ofAnUnknownName_listsTheNames() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> parameters(Precision.FLOAT).matrix("weight_ih"));
    assertEquals(
        "parameter: expected one of [embedding.weight, weight_ih_l0, weight_hh_l0, bias_ih_l0,"
            + " bias_hh_l0, head.weight, head.bias], got weight_ih",
        e.getMessage());
  }

  @Test
  void firstNonFinite_namesTheFirstTensorInOrder() {
    Parameters parameters = parameters(Precision.FLOAT);
    assertNull(parameters.firstNonFinite());
    Numbers.set(parameters.matrix("head.bias"), 0, 6, Double.NaN);
    assertEquals("head.bias", parameters.firstNonFinite());
    Numbers.set(parameters.matrix("weight_hh_l0"), 8, 2, Double.NEGATIVE_INFINITY);
    assertEquals("weight_hh_l0", parameters.firstNonFinite());
  }

  @Test
  void copy_isApartFromItsOrigin() {
    Parameters origin = parameters(Precision.FLOAT);
    Parameters copy = origin.copy();
    assertArrayEquals(origin.buffer().toArray(), copy.buffer().toArray());
    Numbers.set(copy.matrix("head.bias"), 0, 0, 9);
    assertNotEquals(9, Numbers.get(origin.matrix("head.bias"), 0, 0));
  }

  @Test
  void zeros_haveTheSameNamesAndNoNumbers() {
    Parameters zeros = parameters(Precision.FLOAT).zeros();
    assertEquals(parameters(Precision.FLOAT).tensors(), zeros.tensors());
    assertEquals(0, Arrays.stream(zeros.buffer().toArray()).filter(x -> x != 0).count());
  }

  @Test
  void set_takesAllNumbersAndCountsAsAChange() {
    Parameters origin = parameters(Precision.FLOAT);
    Parameters other = origin.zeros();
    long version = other.version();
    other.set(origin);
    assertArrayEquals(origin.buffer().toArray(), other.buffer().toArray());
    assertNotEquals(version, other.version());
  }
}
