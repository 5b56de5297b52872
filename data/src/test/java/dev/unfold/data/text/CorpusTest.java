package dev.unfold.data.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.data.source.DataException;
import dev.unfold.data.source.Source;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CorpusTest {
  @TempDir private Path folder;

  @Test
  void read_ofOneFile_keepsTheLastTenthForValidation() throws IOException {
    Path file = file("a.txt", "abcdefghijabcdefghijklmno");
    Corpus corpus = Corpus.read(Unit.CHAR, List.of(file));
    assertEquals(23, corpus.training().length());
    assertEquals(2, corpus.validation().length());
    assertEquals("abcdefghijabcdefghijklm", corpus.vocabulary().decode(corpus.training().tokens()));
    assertEquals(file + " (last tenth)", corpus.validation().name());
  }

  @Test
  void read_ofOneFile_takesTheVocabularyFromTheTrainingPart() throws IOException {
    Corpus corpus = Corpus.read(Unit.CHAR, List.of(file("a.txt", "aaaaaaaaaaaaaaaaaaazy")));
    assertEquals(List.of("a", "\uFFFD"), corpus.vocabulary().tokens().subList(0, 2));
    assertEquals(new Replaced(2, "z", 0), corpus.validation().replaced());
    assertEquals(
        "2 unknown tokens, the first is U+007A \"z\" at token 0",
        corpus.validation().replaced().toString());
    assertEquals(Replaced.NONE, corpus.training().replaced());
  }

  @Test
  void replaced_ofWhatDoesNotShow_staysOneShortLine() {
    assertEquals(
        "1 unknown token, the first is U+000A at token 3", new Replaced(1, "\n", 3).toString());
    assertEquals(
        "1 unknown token, the first is U+202E at token 3", new Replaced(1, "\u202E", 3).toString());
    assertEquals(
        "2 unknown tokens, the first is \"a?[31mb\" at token 0",
        new Replaced(2, "a\033[31mb", 0).toString());
    assertEquals(
        "2 unknown tokens, the first is \"" + "x".repeat(40) + "...\" at token 0",
        new Replaced(2, "x".repeat(1000), 0).toString());
  }

  @Test
  void read_ofTwoTexts_usesAllOfBoth() throws IOException {
    Corpus corpus =
        Corpus.read(
            Unit.WORD, List.of(file("a.txt", "to be\nor not")), List.of(file("b.txt", "to see\n")));
    assertEquals(6, corpus.training().length());
    assertEquals("to <unk>\n", corpus.vocabulary().decode(corpus.validation().tokens()));
    assertEquals(
        "1 unknown token, the first is \"see\" at token 1",
        corpus.validation().replaced().toString());
  }

  @Test
  void read_ofSeveralFiles_isOneTextInTheirOrder() throws IOException {
    List<Path> files = List.of(file("b.txt", "x y"), file("a.txt", "x\n"));
    Vocabulary vocabulary = VocabularyTest.all(Unit.WORD, "x y\n");
    Text text = Text.read(vocabulary, files);
    assertEquals("x y\nx\n", vocabulary.decode(text.tokens()));
    assertEquals(files.get(0) + " and others", text.name());
    assertEquals(2, text.sources().size());
  }

  @Test
  void read_always_keepsSizeAndDigestOfTheRawBytes() throws IOException {
    // The digest of "abc" is the first example of FIPS 180-2.
    Path file = file("abc.txt", "abc");
    Text text = Text.read(VocabularyTest.all(Unit.CHAR, "abc"), List.of(file));
    assertEquals(
        List.of(
            new Source(
                file.toString(),
                3,
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")),
        text.sources());
  }

  @Test
  void words_withAndWithoutALastLineFeed_areTheSame() throws IOException {
    Vocabulary vocabulary = VocabularyTest.all(Unit.WORD, "a b\n");
    Text with = Text.read(vocabulary, List.of(file("with.txt", "a b\n\nb\n")));
    Text without = Text.read(vocabulary, List.of(file("without.txt", "a b\n\nb")));
    assertEquals("a b\n\nb\n", vocabulary.decode(with.tokens()));
    assertArrayEquals(with.tokens(), without.tokens());
  }

  @Test
  void words_withCarriageReturns_areTheSame() throws IOException {
    Vocabulary vocabulary = VocabularyTest.all(Unit.WORD, "a b\n");
    Text unix = Text.read(vocabulary, List.of(file("unix.txt", "a b\nb\n")));
    Text windows = Text.read(vocabulary, List.of(file("windows.txt", "a b\r\nb\r\n")));
    assertArrayEquals(unix.tokens(), windows.tokens());
    assertEquals(Replaced.NONE, windows.replaced());
  }

  @Test
  void words_withOtherUnicodeSpaces_keepThem() throws IOException {
    Path file = file("a.txt", "a\u00A0b c");
    Corpus corpus = Corpus.read(Unit.WORD, List.of(file), List.of(file));
    assertEquals(OptionalInt.of(1), corpus.vocabulary().id("a\u00A0b"));
    assertEquals(3, corpus.training().length());
  }

  @Test
  void characters_withCarriageReturns_keepThem() throws IOException {
    Path file = file("a.txt", "a\r\nb");
    Corpus corpus = Corpus.read(Unit.CHAR, List.of(file), List.of(file));
    assertEquals("a\r\nb", corpus.vocabulary().decode(corpus.training().tokens()));
  }

  @Test
  void characters_afterAByteOrderMark_startWithoutIt() throws IOException {
    Path file = file("a.txt", "\uFEFFa\uFEFFb");
    Corpus corpus = Corpus.read(Unit.CHAR, List.of(file), List.of(file));
    assertEquals("a\uFEFFb", corpus.vocabulary().decode(corpus.training().tokens()));
    assertEquals(8, corpus.training().sources().getFirst().bytes());
  }

  @Test
  void bytes_ofAnyFile_areItsBytes() throws IOException {
    byte[] content = new byte[300_000];
    new Random(1).nextBytes(content);
    Path file = Files.write(folder.resolve("a.bin"), content);
    Corpus corpus = Corpus.read(Unit.BYTE, List.of(file), List.of(file));
    int[] tokens = corpus.training().tokens();
    assertEquals(content.length, tokens.length);
    for (int i = 0; i < tokens.length; i++) {
      assertEquals(Byte.toUnsignedInt(content[i]), tokens[i]);
    }
  }

  @Test
  void characters_acrossTheBordersOfPieces_areWhole() throws IOException {
    // Characters of 2, 3 and 4 bytes at every place relative to the borders.
    for (int shift = 0; shift < 9; shift++) {
      String text = "x".repeat(shift) + "é€\uD83D\uDE00".repeat(20_000);
      Path file = file("a.txt", text);
      Corpus corpus = Corpus.read(Unit.CHAR, List.of(file), List.of(file));
      assertEquals(text, corpus.vocabulary().decode(corpus.training().tokens()));
    }
  }

  @Test
  void words_acrossTheBordersOfPieces_areWhole() throws IOException {
    String line = "alpha beta gamma delta\n";
    Path file = file("a.txt", line.repeat(20_000));
    Corpus corpus = Corpus.read(Unit.WORD, List.of(file), List.of(file));
    assertEquals(6, corpus.vocabulary().size());
    assertEquals(line.repeat(20_000), corpus.vocabulary().decode(corpus.training().tokens()));
  }

  @Test
  void of_aString_isWhatAFileWithItIs() throws IOException {
    String text = "a b c\n".repeat(10) + "d";
    Corpus fromFile = Corpus.read(Unit.WORD, List.of(file("a.txt", text)));
    Corpus fromString = Corpus.of(Unit.WORD, "lines", text);
    assertEquals(fromFile.vocabulary(), fromString.vocabulary());
    assertArrayEquals(fromFile.training().tokens(), fromString.training().tokens());
    assertArrayEquals(fromFile.validation().tokens(), fromString.validation().tokens());
    assertEquals("lines (last tenth)", fromString.validation().name());
  }

  @Test
  void requireWindow_ofATextThatIsLongEnough_isTheText() {
    Text text = Text.of(VocabularyTest.all(Unit.CHAR, "abc"), "short", "abc");
    assertSame(text, text.requireWindow(2));
  }

  @Test
  void requireWindow_ofAShorterText_namesBothLengths() {
    Text text = Text.of(VocabularyTest.all(Unit.CHAR, "abc"), "short", "abc");
    assertEquals(
        "short: expected at least T+1=4 tokens for windows of T=3 steps, got 3",
        assertThrows(DataException.class, () -> text.requireWindow(3)).getMessage());
    assertThrows(DataException.class, () -> text.requireWindow(Integer.MAX_VALUE));
  }

  private Path file(String name, String content) throws IOException {
    return Files.write(folder.resolve(name), content.getBytes(StandardCharsets.UTF_8));
  }
}
