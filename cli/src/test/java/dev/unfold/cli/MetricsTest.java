package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.run.folder.Metrics;
import dev.unfold.train.Evaluation;
import dev.unfold.train.Progress;
import dev.unfold.train.TrainingEvent;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Which lines a run that goes on keeps.
final class MetricsTest {
  @TempDir private Path folder;

  private List<String> kept(long last, long validated) throws IOException {
    Metrics metrics = new Metrics(folder);
    metrics.clear();
    for (long update = 20; update <= 60; update += 20) {
      Progress progress = after(update);
      metrics.add(new TrainingEvent.Updated(progress, 1, 0, 1, 1, 0.1, Optional.empty(), 1, 1));
      metrics.add(new TrainingEvent.Validated(progress, 1, 1, new Evaluation(1, 1), true));
      // Of the update that follows.
      metrics.add(new TrainingEvent.Adapted(progress, 8));
    }
    metrics.keep(last, validated);
    return Cli.jsonLines(Files.readString(folder.resolve("metrics.jsonl"))).stream()
        .map(MetricsTest::name)
        .toList();
  }

  private static Progress after(long updates) {
    return new Progress(
        0, 4, updates, 0, 0, 0, Optional.empty(), 1, updates, 0, 0, 0, 0, 0, List.of());
  }

  private static String name(JsonNode line) {
    return line.path("event").asString().substring(0, 1) + line.path("update").asLong();
  }

  @Test
  void keep_afterAValidation_forgetsOnlyWhatBeginsWithTheNextUpdate() throws IOException {
    assertEquals(List.of("u20", "v20", "a20", "u40", "v40"), kept(40, 40));
  }

  @Test
  void keep_whereTheRunWasStopped_forgetsTheValidationThatEndedIt() throws IOException {
    assertEquals(List.of("u20", "v20", "a20", "u40"), kept(40, 20));
  }

  @Test
  void lines_thatAreNoFile_areRefused() throws IOException {
    Files.createDirectory(folder.resolve("metrics.jsonl"));
    Metrics metrics = new Metrics(folder);
    assertThrows(FormatException.class, metrics::check);
  }
}
