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
    byte[] alone = small().fit(sales.where("store = 2").orderBy("date", "sales")).file();
    assertArrayEquals(alone, models.get(1).<byte[]>getAs("model"));
    assertTrue(models.get(3).isNullAt(1), "a store of one day has a model");
    String refusal = models.get(3).getAs("refusal");
    assertEquals(1, refusal.lines().count(), refusal);

    Dataset<Row> trained = small().trainEach(sales.repartition(5), "store");
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
}
