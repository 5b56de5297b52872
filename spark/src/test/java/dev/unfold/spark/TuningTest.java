package dev.unfold.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.ml.Pipeline;
import org.apache.spark.ml.PipelineModel;
import org.apache.spark.ml.PipelineStage;
import org.apache.spark.ml.evaluation.BinaryClassificationEvaluator;
import org.apache.spark.ml.evaluation.MulticlassClassificationEvaluator;
import org.apache.spark.ml.feature.StringIndexer;
import org.apache.spark.ml.linalg.Vector;
import org.apache.spark.ml.param.ParamMap;
import org.apache.spark.ml.tuning.CrossValidator;
import org.apache.spark.ml.tuning.CrossValidatorModel;
import org.apache.spark.ml.tuning.ParamGridBuilder;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.functions;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The estimators within Spark's own search for the best parameters, by Spark's own measures.
final class TuningTest {
  private static final StructType TEXTS =
      new StructType()
          .add("body", DataTypes.StringType)
          .add("class", DataTypes.StringType)
          .add("mark", DataTypes.IntegerType);

  @TempDir private Path folder;

  /// Three bad ones for two good ones, so that `bad` is 0 to a StringIndexer.
  private static Dataset<Row> texts() {
    List<Row> rows = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      boolean isGood = i % 5 < 2;
      String word = isGood ? "good" : "bad";
      rows.add(RowFactory.create("it was " + word + " number " + i % 7, word, isGood ? 10 : 9));
    }
    return LocalSpark.session().createDataFrame(rows, TEXTS);
  }

  private static SequenceClassifier classifier() {
    return new SequenceClassifier()
        .setText("body")
        .setLabel("label")
        .setHidden("8")
        .setEmbedding(8)
        .setEpochs(20)
        .setLr(0.02)
        .setDropout("none");
  }

  @Test
  void grid_overAPipeline_findsTheBetterRateAndIsSavedAndLoaded() throws Exception {
    SequenceClassifier classifier = classifier();
    StringIndexer indexer = new StringIndexer().setInputCol("class").setOutputCol("label");
    ParamMap[] grid =
        new ParamGridBuilder().addGrid(classifier.lr(), new double[] {1e-9, 0.02}).build();
    CrossValidatorModel found =
        new CrossValidator()
            .setEstimator(new Pipeline().setStages(new PipelineStage[] {indexer, classifier}))
            .setEvaluator(new MulticlassClassificationEvaluator())
            .setEstimatorParamMaps(grid)
            .setNumFolds(2)
            .setSeed(1)
            .fit(texts());
    assertTrue(
        found.avgMetrics()[1] > 0.99 && found.avgMetrics()[0] < 0.9,
        Arrays.toString(found.avgMetrics()));
    String path = folder.resolve("found").toString();
    found.write().save(path);
    Dataset<Row> said = CrossValidatorModel.load(path).transform(texts());
    assertEquals(DataTypes.DoubleType, said.schema().apply("prediction").dataType());
    assertEquals(
        1.0, new MulticlassClassificationEvaluator().setMetricName("accuracy").evaluate(said));
    assertTrue(
        new MulticlassClassificationEvaluator().setMetricName("logLoss").evaluate(said) < 0.5);
    SequenceClassificationModel model =
        (SequenceClassificationModel) ((PipelineModel) found.bestModel()).stages()[1];
    assertEquals(List.of("0.0", "1.0"), model.classes());
  }

  /// As texts they are in the opposite order.
  @Test
  void probability_ofLabelsThatAreNumbers_isInTheirOrder() {
    SequenceClassificationModel model = classifier().setLabel("mark").fit(texts());
    assertEquals(List.of("9", "10"), model.classes());
    Dataset<Row> said = model.transform(texts());
    Row first = said.first();
    double[] shares = first.<Vector>getAs("probability").toArray();
    assertEquals(10.0, first.<Double>getAs("prediction"));
    assertTrue(shares[1] > 0.5, Arrays.toString(shares));
    assertEquals(1, shares[0] + shares[1], 1e-6);
    double area =
        new BinaryClassificationEvaluator()
            .setLabelCol("good")
            .setRawPredictionCol("probability")
            .evaluate(said.withColumn("good", functions.expr("int(mark = 10)")));
    assertEquals(1.0, area);
    assertEquals(
        classifier().setLabel("mark").transformSchema(TEXTS), said.schema(), "as was foretold");
    assertArrayEquals(
        shares,
        model
            .copy(new ParamMap())
            .transform(texts())
            .first()
            .<Vector>getAs("probability")
            .toArray());
  }
}
