package dev.unfold.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
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
    List<String> lines = new ArrayList<>(List.of(more));
    for (int i = 0; lines.size() < 200 && more.length == 0; i++) {
      lines.add("the cat sat on the mat " + i % 3);
    }
    return session.createDataset(lines, Encoders.STRING()).coalesce(1).toDF();
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
    assertArrayEquals(
        trainer().setEpochs(1).fit(lines()).file(),
        trainer().setEpochs(1).fit(lines().coalesce(1)).file());
  }

  @Test
  void trainer_unitThatIsNone_isRefusedInOneLine() {
    Exception e =
        assertThrows(
            IllegalArgumentException.class, () -> trainer().setUnit("syllable").fit(lines()));
    assertEquals("unit: expected char, word or byte, got syllable", e.getMessage());
  }
}
