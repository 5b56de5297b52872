package dev.unfold.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.sql.Date;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.functions;
import org.junit.jupiter.api.Test;

final class EachTest {
  private static SequenceForecaster small() {
    return new SequenceForecaster()
        .setTime("date")
        .setTarget("sales")
        .setHorizon(7)
        .setHidden("4")
        .setEpochs(1);
  }

  /// Parameters that decay too fast become larger with each update.
  @Test
  void trainEach_whereATrainingDiverges_saysWhyInItsRow() {
    List<Row> models =
        small()
            .setOptimizer("sgd")
            .setLr(9e5)
            .setDecay(0.9)
            .trainEach(Sales.of(LocalSpark.session(), 2, 90), "store")
            .collectAsList();
    assertEquals(2, models.size());
    Exception none =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                SequenceForecastModel.transformEach(
                    LocalSpark.session().createDataFrame(models, models.getFirst().schema()),
                    Sales.of(LocalSpark.session(), 2, 90),
                    "store"));
    assertEquals("models: expected a row with a model, got none", none.getMessage());
    for (Row row : models) {
      String refusal = row.getAs("refusal");
      assertTrue(refusal != null && refusal.contains("expected a finite"), "" + refusal);
    }
  }

  @Test
  void trainEach_byStore_aModelForEachAndALineWhereThereIsNone() {
    SparkSession session = LocalSpark.session();
    List<Row> rows = new ArrayList<>(Sales.rows(3, 90));
    rows.add(RowFactory.create(4, Date.valueOf("2026-01-01"), 1.0, "store 4"));
    Dataset<Row> sales = session.createDataFrame(rows, Sales.SCHEMA);
    List<Row> models = small().trainEach(sales, "store").orderBy("store").collectAsList();
    assertEquals(4, models.size());
    byte[] alone = small().fit(sales.where("store = 2")).file();
    assertArrayEquals(alone, models.get(1).<byte[]>getAs("model"));
    assertTrue(models.get(3).isNullAt(1), "a store of one day has a model");
    String refusal = models.get(3).getAs("refusal");
    assertEquals(1, refusal.lines().count(), refusal);

    Dataset<Row> trained = small().trainEach(sales.repartition(5), "store").cache();
    assertArrayEquals(
        alone, trained.where("store = 2").first().<byte[]>getAs("model"), "spread otherwise");
    List<Row> forecasts =
        SequenceForecastModel.transformEach(
                trained.where("store < 4"), sales.where("store < 4"), "store")
            .orderBy("store", "time")
            .collectAsList();
    assertEquals(3 * 7, forecasts.size());
    List<Row> own =
        new SequenceForecastModel("own", alone)
            .transform(sales.where("store = 2"))
            .orderBy("time")
            .collectAsList();
    for (int h = 0; h < 7; h++) {
      assertEquals(2, forecasts.get(7 + h).<Integer>getAs("store"));
      assertEquals(own.get(h).<Double>getAs("mean"), forecasts.get(7 + h).<Double>getAs("mean"), 0);
    }
  }

  @Test
  void trainEach_ofRowsWhoseOrderIsAllThatIsKnown_keepsIt() {
    Dataset<Row> sales = Sales.of(LocalSpark.session(), 2, 60).drop("date");
    SequenceForecaster steps =
        new SequenceForecaster()
            .setFrequency("none")
            .setTarget("sales")
            .setHorizon(3)
            .setHidden("4")
            .setEpochs(1);
    List<Row> models = steps.trainEach(sales, "store").orderBy("store").collectAsList();
    for (int store = 1; store <= 2; store++) {
      assertArrayEquals(
          steps.fit(sales.where("store = " + store)).file(),
          models.get(store - 1).<byte[]>getAs("model"));
    }
    Dataset<Row> each = LocalSpark.session().createDataFrame(models, models.getFirst().schema());
    List<Row> forecasts =
        SequenceForecastModel.transformEach(each, sales, "store")
            .orderBy("store", "time")
            .collectAsList();
    List<Row> own =
        new SequenceForecastModel("own", models.getFirst().<byte[]>getAs("model"))
            .transform(sales.where("store = 1"))
            .orderBy("time")
            .collectAsList();
    assertEquals(own.getFirst().<Double>getAs("mean"), forecasts.getFirst().<Double>getAs("mean"));
  }

  @Test
  void transformEach_keysThatCannotBeForeseen_sayWhyInTheirRows() {
    SparkSession session = LocalSpark.session();
    List<Row> rows = new ArrayList<>(Sales.rows(4, 90));
    Dataset<Row> models =
        small()
            .trainEach(session.createDataFrame(rows.subList(0, 271), Sales.SCHEMA), "store")
            .cache();
    List<Row> history = new ArrayList<>(rows.subList(0, 90));
    history.add(RowFactory.create(2, Date.valueOf("2026-04-01"), null, "store 2"));
    history.add(rows.get(270));
    history.add(RowFactory.create(5, Date.valueOf("2026-04-01"), 1.0, "store 5"));
    Dataset<Row> said =
        SequenceForecastModel.transformEach(
            models,
            session
                .createDataFrame(history, Sales.SCHEMA)
                .withColumn("more", functions.array(functions.lit(1))),
            "store");
    assertEquals(List.of("store", "time", "target", "mean"), List.of(said.columns()).subList(0, 4));
    List<Row> all = said.orderBy("store", "time").collectAsList();
    assertEquals(7 + 3, all.size(), all.toString());
    assertTrue(all.getFirst().isNullAt(all.getFirst().fieldIndex("refusal")), all.toString());
    Row shortOne = all.get(7);
    assertEquals(2, shortOne.<Integer>getAs("store"));
    assertEquals("expected values to go on from, got none", shortOne.getAs("refusal"));
    assertTrue(shortOne.isNullAt(1) && shortOne.isNullAt(3), shortOne.toString());
    String untrained = models.where("store = 4").first().getAs("refusal");
    assertEquals(untrained, all.get(8).getAs("refusal"));
    assertEquals("models: expected one for this key, got none", all.get(9).getAs("refusal"));
  }

  @Test
  void keys_thatCannotBe_areRefusedBeforeAnythingRuns() {
    Dataset<Row> sales = Sales.of(LocalSpark.session(), 1, 30);
    for (String name : List.of("model", "refusal", "time", "target", "mean", "q0.1", "Model")) {
      Exception e =
          assertThrows(
              IllegalArgumentException.class,
              () -> small().trainEach(sales.withColumnRenamed("store", name), name));
      assertTrue(
          e.getMessage()
              .startsWith("keys: expected columns of other names than model, refusal, time"),
          e.getMessage());
    }
    assertEquals(
        "keys: expected a column or more, got none",
        assertThrows(IllegalArgumentException.class, () -> small().trainEach(sales)).getMessage());
    assertEquals(
        "keys: expected each column once, got store, store",
        assertThrows(
                IllegalArgumentException.class, () -> small().trainEach(sales, "store", "store"))
            .getMessage());
    assertEquals(
        "keys: expected columns that the training does not read, got store",
        assertThrows(
                IllegalArgumentException.class,
                () -> small().setBy("store").trainEach(sales, "store"))
            .getMessage());
  }

  /// Spark would put all into one task: they are few bytes, and it does not know how long each takes.
  @Test
  void keys_ofFewBytes_areSpreadOverAllTasks() {
    Dataset<Row> sales = Sales.of(LocalSpark.session(), 9, 60);
    Dataset<Row> models = small().trainEach(sales, "store").cache();
    assertEquals(3, models.rdd().getNumPartitions());
    Exception other =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                SequenceForecastModel.transformEach(
                    models, sales.withColumn("store", functions.expr("string(store)")), "store"));
    assertEquals(
        "keys: expected store of int, as that of the models, got string", other.getMessage());
    assertEquals(
        3, SequenceForecastModel.transformEach(models, sales, "store").rdd().getNumPartitions());
    assertEquals(
        3, Sales.forecaster().setEpochs(1).fit(sales).transform(sales).rdd().getNumPartitions());
  }
}
