package dev.unfold.run.label;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.label.LabelledSequence;
import dev.unfold.data.source.DataException;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.model.NetworkModel;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Noise;
import dev.unfold.sequence.Inputs;
import dev.unfold.train.Budget;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What holds for all classifiers and taggers.
final class LabelLawsTest {
  private static final long SEED = 20_261_129;
  private static final Kernels SCALAR = Backends.named("scalar", Precision.FLOAT);

  @TempDir private Path folder;

  private static LabelOptions small(LabelOptions options, int epochs) {
    return options
        .with(Cells.lstm(), 5, 1)
        .withEmbedding(6)
        .withLeast(1)
        .with(options.training().withBatch(4).withBudget(new Budget.Epochs(epochs)));
  }

  /// Events of two numbers, of which some are missing, and a text.
  private static LabelledData events(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<LabelledSequence> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int steps = 1 + random.nextInt(9);
      double[] numbers = new double[2 * steps];
      List<String> texts = new ArrayList<>();
      for (int t = 0; t < steps; t++) {
        numbers[2 * t] = random.nextDouble();
        numbers[2 * t + 1] = random.nextInt(4) == 0 ? Double.NaN : random.nextDouble();
        texts.add("kind" + random.nextInt(3));
      }
      LabelledSequence sequence =
          new LabelledSequence(
              LabelledSequence.ofWords("x").place(), steps, numbers, texts, List.of());
      all.add(sequence.withLabels(List.of(numbers[0] < 0.5 ? "low" : "high")));
    }
    return LabelledData.ofEvents(List.of("a", "b"), List.of("kind"), all);
  }

  /// Words whose tag is their last letter.
  private static LabelledData words(int count, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    List<LabelledSequence> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      String[] words = new String[1 + random.nextInt(7)];
      Arrays.setAll(words, _ -> "w" + random.nextInt(40) + "xyz".charAt(random.nextInt(3)));
      List<String> tags =
          Arrays.stream(words).map(word -> word.substring(word.length() - 1)).toList();
      all.add(LabelledSequence.ofWords(words).withLabels(tags));
    }
    return LabelledData.ofWords(all);
  }

  /// The same with the tags of chunks.
  private static LabelledData chunks(int count, long seed) {
    List<LabelledSequence> all = new ArrayList<>();
    for (LabelledSequence sequence : words(count, seed).sequences()) {
      List<String> tags = new ArrayList<>();
      for (String last : sequence.labels()) {
        boolean goesOn = last.equals("y") && !tags.isEmpty() && !tags.getLast().equals("O");
        String other = goesOn ? "I-K" : "O";
        tags.add(last.equals("x") ? "B-K" : other);
      }
      all.add(sequence.withLabels(tags));
    }
    return LabelledData.ofWords(all);
  }

  private static void assertSame(List<LabelPrediction> some, List<LabelPrediction> others) {
    assertEquals(some.size(), others.size());
    for (int i = 0; i < some.size(); i++) {
      assertEquals(some.get(i).labels(), others.get(i).labels());
      for (int t = 0; t < some.get(i).probabilities().size(); t++) {
        assertArrayEquals(
            some.get(i).probabilities().get(t), others.get(i).probabilities().get(t), 0);
      }
    }
  }

  private static void assertCompanionsChangeNothing(LabelModel model, LabelledData data) {
    List<LabelPrediction> together = model.predict(data.sequences());
    List<LabelPrediction> alone = data.sequences().stream().map(model::predict).toList();
    List<LabelledSequence> turned = new ArrayList<>(data.sequences());
    Collections.reverse(turned);
    List<LabelPrediction> reversed = new ArrayList<>(model.predict(turned));
    Collections.reverse(reversed);

    assertSame(alone, together);
    assertSame(reversed, together);
    assertEquals(1, Arrays.stream(together.getFirst().probabilities().getFirst()).sum(), 1e-9);
  }

  @Test
  void companionsAndPadding_changeNoBitOfAPrediction() {
    for (Kernels kernels : List.of(SCALAR, Backends.best(Precision.FLOAT))) {
      LabelledData data = events(40, SEED);
      LabelOptions options = small(LabelOptions.ofClassifier(), 2);
      assertCompanionsChangeNothing(
          LabelTraining.ofSequences(data, data, options, Precision.FLOAT).train(options, kernels),
          events(45, SEED + 1));
      for (Decoding decoding : Decoding.values()) {
        LabelledData tagged = chunks(40, SEED);
        LabelOptions ofTags = small(LabelOptions.ofTagger(), 2).with(decoding);
        assertCompanionsChangeNothing(
            LabelTraining.ofSteps(tagged, tagged, ofTags, Precision.FLOAT).train(ofTags, kernels),
            chunks(45, SEED + 1));
      }
    }
  }

  @Test
  void seed_ofTheSameNumber_givesTheSameModelBitForBit() {
    LabelledData data = words(30, SEED);
    LabelOptions options = small(LabelOptions.ofTagger(), 2).with(LabelOptions.Look.CHARACTERS);
    List<LabelPrediction> first =
        SequenceTagger.train(data, data, options, SCALAR).predict(data.sequences());
    List<LabelPrediction> again =
        SequenceTagger.train(data, data, options, SCALAR).predict(data.sequences());
    List<LabelPrediction> other =
        SequenceTagger.train(data, data, options.withSeed(2), SCALAR).predict(data.sequences());

    assertSame(first, again);
    assertFalse(
        Arrays.equals(
            first.getFirst().probabilities().getFirst(),
            other.getFirst().probabilities().getFirst()));
  }

  @Test
  void model_thatIsSaved_isReadAsItWas() {
    Path file = folder.resolve("model.safetensors");
    LabelledData data = events(30, SEED);
    SequenceClassifier classifier =
        SequenceClassifier.train(data, data, small(LabelOptions.ofClassifier(), 2), SCALAR);
    classifier.save(file);
    SequenceClassifier read = SequenceClassifier.load(file, SCALAR);

    assertEquals(List.of("high", "low"), read.labels());
    assertSame(classifier.predict(data.sequences()), read.predict(data.sequences()));
    assertTrue(
        assertThrows(FormatException.class, () -> SequenceTagger.load(file, SCALAR))
            .getMessage()
            .endsWith("expected a tagger, got a classifier of sequences"));
  }

  @Test
  void tagger_ofWhatWordsEndWith_knowsWordsThatItHasNeverRead() {
    LabelledData training = words(150, SEED);
    LabelOptions options =
        small(LabelOptions.ofTagger(), 15)
            .with(Noise.NONE)
            .withEmbedding(16)
            .with(LabelOptions.Look.CHARACTERS)
            .withLeast(2);
    SequenceTagger tagger = SequenceTagger.train(training, training, options, SCALAR);
    LabelledSequence fresh =
        LabelledSequence.ofWords("never77x", "never78z", "w1y").withLabels(List.of("x", "z", "y"));
    LabelEvaluation evaluation = tagger.evaluate(LabelledData.ofWords(List.of(fresh)));

    assertEquals(1, evaluation.score().accuracy());
    assertEquals(2, evaluation.words().orElseThrow().unknown());
    assertEquals(2, evaluation.words().orElseThrow().unknownRight());
  }

  @Test
  void tags_ofAFieldAndOfConstrainedPaths_areAllowed() {
    LabelledData data = chunks(60, SEED);
    for (Decoding decoding : List.of(Decoding.CRF, Decoding.CONSTRAINED)) {
      LabelOptions options = small(LabelOptions.ofTagger(), 1).with(decoding);
      SequenceTagger tagger = SequenceTagger.train(data, data, options, SCALAR);
      for (LabelPrediction prediction : tagger.predict(chunks(50, SEED + 2).sequences())) {
        String before = "O";
        for (String tag : prediction.labels()) {
          assertFalse(tag.equals("I-K") && before.equals("O"), prediction.labels().toString());
          before = tag;
        }
      }
    }
    assertEquals(Decoding.CRF, Decoding.usual(List.of("B-K", "I-K", "O")));
    assertEquals(Decoding.FREE, Decoding.usual(List.of("NOUN", "O")));
  }

  @Test
  void encoding_comesFromTheTrainingPartAlone() {
    LabelledData training = events(30, SEED);
    List<LabelledSequence> strange = new ArrayList<>();
    for (LabelledSequence sequence : events(20, SEED + 5).sequences()) {
      double[] numbers = Arrays.stream(sequence.numbers()).map(x -> 1000 * x - 7).toArray();
      List<String> texts = Collections.nCopies(sequence.steps(), "strange");
      strange.add(
          new LabelledSequence(
              sequence.place(), sequence.steps(), numbers, texts, List.of("other")));
    }

    assertEquals(
        description(training, events(20, SEED + 1)), description(training, training.with(strange)));
  }

  private static Map<String, String> description(LabelledData training, LabelledData validation) {
    LabelOptions options = LabelOptions.ofClassifier();
    return LabelTraining.ofSequences(training, validation, options, Precision.FLOAT).described();
  }

  @Test
  void number_thatIsMissing_isAZeroBesideAMask() {
    LabelledSequence sequence =
        LabelledSequence.ofNumbers(new double[] {1, 5}, new double[] {3, Double.NaN});
    LabelledData data = LabelledData.ofEvents(List.of("a", "b"), List.of(), List.of(sequence));
    StepEncoding steps = StepEncoding.of(data, List.of(), 1, Optional.empty());
    Matrix read = ((Inputs.Vectors) steps.inputs(sequence, SCALAR.type())).values();

    assertEquals(3, read.cols());
    double[][] expected = {{-1, 0, 1}, {1, 0, 0}};
    for (int t = 0; t < 2; t++) {
      for (int i = 0; i < 3; i++) {
        assertEquals(expected[t][i], read.get(t, i), "step " + t + ", column " + i);
      }
    }
  }

  @Test
  void sequence_ofAnotherForm_isRefused() {
    LabelledData data = words(20, SEED);
    LabelOptions options = small(LabelOptions.ofTagger(), 1);
    SequenceTagger tagger = SequenceTagger.train(data, data, options, SCALAR);

    assertTrue(
        assertThrows(
                DataException.class,
                () -> tagger.tags(LabelledSequence.ofNumbers(new double[] {1})))
            .getMessage()
            .contains("expected 0 numbers and 1 texts at each step, as in training, got 1 and 0"));
    LabelledData others = events(3, SEED);
    assertThrows(
        IllegalArgumentException.class, () -> SequenceTagger.train(data, others, options, SCALAR));
  }

  /// A file may say anything: that is a refusal, and never another exception.
  @Test
  void descriptions_thatAreSpoilt_areRefused() {
    LabelledData data = events(20, SEED);
    LabelOptions options = small(LabelOptions.ofClassifier(), 1);
    LabelModel model =
        LabelTraining.ofSequences(data, data, options, Precision.FLOAT).train(options, SCALAR);
    Map<String, String> good = model.model().description();
    Path file = folder.resolve("m.safetensors");
    ModelFile.save(file, model.model());

    assertEquals(good, ((NetworkModel) ModelFile.load(file, SCALAR)).description());
    for (String key : good.keySet()) {
      for (String text : List.of("", "[1]", "{}", "[\"a\"]", "nothing", "[1e400]", "[[]]")) {
        Map<String, String> spoilt = new HashMap<>(good);
        spoilt.put(key, text);
        NetworkModel other = NetworkModel.of(model.network(), spoilt);
        // Names of columns may be any text.
        boolean isName =
            (key.startsWith("files.") && !key.equals("files.form"))
                || (key.equals("texts") && text.equals("[\"a\"]"));
        if (!isName) {
          assertThrows(FormatException.class, () -> LabelModel.of(file, other), key + " " + text);
        }
      }
    }
  }
}
