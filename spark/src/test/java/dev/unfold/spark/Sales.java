package dev.unfold.spark;

import java.sql.Date;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/// Sales of some stores with a weekly season.
final class Sales {
  static final StructType SCHEMA =
      new StructType()
          .add("store", DataTypes.IntegerType)
          .add("date", DataTypes.DateType)
          .add("sales", DataTypes.DoubleType)
          .add("name", DataTypes.StringType);

  private Sales() {}

  static List<Row> rows(int stores, int days) {
    List<Row> rows = new ArrayList<>();
    for (int store = 1; store <= stores; store++) {
      SplittableRandom random = new SplittableRandom(store);
      for (int day = 0; day < days; day++) {
        double season = Math.sin(2 * Math.PI * day / 7);
        double sales = 20 * store + 5 * season + random.nextDouble();
        Date date = Date.valueOf(LocalDate.of(2026, 1, 1).plusDays(day));
        rows.add(RowFactory.create(store, date, sales, "store " + store));
      }
    }
    return rows;
  }

  static Dataset<Row> of(SparkSession session, int stores, int days) {
    return session.createDataFrame(rows(stores, days), SCHEMA);
  }

  static SequenceForecaster forecaster() {
    return new SequenceForecaster()
        .setTime("date")
        .setBy("store")
        .setTarget("sales")
        .setHorizon(7)
        .setHidden("8")
        .setEpochs(2);
  }
}
