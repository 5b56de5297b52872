package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.model.SetModel;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// Trains on sequences of sets, and uses the model.
final class TrainSetsTest {
  @TempDir private Path folder;
  private Path file;

  /// Number n is followed by n + 1 modulo 5, and 5 is on with probability one half.
  @BeforeEach
  void write() throws IOException {
    Random random = new Random(1);
    StringBuilder text = new StringBuilder();
    for (int s = 0; s < 20; s++) {
      int length = 2 + random.nextInt(20);
      for (int t = 0; t < length; t++) {
        text.append((s + t) % 5).append(random.nextBoolean() ? ",5 " : " ");
      }
      text.append('\n');
    }
    file = Files.writeString(folder.resolve("sets.txt"), text);
  }

  @Test
  void training_onSequences_learnsWhatCanBeKnownAndEvalSaysTheSame() {
    Path model = folder.resolve("m.safetensors");
    List<JsonNode> lines =
        Cli.json(
            "train",
            "sets",
            file,
            "--valid",
            file,
            "--hidden",
            16,
            "--epochs",
            60,
            "--batch",
            4,
            "--lr",
            0.02,
            "--width",
            7,
            "--dropout",
            0.05,
            "--json",
            "--out",
            model);
    assertEquals("set", lines.getFirst().get("unit").asString());
    assertTrue(lines.getFirst().get("training_steps").asLong() > 0);
    assertFalse(lines.getLast().has("perplexity"), "it has no meaning for sets");
    double nats = lines.getLast().get("validation_nats_per_step").asDouble();
    // One bit each step cannot be known.
    assertTrue(nats > 0.5 && nats < 1.2, () -> "expected ln 2 and a little more, got " + nats);
    JsonNode line = Cli.json("eval", model, file, "--json").getFirst();
    assertEquals(nats, line.get("nats_per_step").asDouble());
    SetModel read = (SetModel) ModelFile.load(model, Backends.best(Precision.FLOAT));
    assertEquals(7, read.network().spec().outputs());
    assertTrue(read.provenance().isPresent());
  }

  @Test
  void sets_thatCannotBeUsed_areRefused() throws IOException {
    Path model = folder.resolve("m.safetensors");
    assertRefused(
        file + ": expected numbers from 0 to 2, got 5",
        "train",
        "sets",
        file,
        "--valid",
        file,
        "--width",
        3,
        "--out",
        model);
    Path wrong = Files.writeString(folder.resolve("wrong.txt"), "1 x\n");
    assertRefused(
        wrong + ": line 1: expected numbers separated by commas, or a dash, got x",
        "train",
        "sets",
        wrong,
        "--valid",
        file,
        "--out",
        model);
    assertRefused(
        "head: expected classes of each step for tied weights, got sets",
        "train",
        "sets",
        file,
        "--valid",
        file,
        "--wiring",
        "tied",
        "--out",
        model);
  }

  private static void assertRefused(String reason, Object... arguments) {
    Cli cli = Cli.run(arguments);
    assertEquals(2, cli.exitCode(), cli::toString);
    assertEquals(1, cli.err().size(), cli::toString);
    assertTrue(cli.err().getFirst().contains(reason), cli::toString);
  }
}
