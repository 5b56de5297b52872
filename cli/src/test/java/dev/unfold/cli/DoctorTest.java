package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// `doctor` and `bench` say what they found.
final class DoctorTest {
  @TempDir private Path folder;

  @Test
  void doctor_inJson_namesTheChosenBackendAndTheOthers() {
    JsonNode findings = Cli.json("doctor", "--json").getFirst();

    assertEquals(Runtime.version().toString(), findings.get("java").asString());
    assertTrue(findings.get("processors").asInt() >= 1);
    assertTrue(findings.get("heap_bytes").asLong() > 0);
    String backend = findings.get("backend").asString();
    int chosen = 0;
    for (JsonNode candidate : findings.get("backends")) {
      assertFalse(candidate.get("reason").asString().isEmpty());
      if (candidate.get("chosen").asBoolean()) {
        assertEquals(backend, candidate.get("name").asString());
        chosen++;
      }
    }
    assertEquals(1, chosen);
  }

  @Test
  void doctor_withoutTheVectorModule_namesTheFlag() throws Exception {
    try (Spawned doctor = Spawned.startWithoutVectors(folder, List.of(), "doctor")) {
      String all = String.join("\n", doctor.rest());

      assertEquals(0, doctor.exitCode());
      assertTrue(all.contains("backend    scalar"), all);
      assertTrue(all.contains("--add-modules jdk.incubator.vector"), all);
    }
  }

  @Test
  void bench_ofALayer_comparesItWithThePeak() {
    JsonNode line =
        Cli.json(
                "bench",
                "layer",
                "--cell",
                "gru",
                "--input",
                5,
                "--hidden",
                7,
                "--batch",
                3,
                "--steps",
                4,
                "--threads",
                2,
                "--seconds",
                0.2,
                "--json")
            .getFirst();

    assertTrue(line.get("forward_ms").asDouble() > 0);
    assertTrue(line.get("backward_ms").asDouble() > 0);
    assertTrue(line.get("gflops").asDouble() > 0);
    assertTrue(line.get("peak_gflops").asDouble() > 0);
    assertTrue(line.get("repetitions").asInt() >= 10);
    assertEquals("gru", line.get("cell").asString());
    assertEquals(2, line.get("threads").asInt());
  }
}
