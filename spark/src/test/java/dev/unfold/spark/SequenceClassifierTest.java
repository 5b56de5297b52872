package dev.unfold.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.sql.Timestamp;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SequenceClassifierTest {
  private static final StructType TEXTS =
      new StructType().add("body", DataTypes.StringType).add("class", DataTypes.StringType);
  private static final StructType EVENTS =
      new StructType()
          .add("user", DataTypes.LongType)
          .add("t", DataTypes.TimestampType)
          .add("amount", DataTypes.DoubleType)
          .add("kind", DataTypes.StringType)
          .add("churned", DataTypes.BooleanType);

  private static SparkSession session;

  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    session = LocalSpark.session();
  }

  private static Dataset<Row> texts() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      boolean isGood = i % 2 == 0;
      rows.add(
          RowFactory.create(
              "it was " + (isGood ? "good" : "bad") + " number " + i % 7, isGood ? "yes" : "no"));
    }
    return session.createDataFrame(rows, TEXTS);
  }

  /// Users whose amounts fall are those who leave.
  private static Dataset<Row> events() {
    List<Row> rows = new ArrayList<>();
    for (long user = 1; user <= 60; user++) {
      for (int t = 0; t < 5; t++) {
        boolean isLeaving = user % 3 == 0;
        rows.add(
            RowFactory.create(
                user,
                new Timestamp(1_000_000L * t),
                isLeaving ? 10.0 - 2 * t : 1.0 + 2 * t,
                t % 2 == 0 ? "visit" : "sale",
                isLeaving));
      }
    }
    return session.createDataFrame(rows, EVENTS);
  }

  private static SequenceClassifier small() {
    return new SequenceClassifier()
        .setHidden("8")
        .setEmbedding(8)
        .setEpochs(20)
        .setLr(0.02)
        .setDropout("none");
  }

  @Test
  void classifier_ofTexts_addsLabelsToRowsAndNullWhereNoTextIs() throws Exception {
    SequenceClassificationModel model = small().setText("body").setLabel("class").fit(texts());
    String path = folder.resolve("model").toString();
    model.write().save(path);
    SequenceClassificationModel loaded = SequenceClassificationModel.load(path);
    Dataset<Row> more =
        session
            .createDataFrame(
                List.of(
                    RowFactory.create("good", "a"),
                    RowFactory.create(null, "b"),
                    RowFactory.create("so bad", "c")),
                TEXTS)
            .coalesce(1);
    List<Row> said = loaded.transform(more).collectAsList();
    assertEquals("[body, class, prediction, probability]", names(said.getFirst()));
    assertEquals("yes", said.get(0).getAs("prediction"));
    assertEquals("no", said.get(2).getAs("prediction"));
    assertTrue(said.get(1).isNullAt(2) && said.get(1).isNullAt(3), said.toString());
    double[] shares = said.getFirst().<Vector>getAs("probability").toArray();
    assertTrue(shares[loaded.classes().indexOf("yes")] > 0.5, Arrays.toString(shares));
    assertEquals(1, shares[0] + shares[1], 1e-6);
    assertEquals(said, model.transform(more).collectAsList());
  }

  private static String names(Row row) {
    return List.of(row.schema().fieldNames()).toString();
  }

  @Test
  void classifier_ofEvents_aRowForEachSequenceHoweverTheyAreSpread() {
    SequenceClassifier classifier =
        small().setBy("user").setTime("t").setLabel("churned").setFeatures("amount", "kind");
    SequenceClassificationModel model = classifier.fit(events());
    Dataset<Row> history = events().drop("churned");
    List<Row> said = model.transform(history).orderBy("user").collectAsList();
    assertEquals(60, said.size());
    for (Row row : said) {
      boolean isLeaving = row.<Long>getAs("user") % 3 == 0;
      assertEquals("" + isLeaving, row.getAs("prediction"), row.toString());
    }
    assertEquals(said, model.transform(history.repartition(7)).orderBy("user").collectAsList());
    assertEquals(model.transformSchema(history.schema()), said.getFirst().schema());
  }

  @Test
  void classifier_withoutColumns_isRefusedInOneLine() {
    Exception e =
        assertThrows(IllegalArgumentException.class, () -> small().setLabel("class").fit(texts()));
    assertEquals("text: expected either text or by, got none", e.getMessage());
    Exception label =
        assertThrows(
            IllegalArgumentException.class,
            () -> small().setText("body").setLabel("tag").fit(texts()));
    assertEquals("label: expected a column among body, class, got tag", label.getMessage());
  }

  @Test
  void predictionType_thatLabelsAreNot_isRefused() {
    SequenceClassificationModel model =
        small().setEpochs(1).setText("body").setLabel("class").fit(texts());
    assertEquals("string", model.getOrDefault(model.predictionType()));
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () -> model.setPredictionType("double").transformSchema(TEXTS));
    assertEquals("predictionType: expected string for labels of text, got yes", e.getMessage());
    Exception other =
        assertThrows(
            IllegalArgumentException.class,
            () -> model.setPredictionType("int").transformSchema(TEXTS));
    assertEquals("predictionType: expected string or double, got int", other.getMessage());
  }

  @Test
  void classifier_ofOneLabelAlone_isRefusedOnceAndNotTriedAgain() {
    Dataset<Row> rows = texts().where("class = 'yes'");
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () -> small().setText("body").setLabel("class").fit(rows));
    assertTrue(e.getMessage().startsWith("label: expected two different labels"), e.getMessage());
  }
}
