package dev.unfold.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The choice with the scalar backend alone; a backend beside it is tested where there is one.
class BackendsTest {
  @Test
  void best_withoutOtherBackends_isScalar() {
    for (Precision precision : Precision.values()) {
      Backends.Choice choice = Backends.choose(precision);
      assertEquals("scalar", choice.kernels().name());
      assertEquals(precision, choice.kernels().precision());
      assertEquals(List.of(new Backends.Verdict("scalar", Optional.empty())), choice.verdicts());
    }
  }

  @Test
  void named_unknown_listsTheNames() {
    var thrown =
        assertThrows(
            IllegalArgumentException.class, () -> Backends.named("abacus", Precision.FLOAT));
    assertEquals("backend: expected one of scalar, got abacus", thrown.getMessage());
  }
}
