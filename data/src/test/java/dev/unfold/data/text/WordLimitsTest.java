package dev.unfold.data.text;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.argument.Refusal;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Vocabularies that lack rare words.
final class WordLimitsTest {
  @TempDir private Path folder;

  private Corpus read(String text, CorpusOptions options) throws IOException {
    Path file = Files.writeString(folder.resolve("t"), text);
    return Corpus.read(List.of(file), List.of(file), options);
  }

  private Corpus read(String text, int minCount, int most) throws IOException {
    return read(text, CorpusOptions.of(Unit.WORD).with(new WordLimits(minCount, most)));
  }

  @Test
  void words_belowTheCount_areTheUnknownOne() throws IOException {
    Corpus corpus = read("a a a b b c d\n", 2, Integer.MAX_VALUE);

    // As frequent as b, and before it.
    assertEquals(List.of("a", "<unk>", "b", "<eos>"), corpus.vocabulary().tokens());
    assertEquals("a a a b b <unk> <unk>\n", corpus.vocabulary().decode(corpus.training().tokens()));
    assertEquals(2, corpus.training().replaced().count());
    // It is trained: samples may have it.
    assertEquals(OptionalInt.empty(), corpus.vocabulary().standIn());
  }

  @Test
  void words_beyondTheMost_areTheUnknownOne() throws IOException {
    Corpus corpus = read("a a a b b c c d e f\n", 1, 4);

    assertEquals(List.of("<unk>", "a", "b", "<eos>"), corpus.vocabulary().tokens());
    assertEquals(5, corpus.training().replaced().count());
  }

  @Test
  void unknownWord_thatIsTrained_isNotTheLast() throws IOException {
    Corpus corpus = read("a a b b\n\n\nc\n", 2, Integer.MAX_VALUE);

    assertEquals(List.of("<eos>", "a", "<unk>", "b"), corpus.vocabulary().tokens());
    assertEquals(OptionalInt.empty(), corpus.vocabulary().standIn());
  }

  @Test
  void limits_thatLeaveAllWords_changeNothing() throws IOException {
    String text = "a a b b c c\n\n";
    Corpus all = read(text, CorpusOptions.of(Unit.WORD));

    assertEquals(all.vocabulary(), read(text, 2, 5).vocabulary());
    assertEquals(4, all.vocabulary().standIn().orElseThrow());
  }

  @Test
  void limits_thatCannotBe_areRefused() {
    assertThrows(Refusal.class, () -> new WordLimits(0, 10));
    assertThrows(Refusal.class, () -> new WordLimits(1, 2));
    WordLimits limits = new WordLimits(2, 10);
    assertThrows(Refusal.class, () -> CorpusOptions.of(Unit.CHAR).with(limits));
    Vocabulary known = Vocabulary.of(Unit.WORD, List.of("<eos>", "<unk>"));
    assertThrows(Refusal.class, () -> CorpusOptions.of(Unit.WORD).with(known).with(limits));
  }

  @Test
  void vocabulary_thatIsKnown_isKept() throws IOException {
    Vocabulary known = Vocabulary.of(Unit.WORD, List.of("b", "<eos>", "<unk>"));
    Corpus corpus = read("a b\n", CorpusOptions.of(Unit.CHAR).with(known));

    assertEquals(known, corpus.vocabulary());
    assertEquals("<unk> b\n", known.decode(corpus.training().tokens()));
  }
}
