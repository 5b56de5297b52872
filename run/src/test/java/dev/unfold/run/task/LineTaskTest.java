package dev.unfold.run.task;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.data.source.DataException;
import dev.unfold.data.text.Corpus;
import dev.unfold.data.text.CorpusOptions;
import dev.unfold.data.text.Text;
import dev.unfold.data.text.TextForm;
import dev.unfold.data.text.Unit;
import dev.unfold.data.text.Vocabulary;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.train.Evaluation;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.data.TrainingData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Lines that are sequences of their own.
final class LineTaskTest {
  @TempDir private Path folder;

  private Path write(String name, String text) throws IOException {
    return Files.writeString(folder.resolve(name), text);
  }

  private static Network network(Vocabulary vocabulary) {
    NetworkSpec spec = NetworkSpec.tokens(Cells.gru(), vocabulary.size(), 5, 7);
    return Network.create(spec, Backends.named("scalar", Precision.DOUBLE), 3);
  }

  private Corpus corpus(String training, String validation) throws IOException {
    return Corpus.read(
        List.of(write("t", training)),
        List.of(write("v", validation)),
        CorpusOptions.of(Unit.CHAR).with(TextForm.LINES));
  }

  /// Each line begins from zeros with the end of a line, whatever stands before it.
  @Test
  void evaluation_ofLines_isThatOfEachByItself() throws IOException {
    Corpus corpus = corpus("abc\nde\n\na", "cab\n\ne\n");
    Vocabulary vocabulary = corpus.vocabulary();
    Network network = network(vocabulary);
    double nats = 0;
    long count = 0;
    for (String line : List.of("cab", "", "e")) {
      int[] tokens = vocabulary.encode("\n" + line + "\n");
      int[] read = Arrays.copyOf(tokens, tokens.length - 1);
      Matrix outputs =
          new Runner(network).run(new Inputs.Tokens(read, 0), network.zeroState(1)).outputs();
      for (int t = 0; t < read.length; t++) {
        nats -= Math.log(network.spec().head().prediction(outputs, t)[tokens[t + 1]]);
        count++;
      }
    }

    LineTask task = new LineTask(corpus, 1);
    Evaluation evaluation = task.validator().evaluate(network, Team.of(1));
    assertEquals(count, evaluation.count());
    assertEquals(7, task.validationSize());
    assertEquals(nats, evaluation.sum(), 1e-12 * nats);
    TextModel model = new TextModel(network, vocabulary, TextForm.LINES);
    assertEquals(Math.exp(nats / count), model.perplexity("cab\n\ne"), 1e-9);
  }

  @Test
  void batches_ofAnEpoch_haveEachLineOnce() throws IOException {
    Corpus corpus = corpus("a\nbb\nccc\ndddd\ne\n", "a\n");
    TrainingOptions options = TrainingOptions.defaults().withBatch(2);
    LineTask task = new LineTask(corpus, 5);
    TrainingData data = task.training(options);
    assertEquals(5, task.steps(64));
    assertEquals(5, data.steps());
    assertEquals(3, data.updatesPerEpoch());
    long tokens = 0;
    for (int update = 0; update < 3; update++) {
      assertFalse(data.goesOn(update));
      Batch batch = data.batch(update);
      tokens += batch.losses();
      // The first step of each line reads the end of the one before.
      int[] first = ((Inputs.Tokens) batch.inputs()).tokens();
      assertEquals(corpus.vocabulary().endOfLine().orElseThrow(), first[0]);
    }
    assertEquals(corpus.training().length(), tokens);
    assertEquals(16, tokens);
    assertEquals(3, task.sample(options.withBatch(4)).batch());
  }

  @Test
  void files_withoutALastLineFeed_endTheirLines() throws IOException {
    for (Unit unit : Unit.values()) {
      List<Path> files = List.of(write("a", "x y\nz"), write("b", "x\n\n"));
      Corpus corpus =
          Corpus.read(files, List.of(files.get(1)), CorpusOptions.of(unit).with(TextForm.LINES));
      int end = corpus.vocabulary().endOfLine().orElseThrow();
      List<int[]> lines = corpus.training().lines(end);
      assertEquals(4, lines.size(), unit.name());
      assertEquals(List.of("x y\n", "z\n", "x\n", "\n"), decoded(corpus, lines));
    }
  }

  private static List<String> decoded(Corpus corpus, List<int[]> lines) {
    return lines.stream()
        .map(line -> corpus.vocabulary().decode(Arrays.copyOfRange(line, 1, line.length)))
        .toList();
  }

  @Test
  void lines_drawnToValidateOn_areATenthThatTheSeedSays() throws IOException {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < 205; i++) {
      text.append("line ").append(i).append('\n');
    }
    Path file = write("numbers", text.toString());
    CorpusOptions options = CorpusOptions.of(Unit.WORD).with(TextForm.LINES);
    Corpus first = Corpus.read(List.of(file), options.withSeed(1));
    int end = first.vocabulary().endOfLine().orElseThrow();

    assertEquals(185, first.training().lines(end).size());
    assertEquals(20, first.validation().lines(end).size());
    // No number of a line that validates is known.
    assertEquals(20, first.validation().replaced().count());
    assertEquals(0, first.training().replaced().count());
    Corpus again = Corpus.read(List.of(file), options.withSeed(1));
    assertArrayEquals(first.training().tokens(), again.training().tokens());
    assertEquals(first.vocabulary(), again.vocabulary());
    assertNotEquals(
        first.vocabulary(), Corpus.read(List.of(file), options.withSeed(2)).vocabulary());
    // Not the last ones.
    TreeSet<String> all = new TreeSet<>(first.vocabulary().tokens());
    assertTrue(all.contains("204") || all.contains("203"), all::toString);
    DataException e =
        assertThrows(
            DataException.class, () -> Corpus.read(List.of(write("few", "a\nb\n")), options));
    assertTrue(
        e.getMessage()
            .endsWith("expected at least 10 lines, a tenth of them for validation, got 2"));
  }

  @Test
  void text_ofAModelOfLines_isLinesThatBeginWithThePrompt() throws IOException {
    Vocabulary vocabulary = corpus("abc\nde\n", "a\n").vocabulary();
    TextModel model = new TextModel(network(vocabulary), vocabulary, TextForm.LINES);
    String written = model.generate("de", 60, 1, 4);

    List<String> lines = written.lines().toList();
    assertTrue(lines.size() > 3, written);
    lines.forEach(line -> assertTrue(line.startsWith("de"), written));
    assertEquals(60 + 2 * lines.size(), written.length());
    assertEquals(written, model.generate("de", 60, 1, 4));
    assertThrows(IllegalArgumentException.class, () -> model.generate("a\nb", 5, 1, 1));
  }

  @Test
  void text_withoutTheEndOfALine_isRefused() {
    Text text =
        Text.of(Vocabulary.of(Unit.CHAR, List.of("a", Vocabulary.UNKNOWN_CHARACTER)), "t", "aa");
    Corpus corpus =
        new Corpus(
            Vocabulary.of(Unit.CHAR, List.of("a", Vocabulary.UNKNOWN_CHARACTER)), text, text);
    assertThrows(DataException.class, () -> new LineTask(corpus, 1));
  }
}
