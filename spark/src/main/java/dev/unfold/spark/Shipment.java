package dev.unfold.spark;

import dev.unfold.data.table.RowCopy;
import dev.unfold.run.job.NamedOptions;
import dev.unfold.run.job.TrainingJob;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;

/// A [TrainingJob] as it travels to those who train.
record Shipment(
    TrainingJob.Kind kind,
    HashMap<String, String> options,
    ArrayList<String> columns,
    ArrayList<byte[]> pieces)
    implements Serializable {
  static Shipment of(TrainingJob job) {
    return new Shipment(
        job.kind(),
        new HashMap<>(job.options().said()),
        new ArrayList<>(job.rows().columns()),
        new ArrayList<>(job.rows().pieces()));
  }

  TrainingJob job() {
    return new TrainingJob(
        kind, new NamedOptions(options), new RowCopy(Rows.NAME, List.copyOf(columns), pieces));
  }
}
