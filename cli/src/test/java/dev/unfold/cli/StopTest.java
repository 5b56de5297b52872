package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.formats.model.ModelFile;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Training that is stopped from outside keeps its best model.
@DisabledOnOs(OS.WINDOWS)
final class StopTest {
  private static final long HOURS = 1_000_000;

  @TempDir private Path folder;

  @BeforeEach
  void writeText() throws IOException {
    Texts.write(folder.resolve("text.txt"), 400);
  }

  // TERM, not INT: a shell starts what runs in its background with INT ignored, and that is
  // inherited.
  private Spawned train(Object... more) throws IOException {
    Object[] line = {
      "train",
      "text",
      "text.txt",
      "--hidden",
      8,
      "--embedding",
      4,
      "--steps",
      8,
      "--batch",
      4,
      "--epochs",
      HOURS,
      "--threads",
      1,
      "--out",
      "m.safetensors"
    };
    Object[] all = java.util.Arrays.copyOf(line, line.length + more.length);
    System.arraycopy(more, 0, all, line.length, more.length);
    return Spawned.start(folder, List.of(), all);
  }

  private double savedNats() {
    return ModelFile.load(
            folder.resolve("m.safetensors"), Backends.named("scalar", Precision.FLOAT))
        .provenance()
        .orElseThrow()
        .progress()
        .validationNats();
  }

  @Test
  void kill_duringTraining_leavesTheLastModel() throws Exception {
    try (Spawned training = train("--json")) {
      training.await(line -> line.contains("\"event\":\"validated\""));
      training.kill();
      training.exitCode();
    }

    assertTrue(savedNats() > 0);
  }

  @Test
  void interrupt_duringTraining_keepsTheBestModel() throws Exception {
    JsonNode finished;
    try (Spawned training = train("--json")) {
      training.await(line -> line.contains("\"event\":\"validated\""));
      training.signal("TERM");
      finished = Cli.jsonLines(training.await(line -> line.contains("\"finished\""))).getFirst();
      assertEquals(143, training.exitCode());
      assertEquals(List.of(), training.errors());
    }

    assertTrue(finished.get("stopped").asBoolean());
    assertEquals("m.safetensors", finished.get("model").asString());
    assertEquals(savedNats(), finished.get("validation_nats_per_token").asDouble());
  }

  @Test
  void interrupt_ofARunForPeople_saysWhereTheModelIs() throws Exception {
    try (Spawned training = train()) {
      training.await(line -> line.startsWith("epoch 1 "));
      training.signal("TERM");
      List<String> rest = training.rest();
      assertEquals(143, training.exitCode());
      assertTrue(rest.stream().anyMatch(line -> line.startsWith("stopped in ")), rest::toString);
      assertEquals("model     m.safetensors", rest.getLast());
    }
  }

  @Test
  void interrupt_twice_endsAtOnce() throws Exception {
    // The last validation takes long enough for the second one to come in time.
    Texts.write(folder.resolve("valid.txt"), 400_000);
    try (Spawned training = train("--valid", "valid.txt", "--backend", "scalar")) {
      training.await(line -> line.contains("update 1 "));
      training.signal("TERM");
      training.await(line -> line.startsWith("stopping"));
      training.signal("TERM");
      assertEquals(143, training.exitCode());
      assertEquals(List.of(), training.rest());
    }
  }
}
