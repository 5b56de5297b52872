package dev.unfold.run.score;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class ReliabilityTest {
  @Test
  void gap_isTheMeanDistanceOfProbabilitiesAndShares() {
    Reliability reliability = new Reliability();
    assertTrue(Double.isNaN(reliability.gap()));
    // Nine of ten that were said with 0.95 are right, none of two with 0.15.
    for (int i = 0; i < 9; i++) {
      reliability.addRight(0.95);
    }
    reliability.addWrong(0.95);
    reliability.addWrong(0.1);
    reliability.addWrong(0.2);
    List<Reliability.Part> parts = reliability.parts();
    assertEquals(3, parts.size());
    assertEquals(new Reliability.Part(0.2, 0.3, 1, 0.2, 0), parts.get(1));
    assertEquals((10 * 0.05 + 0.1 + 0.2) / 12, reliability.gap(), 1e-12);
  }

  @Test
  void probability_atAnEnd_isOfTheLastPart() {
    Reliability reliability = new Reliability();
    reliability.addRight(1);
    reliability.addWrong(0);
    assertEquals(0.9, reliability.parts().getLast().from());
    assertEquals(0, reliability.parts().getFirst().from());
  }
}
