package dev.unfold.spark;

import dev.unfold.kernels.work.Team;
import dev.unfold.run.job.Attempt;
import dev.unfold.run.job.NamedOptions;
import dev.unfold.run.job.TrainingJob;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.function.FlatMapGroupsFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.types.StructType;
import org.slf4j.event.Level;

/// Trains a model for one key.
///
/// @param kind what is learned
/// @param options of all
/// @param read the columns of the rows
/// @param threads of each
/// @param backend that computes
record EachTask(
    TrainingJob.Kind kind,
    HashMap<String, String> options,
    StructType read,
    int threads,
    String backend)
    implements FlatMapGroupsFunction<Row, Row, Row> {
  @Override
  public Iterator<Row> call(Row key, Iterator<Row> rows) throws IOException {
    Path model = Files.createTempFile("unfold-", ".safetensors");
    try {
      Files.delete(model);
      TrainingJob job =
          new TrainingJob(
              kind, new NamedOptions(options), Rows.copy(kind, read, new Tails(rows, key.size())));
      int code =
          job.run(ModelBytes.kernels(backend), Team.of(threads), model, Optional.empty())
              .train(new TaskReport(TaskContext.get(), Level.DEBUG));
      if (code != 0) {
        // What it has by then is not the model.
        throw new IllegalStateException("training was stopped by a signal, code " + code);
      }
      return List.of(LabelledTexts.with(key, Files.readAllBytes(model), null)).iterator();
    } catch (UncheckedIOException e) {
      throw e.getCause();
    } catch (RuntimeException e) {
      if (!Attempt.isInVain(e)) {
        throw e;
      }
      return List.of(LabelledTexts.with(key, null, Attempt.reason(e))).iterator();
    } finally {
      Files.deleteIfExists(model);
    }
  }

  /// Rows without their first values, the keys.
  private record Tails(Iterator<Row> rows, int keys) implements Iterator<Row> {
    @Override
    public boolean hasNext() {
      return rows.hasNext();
    }

    @Override
    public Row next() {
      Row row = rows.next();
      Object[] values = new Object[row.size() - keys];
      for (int i = 0; i < values.length; i++) {
        values[i] = row.get(keys + i);
      }
      return RowFactory.create(values);
    }
  }
}
