package dev.unfold.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SequenceTaggerTest {
  private static final StructType SENTENCES =
      new StructType()
          .add("words", DataTypes.createArrayType(DataTypes.StringType))
          .add("tags", DataTypes.createArrayType(DataTypes.StringType));

  private static SparkSession session;

  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    session = LocalSpark.session();
  }

  private static Row sentence(String words, String tags) {
    return RowFactory.create(words.split(" "), tags.split(" "));
  }

  private static Dataset<Row> sentences() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      rows.add(sentence("the dog runs", "DET NOUN VERB"));
      rows.add(sentence("a cat sleeps here", "DET NOUN VERB ADV"));
    }
    return session.createDataFrame(rows, SENTENCES).coalesce(1);
  }

  @Test
  void tagger_ofArrays_addsATagAndAProbabilityForEachWord() throws Exception {
    SequenceTagger tagger =
        new SequenceTagger().setHidden("8").setEmbedding(8).setEpochs(10).setLr(0.02);
    SequenceTaggingModel model = tagger.fit(sentences());
    String path = folder.resolve("model").toString();
    model.write().save(path);
    Dataset<Row> more =
        session
            .createDataFrame(
                List.of(
                    RowFactory.create((Object) "a dog sleeps".split(" ")),
                    RowFactory.create((Object) null)),
                new StructType().add(SENTENCES.apply("words")))
            .coalesce(1);
    List<Row> said = SequenceTaggingModel.load(path).transform(more).collectAsList();
    assertEquals(List.of("DET", "NOUN", "VERB"), said.getFirst().getList(1));
    assertEquals(3, said.getFirst().getList(2).size());
    assertTrue(said.get(1).isNullAt(1), said.toString());
    assertEquals(said, model.transform(more).collectAsList());
  }

  @Test
  void tagger_otherNumberOfTags_isRefusedWithTheSentence() {
    Dataset<Row> rows =
        session.createDataFrame(List.of(sentence("a b", "X Y"), sentence("a b", "X")), SENTENCES);
    Exception e =
        assertThrows(IllegalArgumentException.class, () -> new SequenceTagger().fit(rows));
    assertEquals("rows: sentence 2: expected as many tags as words, 2, got 1", e.getMessage());
  }

  @Test
  void tagger_columnOfTexts_isRefused() {
    StructType schema = new StructType().add("words", "string").add("tags", "array<string>");
    Exception e =
        assertThrows(
            IllegalArgumentException.class, () -> new SequenceTagger().transformSchema(schema));
    assertEquals(
        "words: expected a column of arrays of texts, got words of string", e.getMessage());
  }
}
