package dev.unfold.data.text;

import dev.unfold.argument.Refusal;

/// Which words of a training text its vocabulary has. The others are read as `<unk>`, which so becomes a token like
/// any other: with an embedding that is trained, and a probability.
///
/// @param minCount how often a word has to occur
/// @param most how many tokens there are at most, `<eos>` and `<unk>` among them: the most frequent
public record WordLimits(int minCount, int most) {
  /// All words.
  public static final WordLimits NONE = new WordLimits(1, Integer.MAX_VALUE);

  /// Checks the ranges.
  public WordLimits {
    if (minCount < 1) {
      throw new Refusal("min-count", "1 or more", minCount);
    }
    if (most < 3) {
      throw new Refusal("max-words", "3 or more, <eos> and <unk> among them", most);
    }
  }

  /// Whether there is one.
  public boolean areAny() {
    return !equals(NONE);
  }
}
