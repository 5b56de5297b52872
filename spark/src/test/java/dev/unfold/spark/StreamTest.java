package dev.unfold.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.streaming.Trigger;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StreamTest {
  private static final StructType SCHEMA =
      new StructType()
          .add("host", DataTypes.StringType)
          .add("time", DataTypes.TimestampType)
          .add("cpu", DataTypes.DoubleType);

  private static SparkSession session;
  private static SequenceDetectionModel model;

  @TempDir private Path folder;

  private static List<Row> rows(int hosts, int from, int until) {
    List<Row> rows = new ArrayList<>();
    for (int t = from; t < until; t++) {
      for (int host = 0; host < hosts; host++) {
        SplittableRandom random = new SplittableRandom(1000L * host + t);
        double cpu = 50 + 10 * Math.sin(2 * Math.PI * t / 24) + random.nextDouble();
        double odd = t == 470 && host == 1 ? 60 : 0;
        rows.add(RowFactory.create("h" + host, time(t), cpu + odd));
      }
    }
    return rows;
  }

  private static Timestamp time(int t) {
    return Timestamp.from(Instant.parse("2026-01-01T00:00:00Z").plusSeconds(3600L * t));
  }

  private static Dataset<Row> frame(List<Row> rows) {
    return session.createDataFrame(rows, SCHEMA);
  }

  @BeforeAll
  static void train() {
    session = LocalSpark.session();
    model =
        new SequenceForecaster()
            .setTime("time")
            .setBy("host")
            .setTarget("cpu")
            .setHorizon(1)
            .setState("carried")
            .setOutput("student")
            .setHidden("8")
            .setEpochs(2)
            .fit(frame(rows(2, 0, 400)))
            .detection("1/month");
  }

  private static List<Row> sorted(Dataset<Row> rows) {
    return rows.orderBy("host", "time").collectAsList();
  }

  @Test
  void transform_rowsSpreadOtherwise_sameScoresAndTheOddOneIsOddest() {
    Dataset<Row> events = frame(rows(2, 400, 500));
    List<Row> said = sorted(model.transform(events));
    assertEquals(200, said.size());
    assertEquals(said, sorted(model.transform(events.repartition(5))));
    Row oddest =
        said.stream()
            // Until then, what a series is like is not known.
            .filter(row -> row.<Timestamp>getAs("time").after(time(455)))
            .min(Comparator.comparingDouble(row -> row.<Double>getAs("score")))
            .orElseThrow();
    assertEquals("h1", oddest.getAs("host"), oddest.toString());
    assertEquals(time(470), oddest.getAs("time"), oddest.toString());
  }

  private void stream(Path in, Path out, Path checkpoint, SequenceDetectionModel how)
      throws Exception {
    how.transform(
            session
                .readStream()
                .schema(SCHEMA)
                .option("maxFilesPerTrigger", 1)
                .parquet(in.toString()))
        .writeStream()
        .trigger(Trigger.AvailableNow())
        .option("checkpointLocation", checkpoint.toString())
        .format("parquet")
        .start(out.toString())
        .awaitTermination();
  }

  private static void add(Path in, int from, int until) {
    frame(rows(2, from, until)).coalesce(1).write().mode("append").parquet(in.toString());
  }

  @Test
  void transform_ofAStreamThatIsStoppedAndStartedAgain_sameScoresAsAtOnce() throws Exception {
    Path in = folder.resolve("in");
    Path out = folder.resolve("out");
    Path checkpoint = folder.resolve("checkpoint");
    add(in, 400, 430);
    stream(in, out, checkpoint, model);
    add(in, 430, 445);
    add(in, 445, 500);
    stream(in, out, checkpoint, model);
    assertEquals(
        sorted(model.transform(frame(rows(2, 400, 500)))),
        sorted(session.read().parquet(out.toString())));
  }

  @Test
  void transform_rowsThatComeLate_areDroppedWhereThatIsAsked() throws Exception {
    Path in = folder.resolve("in");
    Path out = folder.resolve("out");
    Path checkpoint = folder.resolve("checkpoint");
    SequenceDetectionModel dropping = model.copy(new ParamMap());
    dropping.setLate("drop");
    add(in, 410, 430);
    stream(in, out, checkpoint, dropping);
    add(in, 400, 440);
    stream(in, out, checkpoint, dropping);
    assertEquals(
        sorted(model.transform(frame(rows(2, 410, 440)))),
        sorted(session.read().parquet(out.toString())));
  }

  @Test
  void transform_rowsOfTheSameTimeInABatch_areDroppedWhereThatIsAsked() throws Exception {
    Path in = folder.resolve("in");
    Path out = folder.resolve("out");
    SequenceDetectionModel dropping = model.copy(new ParamMap());
    dropping.setLate("drop");
    Dataset<Row> events = frame(rows(2, 410, 430));
    events.union(events).coalesce(1).write().parquet(in.toString());
    stream(in, out, folder.resolve("checkpoint"), dropping);
    assertEquals(sorted(model.transform(events)), sorted(session.read().parquet(out.toString())));
  }

  @Test
  void detection_twiceOfOneModel_areTwoToSpark() {
    SequenceForecastModel one =
        new SequenceForecaster()
            .setTime("time")
            .setBy("host")
            .setTarget("cpu")
            .setHorizon(1)
            .setState("carried")
            .setOutput("student")
            .setHidden("4")
            .setEpochs(1)
            .fit(frame(rows(1, 0, 200)));
    SequenceDetectionModel week = one.detection("1/week");
    SequenceDetectionModel month = one.detection("1/month");
    assertNotEquals(week.uid(), month.uid());
    assertEquals(week.uid(), week.copy(new ParamMap()).uid());
  }

  @Test
  void param_setByAMap_isCheckedAsByItsSetter() {
    SequenceDetectionModel copied = model.copy(new ParamMap().put(model.late().w("keep")));
    Exception e =
        assertThrows(IllegalArgumentException.class, () -> copied.transformSchema(SCHEMA));
    assertEquals("late: expected refuse or drop, got keep", e.getMessage());
    SequenceDetectionModel other = model.copy(new ParamMap().put(model.alarms().w("often")));
    Exception rate =
        assertThrows(IllegalArgumentException.class, () -> other.transformSchema(SCHEMA));
    assertTrue(rate.getMessage().startsWith("alarms: expected"), rate.getMessage());
  }

  @Test
  void detection_ofAModelThatForeseesMany_isRefused() {
    SequenceForecastModel many =
        new SequenceForecaster()
            .setTime("time")
            .setBy("host")
            .setTarget("cpu")
            .setHorizon(3)
            .setHidden("4")
            .setEpochs(1)
            .fit(frame(rows(1, 0, 100)));
    Exception e = assertThrows(IllegalArgumentException.class, () -> many.detection("1/week"));
    assertTrue(
        e.getMessage().startsWith("model: expected one of unfold train series"), e.getMessage());
  }
}
