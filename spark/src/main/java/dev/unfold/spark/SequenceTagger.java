package dev.unfold.spark;

import dev.unfold.run.job.TrainingJob;
import java.util.List;
import org.apache.spark.ml.param.BooleanParam;
import org.apache.spark.ml.param.DoubleParam;
import org.apache.spark.ml.param.IntParam;
import org.apache.spark.ml.param.Param;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.util.DefaultParamsReader;
import org.apache.spark.ml.util.Identifiable$;
import org.apache.spark.ml.util.MLReader;
import org.apache.spark.sql.types.StructType;

/// Learns the tag of each word of sentences, as `unfold train tags` does: a row is a sentence, with an array of words
/// and another of as many tags.
public final class SequenceTagger extends TrainingEstimator<SequenceTaggingModel, SequenceTagger> {
  private static final long serialVersionUID = 1;

  private final Param<String> words = text("words", "the column of arrays of words");
  private final Param<String> tags = text("tags", "the column of arrays of tags");
  private final BooleanParam chars = flag("chars", "look inside words");
  private final Param<String> decode = text("decode", "crf, constrained, free or auto");
  private final IntParam embedding = whole("embedding", "width of a word's vector");
  private final IntParam minCount = whole("minCount", "how often a word has to occur");
  private final DoubleParam validate = number("validate", "the share to validate on");

  /// One with a name of its own.
  public SequenceTagger() {
    this(Identifiable$.MODULE$.randomUID("sequenceTagger"));
  }

  /// One that Spark knows by `uid`.
  public SequenceTagger(String uid) {
    super(uid);
    setDefault(words, "words");
    setDefault(tags, "tags");
  }

  /// The column of arrays of words.
  public Param<String> words() {
    return words;
  }

  /// Sets [#words()].
  public SequenceTagger setWords(String value) {
    return with(words, value);
  }

  /// The column of arrays of tags.
  public Param<String> tags() {
    return tags;
  }

  /// Sets [#tags()].
  public SequenceTagger setTags(String value) {
    return with(tags, value);
  }

  /// Whether to look inside words.
  public BooleanParam chars() {
    return chars;
  }

  /// Sets [#chars()].
  public SequenceTagger setChars(boolean value) {
    return with(chars, value);
  }

  /// How the tags of a sentence are found.
  public Param<String> decode() {
    return decode;
  }

  /// Sets [#decode()].
  public SequenceTagger setDecode(String value) {
    return with(decode, value);
  }

  /// The width of a word's vector.
  public IntParam embedding() {
    return embedding;
  }

  /// Sets [#embedding()].
  public SequenceTagger setEmbedding(int value) {
    return with(embedding, value);
  }

  /// How often a word has to occur to be known.
  public IntParam minCount() {
    return minCount;
  }

  /// Sets [#minCount()].
  public SequenceTagger setMinCount(int value) {
    return with(minCount, value);
  }

  /// The share of sentences to validate on, drawn by the seed.
  public DoubleParam validate() {
    return validate;
  }

  /// Sets [#validate()].
  public SequenceTagger setValidate(double value) {
    return with(validate, value);
  }

  @Override
  boolean isOfRows(Param<?> param) {
    return param.equals(words) || param.equals(tags);
  }

  @Override
  TrainingJob.Kind kind() {
    return TrainingJob.Kind.TAGS;
  }

  @Override
  void expectColumns(StructType schema) {
    Columns.expect(schema, "words", Columns.Type.WORDS, getOrDefault(words));
    Columns.expect(schema, "tags", Columns.Type.WORDS, getOrDefault(tags));
  }

  @Override
  List<String> names(StructType schema) {
    return List.of(getOrDefault(words), getOrDefault(tags));
  }

  @Override
  SequenceTaggingModel model(byte[] file, StructType schema) {
    SequenceTaggingModel model =
        new SequenceTaggingModel(Identifiable$.MODULE$.randomUID("sequenceTaggingModel"), file);
    return model.setWords(getOrDefault(words));
  }

  @Override
  public StructType transformSchema(StructType schema) {
    check(schema);
    return LabelColumns.ofWords(schema);
  }

  @Override
  public SequenceTagger copy(ParamMap extra) {
    return defaultCopy(extra);
  }

  /// Reads one that was saved.
  public static MLReader<SequenceTagger> read() {
    return new DefaultParamsReader<>();
  }

  /// Reads one that was saved at `path`.
  public static SequenceTagger load(String path) {
    return read().load(path);
  }
}
