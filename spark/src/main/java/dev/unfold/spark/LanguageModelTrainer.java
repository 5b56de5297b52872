package dev.unfold.spark;

import dev.unfold.run.job.TrainingJob;
import java.util.List;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.StructType;

/// Learns the next token of a text, as `unfold train text` does: a row is a line, and they are one text in the order of
/// the rows, or, with [#lines()], each is a sequence of its own.
public final class LanguageModelTrainer
    extends TrainingEstimator<SequenceLanguageModel, LanguageModelTrainer> {
  private static final long serialVersionUID = 1;

  private final Param<String> text = text("text", "the column of lines");
  private final Param<String> unit = text("unit", "what a token is: char, word or byte");
  private final BooleanParam lines = flag("lines", "each line is a sequence of its own");
  private final Param<String> steps = text("steps", "T, steps of a window");
  private final IntParam embedding = whole("embedding", "width of a token's vector");
  private final IntParam sampled = whole("sampled", "tokens drawn for the softmax");
  private final IntParam minCount = whole("minCount", "how often a word has to occur");
  private final IntParam maxWords = whole("maxWords", "the most frequent words to keep");

  /// One with a name of its own.
  public LanguageModelTrainer() {
    this(Identifiable$.MODULE$.randomUID("languageModelTrainer"));
  }

  /// One that Spark knows by `uid`.
  public LanguageModelTrainer(String uid) {
    super(uid);
    setDefault(text, "value");
  }

  /// The column of lines; `value`, as [org.apache.spark.sql.DataFrameReader#text] has it, if it is not set.
  public Param<String> text() {
    return text;
  }

  /// Sets [#text()].
  public LanguageModelTrainer setText(String value) {
    return with(text, value);
  }

  /// What a token is: `char`, `word` or `byte`.
  public Param<String> unit() {
    return unit;
  }

  /// Sets [#unit()].
  public LanguageModelTrainer setUnit(String value) {
    return with(unit, value);
  }

  /// Whether each line is a sequence of its own.
  public BooleanParam lines() {
    return lines;
  }

  /// Sets [#lines()].
  public LanguageModelTrainer setLines(boolean value) {
    return with(lines, value);
  }

  /// T.
  public Param<String> steps() {
    return steps;
  }

  /// Sets [#steps()].
  public LanguageModelTrainer setSteps(String value) {
    return with(steps, value);
  }

  /// The width of a token's vector.
  public IntParam embedding() {
    return embedding;
  }

  /// Sets [#embedding()].
  public LanguageModelTrainer setEmbedding(int value) {
    return with(embedding, value);
  }

  /// How many tokens are drawn for the softmax; 0 for all.
  public IntParam sampled() {
    return sampled;
  }

  /// Sets [#sampled()].
  public LanguageModelTrainer setSampled(int value) {
    return with(sampled, value);
  }

  /// How often a word has to occur to be known.
  public IntParam minCount() {
    return minCount;
  }

  /// Sets [#minCount()].
  public LanguageModelTrainer setMinCount(int value) {
    return with(minCount, value);
  }

  /// How many words are known, the most frequent.
  public IntParam maxWords() {
    return maxWords;
  }

  /// Sets [#maxWords()].
  public LanguageModelTrainer setMaxWords(int value) {
    return with(maxWords, value);
  }

  @Override
  TrainingJob.Kind kind() {
    return TrainingJob.Kind.TEXT;
  }

  @Override
  void expectColumns(StructType schema) {
    Columns.expect(schema, "text", Columns.Type.TEXT, getOrDefault(text));
  }

  @Override
  List<String> names(StructType schema) {
    return List.of(getOrDefault(text));
  }

  @Override
  SequenceLanguageModel model(byte[] file, StructType schema) {
    SequenceLanguageModel model =
        new SequenceLanguageModel(Identifiable$.MODULE$.randomUID("sequenceLanguageModel"), file);
    return model.setText(getOrDefault(text));
  }

  @Override
  public StructType transformSchema(StructType schema) {
    check(schema);
    return SequenceLanguageModel.with(schema);
  }

  @Override
  public LanguageModelTrainer copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  /// Reads one that was saved.
  public static MLReader<LanguageModelTrainer> read() {
    return new DefaultParamsReader<>();
  }

  /// Reads one that was saved at `path`.
  public static LanguageModelTrainer load(String path) {
    return read().load(path);
  }
}
