package dev.unfold.data.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class VocabularyTest {
  private static final Vocabulary LETTERS = Vocabulary.of(Unit.CHAR, List.of("a", "b", "\uFFFD"));
  private static final Vocabulary WORDS =
      Vocabulary.of(Unit.WORD, List.of("<eos>", "cat", "the", "<unk>"));

  @Test
  void characters_fromText_areOrderedByCodePoint() {
    // U+FFFD lies before U+1F600, whose first UTF-16 unit is smaller.
    Vocabulary vocabulary = all(Unit.CHAR, "b\r\n\uD83D\uDE00aé");
    assertEquals(List.of("\n", "\r", "a", "b", "é", "\uFFFD", "\uD83D\uDE00"), vocabulary.tokens());
  }

  @Test
  void words_fromText_areOrderedByFrequencyThenName() {
    Vocabulary vocabulary = all(Unit.WORD, "b a c\nc a b\nd c\n");
    assertEquals(List.of("<eos>", "c", "a", "b", "d", "<unk>"), vocabulary.tokens());
  }

  @Test
  void words_ofTheSameLinesInAnotherOrder_areNumberedAlike() {
    List<String> lines = new ArrayList<>(List.of("b a c", "c a b", "d c", "e", "f g"));
    Vocabulary first = all(Unit.WORD, String.join("\n", lines));
    Collections.reverse(lines);
    assertEquals(first, all(Unit.WORD, String.join("\n", lines)));
  }

  @Test
  void bytes_always_are256() {
    Vocabulary bytes = Vocabulary.ofBytes();
    assertEquals(256, bytes.size());
    assertEquals("A", bytes.token(0x41));
    assertEquals("0x20", bytes.token(0x20));
    assertEquals("0xFF", bytes.token(0xFF));
    assertEquals(bytes, all(Unit.BYTE, "a"));
    assertEquals(OptionalInt.empty(), bytes.unknown());
  }

  @Test
  void encode_ofUnknownTokens_givesTheReservedOne() {
    assertArrayEquals(new int[] {0, 2, 1, 2}, LETTERS.encode("azb\uD83D\uDE00"));
    assertArrayEquals(new int[] {2, 3, 1}, WORDS.encode("the dog cat"));
  }

  @Test
  void encode_ofLoneSurrogates_givesTheReservedOne() {
    assertArrayEquals(new int[] {0, 2, 1, 2}, LETTERS.encode("a\uD83Db\uDE00"));
  }

  @Test
  void encode_ofAPrompt_addsNoEndOfLine() {
    assertArrayEquals(new int[] {2, 1}, WORDS.encode("the cat"));
    assertArrayEquals(new int[] {2, 1, 0}, WORDS.encode(" the\tcat\r\n"));
    assertArrayEquals(new int[] {2, 0, 0, 1}, WORDS.encode("the\n\ncat"));
    assertArrayEquals(new int[0], WORDS.encode(""));
  }

  @Test
  void encode_ofBytes_isUtf8() {
    assertArrayEquals(new int[] {'a', 0xC3, 0xA9}, Vocabulary.ofBytes().encode("aé"));
  }

  @Test
  void decode_ofWords_putsBlanksBetweenWordsAndLineFeedsForEndsOfLines() {
    assertEquals("the cat\nthe\n\n<unk>", WORDS.decode(2, 1, 0, 2, 0, 0, 3));
  }

  @Test
  void decode_ofEncodedWords_isTheTextWithPlainSpaces() {
    assertEquals("the cat\n", WORDS.decode(WORDS.encode("  the \t cat \r\n")));
  }

  @Test
  void decode_ofEncodedText_isTheText() {
    long seed = 20260101;
    System.out.println("decode_ofEncodedText_isTheText: seed " + seed);
    Random random = new Random(seed);
    for (int i = 0; i < 500; i++) {
      String text = randomText(random);
      for (Unit unit : List.of(Unit.CHAR, Unit.BYTE)) {
        Vocabulary vocabulary = all(unit, text);
        assertEquals(text, vocabulary.decode(vocabulary.encode(text)), () -> unit + " " + text);
      }
    }
  }

  @Test
  void of_itsOwnTokens_isEqual() {
    Vocabulary vocabulary = all(Unit.WORD, "b a c\nc a b\nd c\n");
    assertEquals(vocabulary, Vocabulary.of(Unit.WORD, vocabulary.tokens()));
    assertEquals(vocabulary.hashCode(), Vocabulary.of(Unit.WORD, vocabulary.tokens()).hashCode());
    assertEquals(Vocabulary.ofBytes(), Vocabulary.of(Unit.BYTE, Vocabulary.ofBytes().tokens()));
  }

  @Test
  void of_tokensThatAreNone_namesThePlace() {
    assertInvalid("tokens[1]: expected one code point, got \"ab\"", Unit.CHAR, "a", "ab", "\uFFFD");
    assertInvalid("tokens[0]: expected one code point, got \"\"", Unit.CHAR, "", "\uFFFD");
    assertInvalid(
        "tokens[2]: expected a token of its own, got \"a\" as tokens[0]",
        Unit.CHAR,
        "a",
        "\uFFFD",
        "a");
    assertInvalid(
        "tokens: expected one to be \"\uFFFD\", which unit CHAR reserves, got none",
        Unit.CHAR,
        "a");
    assertInvalid(
        "tokens: expected one to be \"<unk>\", which unit WORD reserves, got none",
        Unit.WORD,
        "<eos>");
    assertInvalid(
        "tokens[0]: expected a word without white space, got \"a b\"",
        Unit.WORD,
        "a b",
        "<eos>",
        "<unk>");
    assertInvalid("tokens: expected those of Vocabulary.ofBytes(), got others", Unit.BYTE, "a");
  }

  @Test
  void token_outsideTheVocabulary_namesTheRange() {
    assertEquals(
        "id: expected 0 to V-1=2, got 3",
        assertThrows(IndexOutOfBoundsException.class, () -> LETTERS.token(3)).getMessage());
    assertThrows(IndexOutOfBoundsException.class, () -> LETTERS.decode(-1));
  }

  private static void assertInvalid(String message, Unit unit, String... tokens) {
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> Vocabulary.of(unit, List.of(tokens)))
            .getMessage());
  }

  /// The vocabulary of a whole text.
  static Vocabulary all(Unit unit, String text) {
    Draft draft = DraftReader.ofString(unit, "test", text, Cutter::endFile);
    return draft.vocabulary(unit, WordLimits.NONE, draft.count());
  }

  private static String randomText(Random random) {
    int[] ranges = {0x20, 0x7F, 0x80, 0x7FF, 0x800, 0xD7FF, 0xE000, 0xFFFF, 0x10000, 0x10FFFF};
    int[] codePoints =
        IntStream.range(0, random.nextInt(40))
            .map(_ -> {
              int range = 2 * random.nextInt(ranges.length / 2);
              return random.nextInt(ranges[range], ranges[range + 1] + 1);
            })
            .toArray();
    return new String(codePoints, 0, codePoints.length);
  }

  private static Vocabulary words(String text) {
    return Corpus.of(Unit.WORD, "text", text).vocabulary();
  }

  /// All of it is learned from but the last tenth, which is the end.
  private static String text(String line) {
    return line.repeat(20) + "x\n".repeat(20);
  }

  @Test
  void standIn_ofWordsThatLackUnk_isUnk() {
    Vocabulary vocabulary = words(text("a b c\n"));

    assertEquals("<unk>", vocabulary.token(vocabulary.standIn().getAsInt()));
    assertEquals(vocabulary, Vocabulary.of(Unit.WORD, vocabulary.tokens()));
  }

  @Test
  void standIn_ofWordsThatHaveUnk_isNone() {
    // Often, and once behind words that are as rare or less so.
    for (String text :
        List.of(
            text("a <unk> c\n"),
            "<unk> " + text("a b c\n"),
            "<unk> 1 2 3 " + text("a b c\n"),
            "<unk> " + text("\n"))) {
      Vocabulary vocabulary = words(text);
      Vocabulary again = Vocabulary.of(Unit.WORD, vocabulary.tokens());
      assertTrue(again.standIn().isEmpty(), again.tokens()::toString);
    }
  }

  @Test
  void standIn_ofOtherUnits_isWhatNoTextHas() {
    Vocabulary characters = Corpus.of(Unit.CHAR, "text", text("a b\n")).vocabulary();

    assertEquals("\uFFFD", characters.token(characters.standIn().getAsInt()));
    assertTrue(Vocabulary.ofBytes().standIn().isEmpty());
    assertTrue(Vocabulary.of(Unit.CHAR, List.of("\uFFFD")).standIn().isEmpty());
  }
}
