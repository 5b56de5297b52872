package dev.unfold.spark;

import java.util.Collections;
import java.util.Iterator;
import org.apache.spark.api.java.function.CoGroupFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.types.StructType;

/// Foresees the rows of a key by its model.
///
/// @param read the columns of the rows
/// @param made the columns of forecasts, without the key
record EachForecast(StructType read, StructType made)
    implements CoGroupFunction<Row, Row, Row, Row> {
  @Override
  public Iterator<Row> call(Row key, Iterator<Row> history, Iterator<Row> models) {
    if (!history.hasNext() || !models.hasNext()) {
      return Collections.emptyIterator();
    }
    byte[] model = models.next().getAs(TrainingEstimator.MODEL);
    Iterator<Row> forecasts = new ForecastRows(ModelBytes.of(model), read, made).call(history);
    return new Iterator<>() {
      @Override
      public boolean hasNext() {
        return forecasts.hasNext();
      }

      @Override
      public Row next() {
        Row forecast = forecasts.next();
        Object[] values = new Object[forecast.size()];
        for (int i = 0; i < values.length; i++) {
          values[i] = forecast.get(i);
        }
        return LabelledTexts.with(key, values);
      }
    };
  }
}
