package dev.unfold.data.text;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import java.util.Optional;

/// How texts are read to be learned from.
///
/// @param unit what a token is
/// @param form what the sequences are
/// @param limits which words the vocabulary has
/// @param known the vocabulary, if it is not to be that of the training text
/// @param seed of what is drawn
public record CorpusOptions(
    Unit unit, TextForm form, WordLimits limits, Optional<Vocabulary> known, long seed) {
  /// Checks that they go together.
  ///
  /// **Errors**: a [Refusal] of limits where there are no words, or where the vocabulary is known.
  public CorpusOptions {
    Expect.given("unit", unit);
    Expect.given("form", form);
    Expect.given("limits", limits);
    Expect.given("known", known);
    if (limits.areAny() && unit != Unit.WORD) {
      throw new Refusal(
          limits.minCount() > 1 ? "min-count" : "max-words", "words as tokens", unit.name());
    }
    if (limits.areAny() && known.isPresent()) {
      throw new Refusal(
          limits.minCount() > 1 ? "min-count" : "max-words",
          "none where the vocabulary is known",
          limits.minCount() > 1 ? limits.minCount() : limits.most());
    }
    if (known.isPresent() && known.get().unit() != unit) {
      throw new Refusal("unit", known.get().unit().name(), unit.name());
    }
  }

  /// A stream of such tokens, with all that occur.
  public static CorpusOptions of(Unit unit) {
    return new CorpusOptions(unit, TextForm.STREAM, WordLimits.NONE, Optional.empty(), 1);
  }

  /// The same with other sequences.
  public CorpusOptions with(TextForm sequences) {
    return new CorpusOptions(unit, sequences, limits, known, seed);
  }

  /// The same with words within limits.
  public CorpusOptions with(WordLimits words) {
    return new CorpusOptions(unit, form, words, known, seed);
  }

  /// The same with the tokens of a vocabulary, and its unit.
  public CorpusOptions with(Vocabulary vocabulary) {
    return new CorpusOptions(vocabulary.unit(), form, limits, Optional.of(vocabulary), seed);
  }

  /// The same with another seed.
  public CorpusOptions withSeed(long other) {
    return new CorpusOptions(unit, form, limits, known, other);
  }
}
