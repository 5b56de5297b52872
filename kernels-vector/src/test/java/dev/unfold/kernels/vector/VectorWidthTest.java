package dev.unfold.kernels.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.unfold.kernels.vector.lanes.Lanes;
import org.junit.jupiter.api.Test;

/// The build runs all tests once for each width of vectors; this says whether it really did.
class VectorWidthTest {
  @Test
  void lanes_ofThisRun_haveTheWidthThatTheBuildAskedFor() {
    int expected = Integer.getInteger("unfold.vectorBits", 0);
    assumeTrue(expected > 0, "no width was asked for: unfold.vectorBits is not set");
    int actual = Lanes.SPECIES.vectorBitSize();
    boolean less = actual < expected;
    if (less) {
      System.err.println(
          "NOT TESTED: vectors of "
              + expected
              + " bits; this machine has "
              + actual
              + ", so these tests repeated a narrower width");
    }
    assumeTrue(!less, "this machine has vectors of " + actual + " bits, not " + expected);
    assertEquals(expected, actual);
  }
}
