package dev.unfold.argument;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class ClauseTest {
  private static void assertRefused(String message, Executable reading) {
    assertEquals(message, assertThrows(Refusal.class, reading).getMessage());
  }

  @Test
  void clause_withAHead_givesItsNumbersByName() {
    Clause read = Clause.headed("o", "step , every=1e1,factor = .5");

    assertEquals("step", read.head());
    assertEquals(10, read.whole("every", 1, 3));
    assertEquals(0.5, read.number("factor", 0.1));
    assertEquals(7, read.whole("from", 0, 7));
    assertEquals(0.25, read.number("to", 0.25));
    assertEquals("step,every=1e1,factor=.5", read.text());
  }

  @Test
  void list_givenSeveralTimes_hasAllPartsInOrder() {
    assertEquals("a,b=1,c", Clause.list("o", "X", List.of("a", "b=1,c")).text());
    assertEquals(List.of(), Clause.list("o", "X", List.of()).parts());
    assertArrayEquals(new int[] {3, 1}, Clause.list("o", "X", "3,1").wholes(1));
  }

  @Test
  void sequence_ofPartsThatAreThereTwice_hasAllInOrder() {
    assertEquals("a:1,b:2,a:1", Clause.sequence("o", "X", "a:1, b:2,a:1").text());
    assertRefused(
        "o: expected X between commas, got none in \"a,,b\"",
        () -> Clause.sequence("o", "X", "a,,b"));
    assertRefused("o: expected X, got nothing", () -> Clause.sequence("o", "X", ""));
  }

  @Test
  void list_ofSeveralTextsOfWhichOneIsNone_isRefused() {
    assertRefused("o: expected X, got nothing", () -> Clause.list("o", "X", List.of("a", "")));
    assertRefused(
        "o: expected X between commas, got none in \"a,\"",
        () -> Clause.list("o", "X", List.of("a,", "b")));
    assertRefused(
        "o: expected each once, got another a", () -> Clause.list("o", "X", List.of("a", "a")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          n,          | o: expected NAME=NUMBER after n between commas, got none in "n,"
          n,,a=1      | o: expected NAME=NUMBER after n between commas, got none in "n,,a=1"
          ,a=1        | o: expected a name before the first comma, got none in ",a=1"
          n,a         | o: expected NAME=NUMBER after n, got a
          n,a=        | o: expected NAME=NUMBER after n, got a=
          n,=1        | o: expected NAME=NUMBER after n, got =1
          n,a=1f      | o: expected NAME=NUMBER after n, got a=1f
          n,a=1e400   | o: expected NAME=NUMBER after n, got a=1e400
          n,a=1=2     | o: expected NAME=NUMBER after n, got a=1=2
          n,a=1,a=1   | o: expected each once, got another a=1
          n,b=1       | o: n: expected one of [a], got b
          n,a=1.5     | o: n: expected a whole number of 2 or more for a, got 1.5
          n,a=1       | o: n: expected a whole number of 2 or more for a, got 1
          n,a=3e9     | o: n: expected a whole number of 2 or more for a, got 3e9
          """)
  void clause_thatCannotBeUsed_isRefused(String text, String message) {
    assertRefused(message, () -> Clause.headed("o", text).only("a").whole("a", 2, 2));
  }

  @ParameterizedTest
  @ValueSource(strings = {" n", "n ", "\tn", " ", "n,a=1\n"})
  void clause_withABlankAtAnEnd_isRefused(String text) {
    assertRefused(
        "o: expected no blank at either end, got \"" + text + "\"", () -> Clause.headed("o", text));
  }

  @Test
  void clause_written_leavesOutWhatIsUsual() {
    assertEquals(
        "n,a=2,c=0.5,w",
        Clause.of("n")
            .with("a", 2)
            .withUnusual("b", 1, 1)
            .withUnusual("c", 0.5, 1)
            .with("w")
            .text());
    assertEquals("", Clause.empty().text());
  }

  @ParameterizedTest
  @CsvSource({
    "orthogonal, orthogonal,",
    "0.1, '', 0.1",
    "uniform:1e-1, uniform, 0.1",
    "uniform:, uniform:,",
    "uniform:1f, uniform:1f,",
    ":0.1, :0.1,",
    "a:b:1, a:b:1,"
  })
  void term_parsed_isAWordOrANumberOrBoth(String text, String word, Double number) {
    Term term = Term.parse(text);

    assertEquals(word, term.word());
    assertEquals(number == null, term.number().isEmpty());
    assertEquals(number == null ? 0 : number, term.number().orElse(0));
    assertEquals(term, Term.parse(term.text()));
  }
}
