package dev.unfold.train.dynamic;

import dev.unfold.model.Encoder;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Wiring;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.util.Arrays;
import java.util.Optional;

/// Which rows of an embedding a segment reads: the only ones that have a gradient. Of a large vocabulary these are few,
/// and to go through the others at each segment would take longer than all else.
final class TokenRows {
  private final int[] seen;
  private int stamp;

  private TokenRows(int vocabulary) {
    seen = new int[vocabulary];
  }

  /// For networks of `spec`, if they read tokens whose embedding is nothing else.
  static Optional<TokenRows> of(NetworkSpec spec) {
    return spec.encoder() instanceof Encoder.Embedding tokens && !spec.has(Wiring.TIED)
        ? Optional.of(new TokenRows(tokens.vocabulary()))
        : Optional.empty();
  }

  /// Those of `segment`, each once. What is no token is left to be refused by who reads it.
  int[] of(Batch segment) {
    if (!(segment.inputs() instanceof Inputs.Tokens read)) {
      return new int[0];
    }
    stamp++;
    int[] rows = new int[segment.steps()];
    int count = 0;
    for (int t = 0; t < rows.length; t++) {
      int token = read.tokens()[read.from() + t];
      if (token >= 0 && token < seen.length && seen[token] != stamp) {
        seen[token] = stamp;
        rows[count++] = token;
      }
    }
    return Arrays.copyOf(rows, count);
  }
}
