package dev.unfold.data.label;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.data.source.DataException;
import dev.unfold.data.table.TableFile;
import dev.unfold.data.table.TableOptions;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LabelFormatTest {
  @TempDir private Path folder;

  private LabelledData read(LabelFormat format, LabelFormat.Labels labels, String text) {
    return read(format, labels, text.getBytes(StandardCharsets.UTF_8), TableOptions.defaults());
  }

  private LabelledData read(
      LabelFormat format, LabelFormat.Labels labels, byte[] bytes, TableOptions options) {
    Path file = folder.resolve("file");
    try {
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    return format.read(List.of(TableFile.of(file)), options, labels);
  }

  private LabelledData read(LabelFormat format, String text) {
    return read(format, LabelFormat.Labels.REQUIRED, text);
  }

  private String refusal(LabelFormat format, String text) {
    String message = assertThrows(DataException.class, () -> read(format, text)).getMessage();
    assertEquals(1, message.lines().count(), message);
    return message.replace(folder.resolve("file").toString(), "file");
  }

  private static final String SERIES =
      """
      # a comment
      @CLASSLABEL true a b

      @Dimensions 2
      @problemName Any
      @DATA
      1,2.5,-3e1:4,?,6:a
      # another
      7:NaN:b
      """;

  @Test
  void series_ofTwoChannels_areReadStepByStep() {
    LabelledData data = read(new SeriesFormat(), SERIES);

    assertEquals(List.of("1", "2"), data.numbers());
    assertEquals(2, data.sequences().size());
    LabelledSequence first = data.sequences().getFirst();
    assertArrayEquals(new double[] {1, 4, 2.5, Double.NaN, -30, 6}, first.numbers());
    assertEquals(List.of("a"), first.labels());
    assertEquals(7, first.place().line());
    assertArrayEquals(new double[] {7, Double.NaN}, data.sequences().getLast().numbers());
    assertEquals(SERIES.length(), data.sources().getFirst().bytes());
  }

  @Test
  void series_withTimeStamps_haveAStepForEachTimeOfAnyChannel() {
    LabelledData data =
        read(
            new SeriesFormat(),
            """
            @timestamps true
            @classLabel true x
            @data
            (0,1),(10,2):(10,5),(2.5,4):x
            (2004-05-01 12:00:00,1),(2004-05-01 13:00:00,?):(2004-05-01 12:00:00,3):x
            """);

    assertArrayEquals(
        new double[] {1, Double.NaN, Double.NaN, 4, 2, 5}, data.sequences().getFirst().numbers());
    assertArrayEquals(
        new double[] {1, 3, Double.NaN, Double.NaN}, data.sequences().getLast().numbers());
  }

  @Test
  void series_withoutClasses_areThoseToBePredicted() {
    String text = "@univariate true\n@classLabel false\n@data\n1,2,3\n";

    assertEquals(
        List.of(),
        read(new SeriesFormat(), LabelFormat.Labels.UNKNOWN, text).sequences().getFirst().labels());
    assertTrue(refusal(new SeriesFormat(), text).contains("line 3: expected @classLabel true"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "@classLabel true a;@data;1,x:a | file: line 3, column 2 of channel 1: expected a finite"
            + " number, or ? for none, got x",
        "@classLabel true a;@data;1,Infinity:a | file: line 3, column 2 of channel 1: expected a"
            + " finite number, or ? for none, got Infinity",
        "@classLabel true a;@data;1,:a | file: line 3, column 2 of channel 1: expected a finite"
            + " number, or ? for none, got ",
        "@classLabel true a;@data;1,2:1:a | file: line 3: expected 2 numbers in channel 2 as in the"
            + " first, got 1",
        "@classLabel true a;@data;1:1:a;2:a | file: line 4: expected 2 channels, got 1",
        "@dimension 2;@classLabel true a;@data;1:a | file: line 4: expected 2 channels, got 1",
        "@classLabel true a;@data;1:c | file: line 3: expected a class of a last, got c",
        "@classLabel true a;@data;a | file: line 3: expected channels before the class, got none",
        "@classLabel maybe;@data;1:a | file: line 2: expected @classlabel true or false, got maybe",
        "@classLabel true a;1:a | file: line 2: expected lines with @ before @data, got 1:a",
        "@classLabel true a | file: expected a line @data, got none",
        "@classLabel true a;@data | file: expected series after @data, got none",
        "@data;@data;1:a | file: line 1: expected @classLabel true and the classes, got no classes",
        "@x;@x | file: line 2: expected @x once, got another",
        "@timestamps true;@classLabel true a;@data;(1,2),3:a | file: line 4, column 2 of channel 1:"
            + " expected (time,number), got 3"
      })
  void series_thatCannotBeUsed_areRefusedWithTheirPlace(String text, String expected) {
    assertEquals(
        expected.strip(), refusal(new SeriesFormat(), text.strip().replace(';', '\n')).strip());
  }

  @Test
  void series_ofManyStampsAndChannels_areRefusedBeforeTheyAreKept() {
    String header = "@timestamps true\n@classLabel true a\n@data\n";
    StringBuilder line = new StringBuilder();
    for (int t = 0; t < 20_000; t++) {
      line.append(t == 0 ? "(" : ",(").append(t).append(",1)");
    }
    line.append(":(0,1)".repeat(19_999)).append(":a\n");

    assertTrue(
        refusal(new SeriesFormat(), header + line)
            .startsWith("file: line 4: expected at most 67,108,864 numbers in a series"));
  }

  @Test
  void lines_withCoarseAndFineLabels_haveThePartBeforeTheSign() {
    byte[] text =
        "DESC:manner How did\u00F0 it ?\r\n\r\nNUM:x 1 2".getBytes(StandardCharsets.ISO_8859_1);
    TableOptions options = TableOptions.defaults().withEncoding(StandardCharsets.ISO_8859_1);
    LabelledData data = read(new LinesFormat(":"), LabelFormat.Labels.REQUIRED, text, options);

    assertEquals(List.of("DESC"), data.sequences().getFirst().labels());
    assertEquals(List.of("How", "did\u00F0", "it", "?"), data.sequences().getFirst().texts());
    assertEquals(List.of("NUM"), data.sequences().getLast().labels());
    assertEquals(3, data.sequences().getLast().place().line());
    assertEquals(
        List.of("DESC:manner"),
        read(new LinesFormat(""), LabelFormat.Labels.REQUIRED, text, options)
            .sequences()
            .getFirst()
            .labels());
    assertEquals(
        List.of("DESC", ":", "manner", "How", "did\u00F0", "it", "?"),
        read(new LinesFormat(":"), LabelFormat.Labels.UNKNOWN, text, options)
            .sequences()
            .getFirst()
            .texts());
    assertTrue(
        assertThrows(
                DataException.class,
                () ->
                    read(
                        new LinesFormat(""),
                        LabelFormat.Labels.REQUIRED,
                        text,
                        TableOptions.defaults()))
            .getMessage()
            .contains("line 1: expected UTF-8, got byte 0xF0"));
    assertEquals(
        "file: line 1: expected a text behind its label, got none",
        refusal(new LinesFormat(""), "A\n"));
  }

  @Test
  void words_ofTexts_areTheSameWhetherOrNotTheyWereParted() {
    assertEquals(
        List.of("don", "'t", "say", "\"", "x1", "\"", "\u6F22", "\u5B57", "!"),
        WordText.words("don't say \"x1\" \u6F22\u5B57!"));
    assertEquals(List.of("don", "'t"), WordText.words("don 't"));
    assertEquals(List.of(), WordText.words(" \t"));
  }

  @Test
  void texts_ofATable_areRowsWithALabel() {
    LabelledData data =
        read(new TextFormat("body", "class"), "class,body\nham,\"one\ntwo\"\nspam,three\n");

    assertEquals(List.of("one", "two"), data.sequences().getFirst().texts());
    assertEquals(List.of("spam"), data.sequences().getLast().labels());
    assertEquals(
        "file: line 2, column class: expected a label, got none",
        refusal(new TextFormat("body", "class"), "class,body\n,one\n"));
    assertTrue(
        refusal(new TextFormat("text", "class"), "class,body\na,one\n")
            .contains("text: expected one of the columns class, body, got text"));
    assertEquals(
        List.of(),
        read(new TextFormat("body", "class"), LabelFormat.Labels.UNKNOWN, "body\none\n")
            .sequences()
            .getFirst()
            .labels());
  }

  private static final String EVENTS =
      """
      user,t,amount,kind,churned
      a,2025-01-02,2,buy,yes
      b,2025-01-01,NA,look,no
      a,2025-01-01,1.5,look,yes
      """;

  @Test
  void events_ofATable_areSequencesInTheOrderOfTheirTimes() {
    LabelledData data = read(EventsFormat.of("user", "t", "churned", List.of()), EVENTS);

    assertEquals(List.of("amount"), data.numbers());
    assertEquals(List.of("kind"), data.texts());
    LabelledSequence first = data.sequences().getFirst();
    assertArrayEquals(new double[] {1.5, 2}, first.numbers());
    assertEquals(List.of("look", "buy"), first.texts());
    assertEquals(List.of("yes"), first.labels());
    assertArrayEquals(new double[] {Double.NaN}, data.sequences().getLast().numbers());

    LabelFormat known = LabelFormat.parse(data.format().described());
    assertEquals(data.format(), known);
    assertEquals(
        List.of("7"),
        read(known, LabelFormat.Labels.UNKNOWN, "t,user,kind,amount\n2025-01-01,a,7,NA\n")
            .sequences()
            .getFirst()
            .texts());
    assertTrue(
        refusal(known, EVENTS.replace("1.5", "much"))
            .contains("column amount: expected numbers, as in training, got text"));
  }

  @Test
  void events_withTwoLabelsOfASequence_areRefused() {
    assertEquals(
        "file: line 4, column churned: expected yes as in line 2, since a sequence has one label,"
            + " got no",
        refusal(
            EventsFormat.of("user", "t", "churned", List.of("kind")),
            EVENTS.replace("look,yes", "look,no")));
    assertTrue(
        assertThrows(
                IllegalArgumentException.class,
                () -> read(EventsFormat.of("user", "kind", "churned", List.of()), EVENTS))
            .getMessage()
            .contains("time: expected a column of times or whole numbers, got text"));
  }

  private static final String CONLLU =
      """
      # sent_id = 1
      1-2\tdon't\t_\t_\t_\t_\t_\t_\t_\t_
      1\tdo\tdo\tAUX\tVB\t_\t0\t_\t_\t_
      2\tn't\tnot\tPART\tRB\t_\t0\t_\t_\t_
      2.1\tgo\tgo\tVERB\tVB\t_\t_\t_\t_\t_

      # sent_id = 2
      1\t#\t#\tSYM\tSYM\t_\t0\t_\t_\t_
      """;

  @Test
  void conllu_hasItsWords_withoutRangesAndEmptyNodes() {
    LabelledData data = read(new TaggedFormat("", ""), CONLLU);

    assertEquals(2, data.sequences().size());
    assertEquals(List.of("do", "n't"), data.sequences().getFirst().texts());
    assertEquals(List.of("AUX", "PART"), data.sequences().getFirst().labels());
    assertEquals(List.of("#"), data.sequences().getLast().texts());
    assertEquals(
        List.of("VB", "RB"),
        read(new TaggedFormat("LEMMA", "XPOS"), CONLLU).sequences().getFirst().labels());
    assertEquals(
        List.of("do", "not"),
        read(new TaggedFormat("LEMMA", "5"), CONLLU).sequences().getFirst().texts());
    assertTrue(
        refusal(new TaggedFormat("", "UPOSS"), CONLLU)
            .contains("expected one of ID, FORM, LEMMA, UPOS"));
  }

  @Test
  void columns_withTabsOrBlanks_withOrWithoutNames_areRead() {
    String plain = "-DOCSTART- O\n\nEU B-ORG\nrejects O\n\n\nPeter B-PER\n";
    LabelledData data = read(new TaggedFormat("", ""), plain);

    assertEquals(List.of("EU", "rejects"), data.sequences().getFirst().texts());
    assertEquals(List.of("B-ORG", "O"), data.sequences().getFirst().labels());
    assertEquals(2, data.sequences().size());
    assertEquals(
        data.sequences().getFirst().texts(),
        read(new TaggedFormat("", "NER"), "WORD\tNER\nEU\tB-ORG\nrejects\tO\n")
            .sequences()
            .getFirst()
            .texts());
    assertEquals(
        List.of("EU", "rejects"),
        read(new TaggedFormat("", "2"), LabelFormat.Labels.UNKNOWN, "EU\nrejects\n")
            .sequences()
            .getFirst()
            .texts());
    assertEquals(
        "file: line 2: expected a tag in column 2, got one column",
        refusal(new TaggedFormat("", ""), "a X\nb\n"));
    assertTrue(
        refusal(new TaggedFormat("", "NER"), "a\tX\n")
            .contains(
                "line 1: expected a number from 1 to 2, since the columns have no names, got NER"));
    assertEquals(
        "file: line 1: expected column within 2 columns, got 3",
        refusal(new TaggedFormat("", "3"), "a X\n"));
  }

  @Test
  void formats_asTexts_comeBack() {
    for (LabelFormat format :
        List.of(
            new SeriesFormat(),
            new LinesFormat(":"),
            new LinesFormat(""),
            new TextFormat("a", "b"),
            new TaggedFormat("", "UPOS"),
            new EventsFormat("u", "", "c", List.of("x", "y, z"), List.of()))) {
      assertEquals(format, LabelFormat.parse(format.described()));
    }
    assertThrows(IllegalArgumentException.class, () -> LabelFormat.parse(java.util.Map.of()));
  }

  @Test
  void split_bySeed_isADrawnPartAndTheRest() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 50; i++) {
      text.append("a w").append(i).append('\n');
    }
    LabelledData data = read(new LinesFormat(""), text.toString());
    List<LabelledData> parts = data.split(0.2, 3);

    assertEquals(40, parts.getFirst().sequences().size());
    assertEquals(10, parts.getLast().sequences().size());
    assertEquals(parts.getLast().sequences(), data.split(0.2, 3).getLast().sequences());
    assertTrue(!parts.getLast().sequences().equals(data.split(0.2, 4).getLast().sequences()));
    assertThrows(IllegalArgumentException.class, () -> data.split(1, 3));
  }
}
