package dev.unfold.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;

/// DataFrames without rows, and those that stream.
final class NoRowsTest {
  private record Case(TrainingEstimator<?, ?> estimator, StructType schema) {}

  private static List<Case> cases() {
    StructType texts = new StructType().add("value", "string").add("class", "string");
    return List.of(
        new Case(Sales.forecaster(), Sales.SCHEMA),
        new Case(new SequenceClassifier().setText("value").setLabel("class"), texts),
        new Case(new SequenceClassifier().setBy("value").setLabel("class"), texts),
        new Case(
            new SequenceTagger(),
            new StructType().add("words", "array<string>").add("tags", "array<string>")),
        new Case(new LanguageModelTrainer(), texts));
  }

  private static Dataset<Row> none(StructType schema) {
    return LocalSpark.session().createDataFrame(List.<Row>of(), schema);
  }

  @Test
  void fit_ofNoRows_isRefusedByAllInTheSameLine() {
    for (Case each : cases()) {
      Exception e =
          assertThrows(
              IllegalArgumentException.class,
              () -> each.estimator().fit(none(each.schema())),
              each.estimator().uid());
      assertEquals("rows: expected one or more, got none", e.getMessage(), each.estimator().uid());
    }
  }

  @Test
  void fit_ofAStream_isRefusedInOneLine() {
    Dataset<Row> stream = LocalSpark.session().readStream().format("rate").load();
    for (Case each : cases()) {
      Exception e =
          assertThrows(IllegalArgumentException.class, () -> each.estimator().fit(stream));
      assertEquals(
          "rows: expected a DataFrame that is there as a whole, got one that streams",
          e.getMessage());
    }
  }

  @Test
  void transform_ofNoRows_isEmpty() {
    SequenceForecastModel model =
        Sales.forecaster().setEpochs(1).fit(Sales.of(LocalSpark.session(), 1, 60));
    assertEquals(0, model.transform(none(Sales.SCHEMA)).count());
    assertEquals(0, Sales.forecaster().setBy().trainEach(none(Sales.SCHEMA), "store").count());
  }
}
