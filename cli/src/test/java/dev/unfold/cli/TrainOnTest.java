package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Trainings that are to run elsewhere, where no module is that could.
final class TrainOnTest {
  @TempDir private Path folder;

  @Test
  void on_withoutTheModule_saysWhatIsMissingAndReadsNothing() {
    Path model = folder.resolve("model.safetensors");
    Cli cli = Cli.run("train", "text", "none.txt", "--on", "spark://h:7077", "--out", model);
    assertEquals(2, cli.exitCode());
    assertEquals(
        List.of("unfold: --on: expected unfold-spark on the module path, got none"), cli.err());
    assertFalse(Files.exists(model));
  }

  @Test
  void workers_withoutAPlace_areRefused() {
    Cli cli = Cli.run("train", "text", "none.txt", "--workers", "2");
    assertEquals(2, cli.exitCode());
    assertEquals(List.of("unfold: --workers: expected --on beside it, got none"), cli.err());
  }

  @Test
  void workers_none_areRefused() {
    Cli cli = Cli.run("train", "text", "none.txt", "--on", "local", "--workers", "0");
    assertEquals(2, cli.exitCode());
    assertEquals(List.of("unfold: --workers: expected 1 to 4096, got 0"), cli.err());
  }

  @Test
  void on_standardInput_isRefused() {
    Cli cli = Cli.run("train", "text", "-", "--on", "local");
    assertEquals(2, cli.exitCode());
    assertEquals(List.of("unfold: --on: expected files beside it, got standard input"), cli.err());
  }
}
