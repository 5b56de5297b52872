package dev.unfold.kernels.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class VectorProviderTest {
  @Test
  void refusal_float_isNone() {
    assertEquals(Optional.empty(), new VectorProvider().refusal(Precision.FLOAT));
  }

  @Test
  void refusal_double_namesTheScalarBackend() {
    String reason = new VectorProvider().refusal(Precision.DOUBLE).orElseThrow();
    assertTrue(reason.contains("scalar"), reason);
  }

  @Test
  void best_float_isTheVectorBackend() {
    assertEquals("vector", Backends.best(Precision.FLOAT).name());
  }

  @Test
  void best_double_isTheScalarBackend() {
    assertEquals("scalar", Backends.best(Precision.DOUBLE).name());
  }
}
