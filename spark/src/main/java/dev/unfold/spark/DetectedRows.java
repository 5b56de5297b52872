package dev.unfold.spark;

import dev.unfold.data.table.RowStream;
import dev.unfold.data.table.Table;
import dev.unfold.data.table.TableOptions;
import dev.unfold.run.series.AlarmRate;
import dev.unfold.run.series.Detection;
import dev.unfold.run.series.Detector;
import dev.unfold.run.series.Forecaster;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;

/// Tells of each row of a partition, which are in the order of series and times, how odd it is.
///
/// @param model that detects
/// @param alarms that are put up with
/// @param read the columns of the rows
/// @param time the column of times
record DetectedRows(ModelBytes model, String alarms, StructType read, String time)
    implements MapPartitionsFunction<Row, Row> {
  @Override
  public Iterator<Row> call(Iterator<Row> rows) {
    Detector detector = detector();
    return new Chunks<>(rows, part -> detected(detector, part));
  }

  /// One to which all series are new.
  Detector detector() {
    return new Detector(model.read(Forecaster.class, Forecaster::of), AlarmRate.parse(alarms));
  }

  /// What is said of rows in the order of their times.
  List<Row> detected(Detector detector, List<Row> rows) {
    List<Detection> said = new ArrayList<>();
    try (RowStream stream =
        RowStream.of(Table.of(Rows.copy(read, rows.iterator()), TableOptions.defaults()))) {
      detector.read(stream, said::add);
    }
    List<String> by = detector.forecaster().spec().columns().by();
    List<Row> made = new ArrayList<>();
    for (int i = 0; i < rows.size(); i++) {
      made.add(row(rows.get(i), said.get(i), by));
    }
    return made;
  }

  private Row row(Row row, Detection said, List<String> by) {
    List<Object> values = new ArrayList<>();
    by.forEach(name -> values.add(row.getAs(name)));
    values.add(row.getAs(time));
    for (Detection.Value value : said.values()) {
      for (double number :
          new double[] {
            value.value(), value.expected(), value.low(), value.high(), value.score()
          }) {
        values.add(orNull(number));
      }
    }
    values.add(orNull(said.score()));
    values.add(said.alarm() ? said.alarms() : 0L);
    return RowFactory.create(values.toArray());
  }

  private static Double orNull(double number) {
    return Double.isNaN(number) ? null : number;
  }
}
