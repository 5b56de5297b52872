package dev.unfold.run.task;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.data.source.DataException;
import dev.unfold.data.text.Corpus;
import dev.unfold.data.text.Text;
import dev.unfold.data.text.TextForm;
import dev.unfold.data.text.Unit;
import dev.unfold.data.text.Vocabulary;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.task.TextLearning.Options;
import dev.unfold.run.task.TextLearning.Outcome;
import dev.unfold.run.task.TextLearning.Rule;
import dev.unfold.run.task.TextLearning.Texts;
import dev.unfold.train.Evaluation;
import dev.unfold.train.dynamic.DynamicEvaluation;
import dev.unfold.train.dynamic.DynamicRule;
import dev.unfold.train.dynamic.GradientScale;
import dev.unfold.train.dynamic.Learned;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

final class TextLearningTest {
  private static final String LINE = "to be or not to be, that is the question\n";

  private final Vocabulary vocabulary = Corpus.of(Unit.CHAR, "text", LINE.repeat(2)).vocabulary();
  private final Network network =
      Network.create(
          NetworkSpec.tokens(Cells.gru(), vocabulary.size(), 5, 7),
          Backends.named("scalar", Precision.DOUBLE),
          3);
  private final Team team = Team.of(1);

  private Text text(String content) {
    return Text.of(vocabulary, "text", content);
  }

  private Outcome run(TextForm form, Options options, Texts texts) {
    return new TextLearning(new TextModel(network, vocabulary, form), options, team).run(texts);
  }

  private static Options options(Rule rule, OptionalDouble rate, OptionalDouble decay) {
    return new Options(rule, rate, decay, Learned.ALL, 20, false);
  }

  private static Options free(Rule rule) {
    return options(rule, OptionalDouble.empty(), OptionalDouble.empty());
  }

  private static Texts data(Text data) {
    return new Texts(data, Optional.empty(), Optional.empty());
  }

  @Test
  void data_ofAStream_isHalvedAndTheSecondHalfTold() {
    Text data = text(LINE.repeat(8));
    Outcome outcome = run(TextForm.STREAM, free(Rule.SGD), data(data));

    assertTrue(outcome.isOfSecondHalf());
    int half = data.length() / 2;
    List<int[]> second = List.of(Arrays.copyOfRange(data.tokens(), half, data.length()));
    Evaluation own =
        new DynamicEvaluation(network, outcome.rule(), Learned.ALL, 20, team).evaluate(second);
    assertEquals(own, outcome.learning().evaluation());
    assertEquals(
        DynamicEvaluation.unchanged(network, second, 20, team), outcome.unchanged().evaluation());
    assertTrue(own.mean() < outcome.unchanged().evaluation().mean());
    List<int[]> first = List.of(Arrays.copyOf(data.tokens(), half));
    assertEquals(
        new DynamicEvaluation(network, outcome.rule(), Learned.ALL, 20, team)
            .evaluate(first)
            .mean(),
        outcome.tried().stream().mapToDouble(each -> each.loss()).min().orElseThrow(),
        0);
  }

  @Test
  void data_ofLines_areHalvedByLines() {
    Outcome outcome =
        run(
            TextForm.LINES,
            free(Rule.RMS),
            data(text("to be\nor not\nto be\nor\nor not\nto be\n")));

    assertTrue(outcome.isOfSecondHalf());
    // "or", "or not" and "to be", with their ends.
    assertEquals(3 + 7 + 6, outcome.learning().evaluation().count());
    assertTrue(outcome.rule() instanceof DynamicRule.Rms);
  }

  @Test
  void data_withATuningText_areToldWhole() {
    Text data = text(LINE.repeat(2));
    Texts texts = new Texts(data, Optional.of(text(LINE.repeat(3))), Optional.empty());
    Outcome outcome = run(TextForm.STREAM, free(Rule.RMS), texts);

    assertFalse(outcome.isOfSecondHalf());
    assertEquals(data.length() - 1, outcome.learning().evaluation().count());
    assertTrue(outcome.tried().size() > 2);
  }

  /// Gradients are measured on one half of the text to choose on, and rates chosen on the other.
  @Test
  void rates_ofRms_areNotChosenWhereGradientsAreMeasured() {
    Text tuning = text(LINE.repeat(4));
    Texts texts = new Texts(text(LINE), Optional.of(tuning), Optional.empty());
    Outcome outcome = run(TextForm.STREAM, free(Rule.RMS), texts);

    int half = tuning.length() / 2;
    GradientScale scale =
        GradientScale.of(network, List.of(Arrays.copyOf(tuning.tokens(), half)), 20, team);
    DynamicRule rule = new DynamicRule.Rms(outcome.rule().rate(), outcome.rule().decay(), scale);
    List<int[]> second = List.of(Arrays.copyOfRange(tuning.tokens(), half, tuning.length()));
    assertEquals(
        new DynamicEvaluation(network, rule, Learned.ALL, 20, team).evaluate(second).mean(),
        outcome.tried().stream().mapToDouble(each -> each.loss()).min().orElseThrow(),
        0);
  }

  @Test
  void numbers_thatAreGiven_areTaken() {
    Text data = text(LINE.repeat(2));
    Options given = options(Rule.SGD, OptionalDouble.of(0.3), OptionalDouble.of(0.1));
    Outcome outcome = run(TextForm.STREAM, given, data(data));
    assertEquals(new DynamicRule.Sgd(0.3, 0.1), outcome.rule());
    assertEquals(List.of(), outcome.tried());
    assertFalse(outcome.isOfSecondHalf());

    // Of rms the size of gradients is still to be found, on half of the data or on a training text.
    Options rms = options(Rule.RMS, OptionalDouble.of(0.01), OptionalDouble.of(0));
    assertTrue(run(TextForm.STREAM, rms, data(data)).isOfSecondHalf());
    Texts trained = new Texts(data, Optional.empty(), Optional.of(text(LINE)));
    Outcome whole = run(TextForm.STREAM, rms, trained);
    assertFalse(whole.isOfSecondHalf());
    assertEquals(0.01, whole.rule().rate(), 0);
  }

  @Test
  void segment_longerThanTheText_isAsLongAsThat() {
    Options endless =
        new Options(
            Rule.SGD,
            OptionalDouble.of(0.3),
            OptionalDouble.empty(),
            Learned.READOUT,
            Integer.MAX_VALUE,
            false);
    Outcome outcome = run(TextForm.STREAM, endless, data(text(LINE)));

    // One segment: what is learned from it comes too late.
    assertEquals(
        outcome.unchanged().evaluation().sum(), outcome.learning().evaluation().sum(), 1e-12);
  }

  @Test
  void data_tooShortToBeHalved_areRefused() {
    assertEquals(
        "text: expected 4 tokens or more, half of them to choose on, got 3",
        assertThrows(
                DataException.class, () -> run(TextForm.STREAM, free(Rule.SGD), data(text("to "))))
            .getMessage());
    assertEquals(
        "text: expected 2 lines or more, half of them to choose on, got 1",
        assertThrows(
                DataException.class, () -> run(TextForm.LINES, free(Rule.SGD), data(text("to be"))))
            .getMessage());
  }
}
