package dev.unfold.run.task;

import dev.unfold.argument.Refusal;
import dev.unfold.data.source.DataException;
import dev.unfold.data.text.Corpus;
import dev.unfold.data.text.Text;
import dev.unfold.data.text.TextForm;
import dev.unfold.data.text.Vocabulary;
import dev.unfold.kernels.Precision;
import dev.unfold.model.NetworkSpec;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Example;
import dev.unfold.sequence.Inputs;
import dev.unfold.train.DataValidator;
import dev.unfold.train.TrainingMemory;
import dev.unfold.train.TrainingOptions;
import dev.unfold.train.data.SampledClasses;
import dev.unfold.train.data.SequenceData;
import dev.unfold.train.data.TrainingData;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/// The next token of a line: the network reads the end of a line, from a state of zeros, and is to predict the first
/// token, and so on until the end of this one.
///
/// @param seed of the order of lines, and of the samples of classes, if there are any
public record LineTask(Corpus corpus, long seed) implements CorpusTask {
  /// Lines that are evaluated side by side.
  private static final int SIDE_BY_SIDE = 32;

  /// Lines to watch the error flow on, and the steps of each, at most.
  private static final int SAMPLE = 4;

  private static final int SAMPLE_STEPS = 128;

  /// Checks that lines have an end.
  public LineTask {
    end(corpus.vocabulary());
  }

  private static int end(Vocabulary vocabulary) {
    return vocabulary
        .endOfLine()
        .orElseThrow(
            () -> new DataException("vocabulary: expected one with the end of a line, got none"));
  }

  private static List<Example> examples(Text text, Vocabulary vocabulary) {
    return text.lines(end(vocabulary)).stream().map(LineTask::example).toList();
  }

  private static Example example(int[] line) {
    int steps = line.length - 1;
    return Example.ofClasses(
        new Inputs.Tokens(Arrays.copyOf(line, steps), 0), Arrays.copyOfRange(line, 1, line.length));
  }

  /// All lines of `text`, evaluated in their order.
  public static DataValidator validator(Text text, Vocabulary vocabulary) {
    return DataValidator.of(
        new SequenceData(examples(text, vocabulary), SIDE_BY_SIDE, OptionalLong.empty()));
  }

  @Override
  public TextForm form() {
    return TextForm.LINES;
  }

  /// Those of the longest line.
  @Override
  public int steps(int window) {
    return corpus.training().lines(end(corpus.vocabulary())).stream()
        .mapToInt(line -> line.length - 1)
        .max()
        .orElseThrow();
  }

  @Override
  public int batch(TrainingOptions options) {
    return training(options).batch();
  }

  @Override
  public TrainingData training(TrainingOptions options) {
    int classes = head().outputs();
    TrainingData lines =
        new SequenceData(
            examples(corpus.training(), corpus.vocabulary()),
            options.batch(),
            OptionalLong.of(seed));
    return options.sampled() == 0
        ? lines
        : new SampledClasses(
            lines,
            SampledClasses.counts(corpus.training().tokens(), classes),
            options.sampled(),
            seed);
  }

  /// The steps that half of the lines have, up to 128.
  public static int usualSteps(Text text, Vocabulary vocabulary) {
    int[] lengths =
        text.lines(end(vocabulary)).stream().mapToInt(line -> line.length - 1).sorted().toArray();
    return Math.min(lengths[lengths.length / 2], SAMPLE_STEPS);
  }

  /// Batches of the beginnings of all lines that have `steps` steps, in their order.
  ///
  /// @param batch B, fewer if there are not as many lines
  /// @param most batches at most
  public static List<Batch> whole(
      Text text, Vocabulary vocabulary, int steps, int batch, int most) {
    List<Example> beginnings =
        text.lines(end(vocabulary)).stream()
            .filter(line -> line.length > steps)
            .map(line -> example(Arrays.copyOf(line, steps + 1)))
            .toList();
    if (beginnings.isEmpty()) {
      throw new Refusal("steps", "T within the length of a line", steps);
    }
    SequenceData data = new SequenceData(beginnings, batch, OptionalLong.empty());
    return IntStream.range(0, Math.min(most, beginnings.size() / data.batch()))
        .mapToObj(i -> {
          Batch next = data.batch(i);
          return Batch.of(steps, data.batch(), next.inputs(), next.targets());
        })
        .toList();
  }

  @Override
  public Batch sample(TrainingOptions options) {
    int steps = usualSteps(corpus.training(), corpus.vocabulary());
    int batch = Math.min(SAMPLE, options.batch());
    return whole(corpus.training(), corpus.vocabulary(), steps, batch, 1).getFirst();
  }

  @Override
  public DataValidator validator() {
    return validator(corpus.validation(), corpus.vocabulary());
  }

  @Override
  public TrainingMemory memory(NetworkSpec spec, Precision precision, TrainingOptions options) {
    return TrainingMemory.of(spec, precision, options, training(options), validator());
  }
}
