package dev.unfold.bench.problem;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class AgreementTest {
  private static final Shape SHAPE =
      new Shape(Task.TRAINING, CellKind.ELMAN, 2, 1, 1, Start.RANDOM);

  private static Tensors tensors(float... output) {
    return new Tensors().with(Tensors.OUTPUT, output);
  }

  private static Agreement agreement(float... got) {
    return Agreement.of(Agreement.tolerance(SHAPE), tensors(1, -2), tensors(got));
  }

  @Test
  void agreement_equal_holdsWithoutError() {
    Agreement agreement = agreement(1, -2);

    assertTrue(agreement.holds());
    assertEquals(0, agreement.worst());
  }

  @Test
  void agreement_offByMoreThanTheTolerance_namesTheTensor() {
    // 8 eps sqrt(T max(B, H)) of the largest element: 11.3 units in its last place.
    assertTrue(agreement(1, -2 - 8 * Math.ulp(2f)).holds());
    Agreement agreement = agreement(1, -2 - 21 * Math.ulp(2f));

    assertFalse(agreement.holds());
    assertTrue(agreement.failures().getFirst().startsWith("output: expected"));
    assertEquals(21 * 0x1p-23, agreement.worst(), 1e-12);
  }

  @Test
  void agreement_notANumber_doesNotHold() {
    assertFalse(agreement(Float.NaN, -2).holds());
    assertFalse(agreement(1, Float.NaN).holds());
  }

  @Test
  void agreement_anotherLength_doesNotHold() {
    assertFalse(agreement(1, -2, 3).holds());
  }

  @Test
  void agreement_withoutSomeTensor_tellsWhich() {
    Tensors expected = tensors(1, -2).with(Tensors.INPUT_GRADIENT, new float[] {1});
    Agreement agreement = Agreement.of(Agreement.tolerance(SHAPE), expected, tensors(1, -2));

    assertTrue(agreement.holds());
    assertEquals(List.of(Tensors.INPUT_GRADIENT), agreement.missing());
  }

  @Test
  void agreement_withoutOutput_doesNotHold() {
    assertFalse(Agreement.of(Agreement.tolerance(SHAPE), tensors(1, -2), new Tensors()).holds());
  }
}
