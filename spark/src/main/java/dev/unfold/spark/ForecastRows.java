package dev.unfold.spark;

import dev.unfold.data.series.Panel;
import dev.unfold.data.series.Series;
import dev.unfold.data.series.Timeline;
import dev.unfold.data.table.Table;
import dev.unfold.data.table.TableOptions;
import dev.unfold.run.series.Forecast;
import dev.unfold.run.series.Forecaster;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.DataType;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/// Foresees the series of a partition.
///
/// @param model what foresees
/// @param read the columns of the rows
/// @param made the columns of forecasts
/// @param areModern whether times are those of `java.time`, which is a setting of the session
record ForecastRows(ModelBytes model, StructType read, StructType made, boolean areModern)
    implements MapPartitionsFunction<Row, Row> {
  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    if (!rows.hasNext()) {
      return Collections.emptyIterator();
    }
    Forecaster forecaster = model.read(Forecaster.class, Forecaster::of);
    List<String> by = forecaster.spec().columns().by();
    Keys keys = new Keys(rows, by);
    List<Forecast> forecasts;
    Map<List<String>, Timeline> timelines = new HashMap<>();
    try (Table table = Table.of(Rows.copy(read, keys), TableOptions.defaults())) {
      Panel panel = forecaster.panel(List.of(table));
      for (Series series : panel.series()) {
        timelines.put(series.keys(), series.timeline());
      }
      forecasts = forecaster.forecast(panel);
    }
    Map<List<String>, Row> firsts = keys.byText();
    List<Row> all = new ArrayList<>();
    for (Forecast forecast : forecasts) {
      Row key = firsts.get(forecast.keys());
      for (int h = 0; h < forecast.means().length; h++) {
        all.add(row(forecast, h, key, timelines.get(forecast.keys())));
      }
    }
    return all.iterator();
  }

  private Row row(Forecast forecast, int h, Row key, Timeline timeline) {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < key.size(); i++) {
      values.add(key.get(i));
    }
    DataType type = made.apply(ForecastColumns.TIME).dataType();
    values.add(
        type.equals(DataTypes.StringType)
            ? forecast.times().get(h)
            : time(timeline.local(forecast.origin() + (long) h), timeline, type));
    values.add(forecast.target());
    values.add(forecast.means()[h]);
    for (double quantile : forecast.quantiles()[h]) {
      values.add(quantile);
    }
    return RowFactory.create(values.toArray());
  }

  private Object time(LocalDateTime local, Timeline timeline, DataType type) {
    if (type.equals(DataTypes.DateType)) {
      LocalDate date = local.toLocalDate();
      return areModern ? date : java.sql.Date.valueOf(date);
    }
    if (type.equals(DataTypes.TimestampNTZType)) {
      return local;
    }
    Instant instant = local.atZone(timeline.zone().orElse(ZoneOffset.UTC)).toInstant();
    return areModern ? instant : java.sql.Timestamp.from(instant);
  }
}
