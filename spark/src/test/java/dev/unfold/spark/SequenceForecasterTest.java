package dev.unfold.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Date;
import java.time.LocalDate;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.feature.SQLTransformer;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SequenceForecasterTest {
  private static SparkSession session;
  private static Dataset<Row> sales;
  private static SequenceForecastModel model;

  @TempDir private Path folder;

  @BeforeAll
  static void train() {
    session = LocalSpark.session();
    sales = Sales.of(session, 4, 120);
    model = Sales.forecaster().fit(sales);
  }

  @Test
  void transform_ofSeries_aRowForEachStepWithTypesOfTheColumns() {
    Dataset<Row> forecasts = model.transform(sales);
    assertEquals(model.transformSchema(sales.schema()), forecasts.schema());
    List<Row> rows = forecasts.orderBy("store", "time").collectAsList();
    assertEquals(4 * 7, rows.size());
    Row first = rows.getFirst();
    assertEquals(1, first.<Integer>getAs("store"));
    assertEquals(Date.valueOf("2026-05-01"), first.getAs("time"));
    assertEquals("sales", first.getAs("target"));
    for (Row row : rows) {
      int store = row.getAs("store");
      double mean = row.getAs("mean");
      assertEquals(20 * store, mean, 12, row.toString());
      double low = row.getAs("q0.1");
      double high = row.getAs("q0.9");
      assertTrue(low < high, row.toString());
    }
  }

  @Test
  void transform_inASessionWithTimesOfJavaTime_sameForecastsAtTheSameTimes() {
    List<Row> usual = model.transform(sales).orderBy("store", "time").collectAsList();
    session.conf().set("spark.sql.datetime.java8API.enabled", "true");
    try {
      List<Row> modern = model.transform(sales).orderBy("store", "time").collectAsList();
      assertEquals(LocalDate.of(2026, 5, 1), modern.getFirst().getAs("time"));
      for (int i = 0; i < usual.size(); i++) {
        Date date = usual.get(i).getAs("time");
        assertEquals(date.toLocalDate(), modern.get(i).getAs("time"));
        assertEquals(usual.get(i).<Double>getAs("mean"), modern.get(i).<Double>getAs("mean"));
      }
    } finally {
      session.conf().unset("spark.sql.datetime.java8API.enabled");
    }
  }

  @Test
  void transform_rowsSpreadOtherwise_sameForecasts() {
    List<Row> here = model.transform(sales).orderBy("store", "time").collectAsList();
    List<Row> there =
        model.transform(sales.repartition(5)).orderBy("store", "time").collectAsList();
    assertEquals(here, there);
  }

  @Test
  void fit_sameRowsAndSeed_sameBytes() {
    assertArrayEquals(model.file(), Sales.forecaster().fit(sales).file());
    assertTrue(!Arrays.equals(model.file(), Sales.forecaster().setSeed(2).fit(sales).file()));
  }

  @Test
  void model_savedAndLoaded_sameForecastsInTwoFiles() throws Exception {
    String path = folder.resolve("model").toString();
    model.write().overwrite().save(path);
    assertTrue(Files.isDirectory(Path.of(path, "metadata")));
    SequenceForecastModel loaded = SequenceForecastModel.load(path);
    assertEquals(model.uid(), loaded.uid());
    assertArrayEquals(model.file(), Files.readAllBytes(Path.of(path, "model.safetensors")));
    assertEquals(
        model.transform(sales).orderBy("store", "time").collectAsList(),
        loaded.transform(sales).orderBy("store", "time").collectAsList());
  }

  @Test
  void estimator_savedAndLoaded_sameParameters() throws Exception {
    String path = folder.resolve("estimator").toString();
    SequenceForecaster estimator = Sales.forecaster().setLr(0.01).setScale("linear");
    estimator.write().save(path);
    SequenceForecaster loaded = SequenceForecaster.load(path);
    assertEquals(estimator.place(), loaded.place());
    assertEquals(estimator.options(), loaded.options());
  }

  @Test
  void estimator_inAPipeline_isFittedSavedAndLoaded() throws Exception {
    SQLTransformer positive =
        new SQLTransformer().setStatement("SELECT * FROM __THIS__ WHERE store > 2");
    PipelineModel fitted =
        new Pipeline().setStages(new PipelineStage[] {positive, Sales.forecaster()}).fit(sales);
    String path = folder.resolve("pipeline").toString();
    fitted.write().save(path);
    Dataset<Row> forecasts = PipelineModel.load(path).transform(sales);
    assertEquals(2 * 7, forecasts.count());
    assertEquals(
        fitted.transform(sales).orderBy("store", "time").collectAsList(),
        forecasts.orderBy("store", "time").collectAsList());
  }

  @Test
  void copy_withAnotherParameter_keepsTheOthers() {
    SequenceForecaster estimator = Sales.forecaster();
    SequenceForecaster copied = estimator.copy(new ParamMap().put(estimator.horizon().w(14)));
    assertEquals("14", copied.options().text("horizon", ""));
    assertEquals("8", copied.options().text("hidden", ""));
    assertEquals("7", estimator.options().text("horizon", ""));
  }

  @Test
  void fit_columnThatIsNotThere_isRefusedInOneLine() {
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Sales.forecaster().setTarget("revenue").fit(sales));
    assertEquals(
        "target: expected a column among store, date, sales, name, got revenue", e.getMessage());
  }

  @Test
  void transformSchema_columnOfAnotherType_isRefusedInOneLine() {
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Sales.forecaster().setTarget("name").transformSchema(Sales.SCHEMA));
    assertEquals("target: expected a column of numbers, got name of string", e.getMessage());
    StructType other = new StructType().add("store", "int").add("date", "binary");
    Exception later =
        assertThrows(IllegalArgumentException.class, () -> model.transformSchema(other));
    assertEquals(
        "time: expected a column of dates, timestamps or whole numbers, got date of binary",
        later.getMessage());
  }

  @Test
  void fit_optionThatCannotBe_isRefusedBeforeAnythingRuns() {
    Exception e =
        assertThrows(
            IllegalArgumentException.class, () -> Sales.forecaster().setHorizon(0).fit(sales));
    assertTrue(e.getMessage().startsWith("horizon: expected"), e.getMessage());
    Exception cell =
        assertThrows(
            IllegalArgumentException.class, () -> Sales.forecaster().setCell("lstn").fit(sales));
    assertTrue(cell.getMessage().startsWith("cell: expected"), cell.getMessage());
  }

  @Test
  void fit_moreWorkersThanSlots_isRefusedInOneLine() {
    Exception e =
        assertThrows(
            IllegalArgumentException.class, () -> Sales.forecaster().setWorkers(3).fit(sales));
    assertEquals(
        "workers: expected at most 2, the tasks that can run at once, got 3", e.getMessage());
  }
}
