package dev.unfold.train;

import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Precision;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.proof.TestBackends;
import java.util.SplittableRandom;

/// A text with a simple rule, and small networks to learn it.
public final class TinyText {
  static final int VOCABULARY = 5;

  private TinyText() {}

  /// Tokens that count upwards, with a jump now and then.
  static int[] tokens(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    int[] tokens = new int[count];
    for (int i = 1; i < count; i++) {
      tokens[i] =
          random.nextInt(10) == 0 ? random.nextInt(VOCABULARY) : (tokens[i - 1] + 1) % VOCABULARY;
    }
    return tokens;
  }

  public static Network network(String cell, Precision precision) {
    return Network.create(
        NetworkSpec.tokens(Cells.named(cell), VOCABULARY, 3, 7), TestBackends.scalar(precision), 1);
  }
}
