package dev.unfold.data.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.abort;

import dev.unfold.data.source.DataException;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Texts that are not part of the project: the folder named by the environment variable
/// `UNFOLD_DATA`, or else `../shared/data` beside the repository.
class RealTextTest {
  private static final Path DATA = data();

  @BeforeAll
  static void needs_data() {
    if (!Files.isDirectory(DATA)) {
      long tests =
          Stream.of(RealTextTest.class.getDeclaredMethods())
              .filter((Method method) -> method.isAnnotationPresent(Test.class))
              .count();
      String reason =
          "SKIPPED %d tests with real texts: no folder %s (set UNFOLD_DATA)".formatted(tests, DATA);
      System.err.println(reason);
      abort(reason);
    }
  }

  @Test
  void pennTreebank_asWords_hasTheKnownCounts() {
    long start = System.nanoTime();
    Corpus corpus = Corpus.read(Unit.WORD, List.of(ptb("train")), List.of(ptb("valid")));
    System.out.printf("ptb train and valid: %d ms%n", (System.nanoTime() - start) / 1_000_000);
    Text test = Text.read(corpus.vocabulary(), List.of(ptb("test")));
    assertEquals(929_589, corpus.training().length());
    assertEquals(73_760, corpus.validation().length());
    assertEquals(82_430, test.length());
    assertEquals(10_000, corpus.vocabulary().size());
    assertEquals(Replaced.NONE, corpus.validation().replaced());
    assertEquals(Replaced.NONE, test.replaced());
    assertEquals(
        "fcea919f6cf83f35d4d00c6cbf08040d13d4155226340912e2fef9c9c4102cbf",
        corpus.training().sources().getFirst().sha256());
    assertEquals(List.of("the", "<unk>", "<eos>", "N"), corpus.vocabulary().tokens().subList(0, 4));
  }

  @Test
  void pennTreebank_decoded_isTheTextWithSingleBlanks() throws IOException {
    Corpus corpus = Corpus.read(Unit.WORD, List.of(ptb("valid")), List.of(ptb("valid")));
    String expected =
        String.join("\n", Files.readAllLines(ptb("valid")).stream().map(String::strip).toList())
            + "\n";
    assertEquals(expected, corpus.vocabulary().decode(corpus.training().tokens()));
  }

  @Test
  void shakespeare_asCharacters_hasTheKnownCounts() throws IOException {
    Path file = DATA.resolve("tinyshakespeare/input.txt");
    Corpus corpus = Corpus.read(Unit.CHAR, List.of(file));
    assertEquals(66, corpus.vocabulary().size());
    assertEquals(1_003_855, corpus.training().length());
    assertEquals(111_539, corpus.validation().length());
    assertEquals(Replaced.NONE, corpus.validation().replaced());
    String text = Files.readString(file);
    assertEquals(
        text,
        corpus.vocabulary().decode(corpus.training().tokens())
            + corpus.vocabulary().decode(corpus.validation().tokens()));
  }

  @Test
  void shakespeare_asBytes_isItsBytes() throws IOException {
    Path file = DATA.resolve("tinyshakespeare/input.txt");
    int[] expected = Vocabulary.ofBytes().encode(Files.readString(file, StandardCharsets.US_ASCII));
    assertArrayEquals(expected, Text.read(Vocabulary.ofBytes(), List.of(file)).tokens());
  }

  @Test
  void questions_inLatin1_areRefused() {
    Path file = DATA.resolve("trec/TREC.train.txt");
    DataException e =
        assertThrows(DataException.class, () -> Corpus.read(Unit.WORD, List.of(file)));
    assertTrue(e.getMessage().contains("expected UTF-8, got byte 0xF0 at offset"), e.getMessage());
  }

  private static Path ptb(String part) {
    return DATA.resolve("ptb/ptb." + part + ".txt");
  }

  private static Path data() {
    String named = System.getenv("UNFOLD_DATA");
    if (named != null) {
      return Path.of(named);
    }
    Path folder = Path.of("").toAbsolutePath();
    while (folder.getParent() != null && !Files.exists(folder.resolve(".git"))) {
      folder = folder.getParent();
    }
    return folder.resolveSibling("shared").resolve("data");
  }
}
