package dev.unfold.data.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

/// Information at a lag, of processes whose information is known.
final class LagInformationTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261201L);
  private static final int N = 200_000;

  private final Random random = new Random(SEED);

  LagInformationTest() {
    System.out.println("LagInformationTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  @Test
  void information_ofIndependentTokens_isChance() {
    LagInformation none = LagInformation.of(random.ints(N, 0, 10).toArray(), 10, 30);
    for (int k = 0; k < 30; k++) {
      assertEquals(0, none.nats()[k], 5e-4, "lag " + k);
      assertFalse(none.beyondChance()[k], "lag " + k);
    }
    assertEquals(0, none.last(0.01));
  }

  @Test
  void information_ofTokensThatComeAgain_isThatOfTheirSource() {
    int types = 4;
    int[] tokens = new int[N];
    for (int i = 0; i < N; i++) {
      boolean again = i >= 6 && random.nextDouble() < 0.5;
      tokens[i] = again ? tokens[i - 6] : random.nextInt(types);
    }
    LagInformation own = LagInformation.of(tokens, types, 12);
    // The same with 1/2 + 1/2 1/4, each other one with 1/2 1/4.
    double entropy = -(0.625 * Math.log(0.625) + 3 * 0.125 * Math.log(0.125));
    assertEquals(Math.log(types) - entropy, own.nats()[5], 0.01);
    assertTrue(own.beyondChance()[5]);
    for (int k = 0; k < 12; k++) {
      // Twice as far it is there once more, by two steps.
      if (k != 5 && k != 11) {
        assertFalse(own.beyondChance()[k], "lag " + k + ": " + own.nats()[k]);
      }
    }
  }

  @Test
  void information_ofManyTypes_isNotMadeUp() {
    int[] tokens = random.ints(2_000, 0, 1_000).toArray();
    LagInformation none = LagInformation.of(tokens, 1_000, 5);
    for (int k = 0; k < 5; k++) {
      assertEquals(0, none.nats()[k], 0.02, "lag " + k);
      assertFalse(none.beyondChance()[k]);
    }
  }

  @Test
  void information_ofTooFewTokens_isRefused() {
    assertEquals(
        "tokens: expected more than 5 lags, got 5",
        assertThrows(IllegalArgumentException.class, () -> LagInformation.of(new int[5], 2, 5))
            .getMessage());
  }
}
