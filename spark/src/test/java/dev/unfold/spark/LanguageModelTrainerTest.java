package dev.unfold.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class LanguageModelTrainerTest {
  private static SparkSession session;

  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    session = LocalSpark.session();
  }

  private static Dataset<Row> lines(String... more) {
    return lines(1, more);
  }

  /// In as many partitions as `parts`.
  private static Dataset<Row> lines(int parts, String... more) {
    List<String> lines = new ArrayList<>(List.of(more));
    for (int i = 0; lines.size() < 200 && more.length == 0; i++) {
      lines.add("the cat sat on the mat " + i % 3);
    }
    JavaSparkContext context = JavaSparkContext.fromSparkContext(session.sparkContext());
    return session.createDataset(context.parallelize(lines, parts).rdd(), Encoders.STRING()).toDF();
  }

  private static LanguageModelTrainer trainer() {
    return new LanguageModelTrainer()
        .setCell("gru")
        .setHidden("16")
        .setEmbedding(8)
        .setBatch(4)
        .setSteps("16")
        .setEpochs(8);
  }

  @Test
  void trainer_ofAStream_modelForeseesWhatItReadAndWrites() throws Exception {
    SequenceLanguageModel model = trainer().fit(lines());
    String path = folder.resolve("model").toString();
    model.write().save(path);
    SequenceLanguageModel loaded = SequenceLanguageModel.load(path);
    List<Row> said = loaded.transform(lines("the cat sat on", "zz", "")).collectAsList();
    double like = said.getFirst().getAs("loss");
    assertTrue(like < 1, "" + like);
    assertEquals(13L, said.getFirst().<Long>getAs("tokens"));
    assertTrue(said.get(2).isNullAt(1) && said.get(2).isNullAt(2), said.toString());
    assertEquals(10, loaded.model().generate("the", 10, 0.5, 1).length());
  }

  @Test
  void trainer_ofLinesAsWords_eachLineIsForItself() {
    SequenceLanguageModel model =
        new LanguageModelTrainer()
            .setUnit("word")
            .setLines(true)
            .setHidden("8")
            .setEpochs(2)
            .fit(lines());
    Row said = model.transform(lines("the cat sat")).first();
    assertEquals(4L, said.<Long>getAs("tokens"));
  }

  @Test
  void trainer_sameRowsInOtherPartitions_sameBytes() {
    Dataset<Row> spread = lines(7);
    assertEquals(7, spread.rdd().getNumPartitions());
    assertArrayEquals(
        trainer().setEpochs(1).fit(lines()).file(), trainer().setEpochs(1).fit(spread).file());
  }

  @Test
  void transformSchema_columnThatIsAdded_isRefusedByTrainerAndModel() {
    SequenceLanguageModel model = trainer().setEpochs(1).fit(lines());
    for (String name : List.of("loss", "tokens", "Loss")) {
      StructType schema = new StructType().add("value", "string").add(name, "double");
      for (PipelineStage stage : List.of(trainer(), model)) {
        Exception e =
            assertThrows(
                IllegalArgumentException.class, () -> stage.transformSchema(schema), stage.uid());
        assertEquals(
            "columns: expected none named %s, which the model adds, got one"
                .formatted(name.toLowerCase(Locale.ROOT)),
            e.getMessage());
      }
    }
    StructType other = new StructType().add("value", "string").add("lost", "double");
    assertEquals(model.transformSchema(other), trainer().transformSchema(other));
  }

  @Test
  void trainer_unitThatIsNone_isRefusedInOneLine() {
    Exception e =
        assertThrows(
            IllegalArgumentException.class, () -> trainer().setUnit("syllable").fit(lines()));
    assertEquals("unit: expected char, word or byte, got syllable", e.getMessage());
  }
}
