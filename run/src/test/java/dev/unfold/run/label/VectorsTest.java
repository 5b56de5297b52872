package dev.unfold.run.label;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.label.LabelledSequence;
import dev.unfold.data.label.WordVectors;
import dev.unfold.data.source.DataException;
import dev.unfold.data.table.TableFile;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.train.Budget;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Words that start with vectors which were learned elsewhere.
final class VectorsTest {
  private static final Kernels SCALAR = Backends.named("scalar", Precision.FLOAT);
  private static final int WORDS = 300;

  @TempDir private Path folder;

  private static String kind(int word) {
    return word % 3 == 0 ? "A" : word % 3 == 1 ? "B" : "C";
  }

  /// Words of three kinds, which nothing but their vectors tells.
  private Path vectors(String begin) throws IOException {
    SplittableRandom random = new SplittableRandom(11);
    StringBuilder text = new StringBuilder(begin);
    for (int word = 0; word < WORDS; word++) {
      text.append("w").append(word);
      for (int i = 0; i < 3; i++) {
        text.append(' ').append((i == word % 3 ? 2 : 0) + random.nextDouble(-0.3, 0.3));
      }
      text.append('\n');
    }
    return Files.writeString(folder.resolve("vectors.txt"), text);
  }

  private static LabelledData data(int count, int from, int until, boolean isUpper) {
    SplittableRandom random = new SplittableRandom(count + from);
    List<LabelledSequence> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String[] words = new String[3 + random.nextInt(4)];
      List<String> tags = new ArrayList<>();
      for (int t = 0; t < words.length; t++) {
        int word = random.nextInt(from, until);
        words[t] = isUpper ? "W" + word : "w" + word;
        tags.add(kind(word));
      }
      all.add(LabelledSequence.ofWords(words).withLabels(tags));
    }
    return LabelledData.ofWords(all);
  }

  private static LabelOptions options() {
    LabelOptions usual = LabelOptions.ofTagger();
    return usual
        .with(Cells.gru(), 8, 1)
        .with(usual.training().withBatch(8).withBudget(new Budget.Epochs(8)));
  }

  private static double accuracy(LabelOptions options, LabelledData test) {
    return SequenceTagger.train(data(120, 0, 60, false), data(20, 0, 60, false), options, SCALAR)
        .evaluate(test)
        .score()
        .accuracy();
  }

  @Test
  void wordsThatTrainingHasNot_withVectors_areTagged() throws IOException {
    LabelledData unseen = data(60, 60, WORDS, true);
    WordVectors.File file = WordVectors.File.of(vectors("300 3\n"));
    assertTrue(accuracy(options().with(file), unseen) > 0.95);
    assertTrue(accuracy(options(), unseen) < 0.6);
  }

  @Test
  void vectors_ofWords_areWhatTheNetworkStartsWith() throws IOException {
    Path file = vectors("");
    WordVectors.File few = new WordVectors.File(TableFile.of(file), StandardCharsets.UTF_8, 100);
    LabelledData training = data(20, 150, 160, true);
    LabelTraining all =
        LabelTraining.ofSteps(training, training, options().with(few), Precision.FLOAT);
    NetworkSpec spec = new NetworkSpec(Cells.gru(), all.encoder(), 4, 1, all.head());
    Network network = Network.create(spec, SCALAR, 1);
    all.task().begin(network);
    Category category = all.model(network).labelling().steps().categories().getFirst();
    WordVectors read = few.read(_ -> true);
    Matrix table = network.parameters().matrix("embedding.0.weight");
    assertEquals(3, table.cols());
    for (String word : List.of("w0", "w99", "W155", "w155", "W7")) {
      int row = category.of(word);
      float[] own = read.of(word).orElseThrow();
      assertTrue(row > 0, word);
      assertArrayEquals(
          own,
          new float[] {
            (float) table.get(row, 0), (float) table.get(row, 1), (float) table.get(row, 2)
          },
          word);
    }
    assertEquals(0, category.of("w200"));
    assertEquals(
        category.size(), WordPart.parse("any_case").equals(category.part()) ? table.rows() : 0);
    long sources =
        all.task().trainingFiles().stream()
            .filter(source -> source.name().equals(file.toString()))
            .count();
    assertEquals(1, sources);
  }

  @Test
  void tagger_withVectors_isTheSameAfterItsFile() throws IOException {
    LabelOptions options = options().with(WordVectors.File.of(vectors("")));
    LabelledData training = data(30, 0, 60, false);
    SequenceTagger tagger = SequenceTagger.train(training, training, options, SCALAR);
    Path saved = folder.resolve("t.safetensors");
    tagger.save(saved);
    SequenceTagger read = SequenceTagger.load(saved);
    LabelledSequence words = LabelledSequence.ofWords("W1", "w2", "nothing", "w250");
    assertEquals(tagger.tags(words), read.tags(words));
  }

  @Test
  void file_thatIsNoneOfVectors_isRefusedByItsLine() throws IOException {
    for (String[] each :
        new String[][] {
          {"a 1 2\nb 1\n", "line 2: expected a word and 2 numbers, as before, got b 1"},
          {"a 1 2\nb 1 x\n", "line 2: expected a finite number, got x"},
          {"a 1 2\nb 1 Infinity\n", "line 2: expected a finite number, got Infinity"},
          {"alone\n", "line 1: expected a word and 1 to 16384 numbers, got alone"},
          {"2 3\n", "expected 2 words, as its first line says, got 0"},
          {"3 2\na 1 2\nb 3 4\n", "expected 3 words, as its first line says, got 2"},
          {"2000000000 2000000000\n", "line 1: expected a word and 1 to 16384 numbers"},
          {"", "expected words with vectors, got none"}
        }) {
      Path file = Files.writeString(folder.resolve("v.txt"), each[0]);
      String message =
          assertThrows(DataException.class, () -> WordVectors.File.of(file).read(_ -> true))
              .getMessage();
      assertTrue(message.startsWith(file.toString()) && message.contains(each[1]), message);
    }
    Path file =
        Files.writeString(folder.resolve("v.txt"), "4 2\nnew york 1 2\nA 3 4\nA 5 6\nb 7 8\n");
    WordVectors read = WordVectors.File.of(file).read(_ -> false);
    assertEquals(List.of("new york", "A", "b"), read.words());
    assertArrayEquals(new float[] {3, 4}, read.of("A").orElseThrow());
    assertArrayEquals(new float[] {7, 8}, read.of("B".toUpperCase(Locale.ROOT)).orElseThrow());
    assertTrue(read.of("a").isEmpty());
    assertEquals(2, read.width());
    LabelledData numbers =
        LabelledData.ofEvents(
            List.of(),
            List.of("kind"),
            Arrays.asList(LabelledSequence.ofWords("x").withLabels(List.of("a"))));
    assertThrows(
        IllegalArgumentException.class,
        () ->
            LabelTraining.ofSteps(
                numbers, numbers, options().with(WordVectors.File.of(file)), Precision.FLOAT));
  }
}
