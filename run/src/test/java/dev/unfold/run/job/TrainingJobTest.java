package dev.unfold.run.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.argument.Refusal;
import dev.unfold.data.source.DataException;
import dev.unfold.data.table.RowCopy;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.run.TrainingRun;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TrainingJobTest {
  @TempDir private Path folder;

  private static RowCopy lines() {
    return RowCopy.of(
        "rows",
        sink -> {
          sink.columns(List.of("value"));
          for (int i = 0; i < 100; i++) {
            sink.text("so it goes " + i % 5);
            sink.end();
          }
        });
  }

  private TrainingRun run(TrainingJob.Kind kind, Map<String, String> options) {
    return new TrainingJob(kind, new NamedOptions(options), lines())
        .run(
            Backends.best(Precision.FLOAT),
            Team.of(1),
            folder.resolve("model.safetensors"),
            Optional.empty());
  }

  @Test
  void run_ofText_isWhatTheOptionsSay() {
    TrainingRun run =
        run(
            TrainingJob.Kind.TEXT,
            Map.of(
                "cell", "gru", "hidden", "12", "layers", "2", "steps", "8", "batch", "3", "lr",
                "0.01", "epochs", "2", "blocks", "2", "seed", "7"));
    assertEquals("gru", run.network().spec().cell().name());
    assertEquals(12, run.network().spec().hidden());
    assertEquals(2, run.network().spec().layers());
    assertEquals(64, run.network().spec().encoder().width());
    assertEquals(8, run.options().steps());
    assertEquals(3, run.options().batch());
    assertEquals(2, run.options().blocks());
    assertEquals(0.01, run.options().rule().learningRate());
    assertEquals(7, run.beginning().seed());
    assertEquals("rows", run.task().trainingFiles().getFirst().name());
  }

  @Test
  void run_ofTooLittleText_namesTheRowsAndNoFile() {
    RowCopy few =
        RowCopy.of(
            "rows",
            sink -> {
              sink.columns(List.of("value"));
              sink.text("so it");
              sink.end();
            });
    TrainingJob job = new TrainingJob(TrainingJob.Kind.TEXT, new NamedOptions(Map.of()), few);
    Exception e =
        assertThrows(
            DataException.class,
            () ->
                job.run(
                    Backends.best(Precision.FLOAT),
                    Team.of(1),
                    folder.resolve("model.safetensors"),
                    Optional.empty()));
    assertEquals(
        "rows: expected at least 20 tokens, the last tenth for validation, got 6", e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "hidden|0|hidden: expected H of 1 or more, got 0",
        "epochs|many|epochs: expected a whole number, got many",
        "lines|yes|lines: expected true or false, got yes",
        "unit|syllable|unit: expected char, word or byte, got syllable",
        "seed|x|seed: expected a whole number, got x",
        "holidays|de|holidays: expected one of"
      })
  void check_optionThatCannotBe_isNamed(String name, String text, String message) {
    Refusal e =
        assertThrows(
            Refusal.class,
            () -> TrainingJob.check(TrainingJob.Kind.TEXT, new NamedOptions(Map.of(name, text))));
    assertEquals(
        message, e.getMessage().substring(0, Math.min(message.length(), e.getMessage().length())));
  }

  @Test
  void check_seriesWithoutAHorizon_isRefused() {
    Refusal e =
        assertThrows(
            Refusal.class,
            () -> TrainingJob.check(TrainingJob.Kind.SERIES, new NamedOptions(Map.of())));
    assertEquals("horizon: expected steps to be foreseen, got none", e.getMessage());
  }
}
