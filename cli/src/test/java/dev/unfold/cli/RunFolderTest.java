package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.run.folder.FolderLock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// The folder of a run: who may use it, and what becomes of it when something is spoilt, missing or full.
@DisabledOnOs(OS.WINDOWS)
final class RunFolderTest {
  private static final long HOURS = 1_000_000;

  @TempDir private Path folder;

  private Path run;

  @BeforeEach
  void writeText() throws IOException {
    Texts.write(folder.resolve("text.txt"), 400);
    run = folder.resolve("run");
  }

  private Object[] line(Object... more) {
    List<Object> line =
        new ArrayList<>(
            List.of(
                "train",
                "text",
                folder.resolve("text.txt"),
                "--hidden",
                8,
                "--embedding",
                4,
                "--steps",
                8,
                "--batch",
                4,
                "--interval",
                10,
                "--threads",
                1,
                "--json"));
    line.addAll(List.of(more));
    return line.toArray();
  }

  private Object[] in(Path run, Object... more) {
    List<Object> all = new ArrayList<>(List.of("--run", run, "--backend", "scalar", "--watch", 5));
    if (!List.of(more).contains("--epochs")) {
      all.addAll(List.of("--epochs", 1));
    }
    all.addAll(List.of(more));
    return line(all.toArray());
  }

  private static void failed(int exitCode, String reason, Object... line) {
    Cli cli = Cli.run(line);
    assertEquals(exitCode, cli.exitCode(), cli::toString);
    assertEquals(1, cli.err().size(), cli::toString);
    assertTrue(cli.err().getFirst().contains(reason), cli::toString);
    assertEquals("", cli.out());
  }

  @Test
  void folder_inUseByThisProcess_isRefused() throws IOException {
    Cli.printed(in(run));
    try (FolderLock _ = FolderLock.of(run)) {
      String message = "--run: expected a folder that no other run is using, got ";
      failed(2, message + run, in(run, "--resume"));
      Path link = Files.createSymbolicLink(folder.resolve("link"), run);
      failed(2, message + link, in(link, "--resume"));
      assertThrows(IllegalArgumentException.class, () -> FolderLock.of(run));
    }
    Cli.printed(in(run, "--resume"));
  }

  @Test
  void folder_inUseByAnotherProcess_isRefusedUntilThatIsKilled() throws Exception {
    Object[] line = in(run, "--epochs", HOURS);
    try (Spawned process = Spawned.start(folder, List.of(), line)) {
      process.await(output -> output.contains("\"event\":\"validated\""));
      String message = "--run: expected a folder that no other run is using, got " + run;
      failed(2, message, line);
      failed(2, message, in(run, "--epochs", HOURS, "--resume"));
      // Being refused must not have ended the lock.
      failed(2, message, in(run, "--epochs", HOURS, "--resume"));
      process.kill();
      process.exitCode();
    }
    FolderLock.of(run).close();
  }

  @Test
  void resume_withAnotherBackend_isRefused() throws IOException {
    Cli.printed(in(run));
    Path made = run.resolve("run.json");
    String text = Files.readString(made);
    assertTrue(text.contains("\"backend\":\"scalar\""), text);
    String message = "--backend: expected vector, which the run was begun with, got scalar";
    // As it is written now, and as it was before.
    for (String was : List.of("vector", "Vector API, 512 bits, 16 floats a vector")) {
      Files.writeString(made, text.replace("\"scalar\"", '"' + was + '"'));
      failed(2, message, in(run, "--resume"));
    }
    String before = "plain loops, computed in double, kept in float";
    Files.writeString(made, "{\"version\":\"0.1.0\",\"backend\":\"" + before + "\"}\n");
    Cli.printed(in(run, "--resume"));
    Files.writeString(made, text.replace("plain loops", "plain loops elsewhere"));
    Cli cli = Cli.run(in(run, "--resume"));
    assertEquals(0, cli.exitCode(), cli::toString);
    String note = "the run was begun with plain loops elsewhere, computed";
    assertTrue(cli.err().getFirst().contains(note), cli::toString);
  }

  @Test
  void resume_withAnotherBackend_isRefusedByTheCheckpointAlone() throws IOException {
    boolean isVector =
        Backends.choose(Precision.FLOAT).verdicts().stream()
            .anyMatch(verdict -> verdict.name().equals("vector") && verdict.refusal().isEmpty());
    Assumptions.assumeTrue(isVector, "there is no other backend here");
    Cli.printed(in(run));
    Files.delete(run.resolve("run.json"));
    Object[] line = line("--run", run, "--epochs", 1, "--backend", "vector", "--resume");
    failed(2, "--backend: expected scalar, which the run was begun with, got vector", line);
  }

  @Test
  void resume_withoutACheckpoint_stillKnowsWhatTheRunWasTold() throws IOException {
    SortedMap<String, String> whole = whole();
    for (Path checkpoint : FolderContent.checkpoints(run)) {
      Files.delete(checkpoint);
    }
    failed(
        2, "run.json: expected to go on with \"training.seed\"", in(run, "--seed", 2, "--resume"));
    Cli.printed(in(run, "--resume"));
    assertEquals(whole, FolderContent.of(run));
  }

  private SortedMap<String, String> whole() throws IOException {
    Cli.printed(in(run));
    return FolderContent.of(run);
  }

  @Test
  void checkpoint_thatIsSpoilt_isNamedAndTheOneBeforeIsTaken() throws IOException {
    SortedMap<String, String> whole = whole();
    List<Path> checkpoints = FolderContent.checkpoints(run);
    assertEquals(2, checkpoints.size());
    Path last = checkpoints.getLast();
    int size = (int) Files.size(last);
    // A number, a name of a tensor, an option, a count, the beginning of the header.
    List<Integer> places =
        List.of(
            size - 10,
            size / 2,
            FolderContent.find(last, "weight_hh_l0"),
            FolderContent.find(last, "\"run.hidden\":\"8\"") + 14,
            FolderContent.find(last, "\"count.place\":\"") + 15,
            0);
    for (int place : places) {
      FolderContent.spoil(last, place);
      Cli cli = Cli.run(in(run, "--resume"));
      assertEquals(0, cli.exitCode(), cli::toString);
      assertEquals(1, cli.err().size(), cli::toString);
      String note = cli.err().getFirst();
      assertTrue(note.startsWith("unfold: " + last + ": "), note);
      assertTrue(note.endsWith("; going on from " + checkpoints.getFirst() + " instead"), note);
      assertEquals(whole, FolderContent.of(run));
    }
    Files.write(last, new byte[0]);
    FolderContent.spoil(checkpoints.getFirst(), size - 10);
    failed(2, last + ": expected at least 8 bytes", in(run, "--resume"));
    failed(2, "run.json: expected to go on with", in(run, "--seed", 2, "--resume"));
  }

  @Test
  void file_thatIsSpoilt_isNamedAtOnceAndNothingChanges() throws IOException {
    Cli.printed(in(run));
    Map<String, List<String>> spoilt =
        Map.of(
            "metrics.jsonl",
            List.of(
                "",
                "nonsense",
                "{\"update\":1",
                "[1]",
                "null",
                "{}",
                "{\"update\":-1,\"event\":\"updated\",\"time\":1}",
                "{\"update\":1.5,\"event\":\"updated\",\"time\":1}",
                "{\"update\":99999999999999999999,\"event\":\"updated\",\"time\":1}",
                "{\"update\":\"1\",\"event\":\"updated\",\"time\":1}",
                "{\"update\":1,\"event\":[],\"time\":1}",
                "{\"update\":1,\"event\":\"updated\",\"time\":\"now\"}",
                "{\"update\":1,\"event\":\"updated\",\"time\":1}}",
                "[".repeat(100_000)),
            "flow.jsonl",
            List.of(
                "nonsense",
                "{\"update\":1}",
                "{\"update\":1,\"lags\":{\"half\":1,\"most\":-1,\"all\":1},\"layers\":[],\"seconds\":1}",
                "{\"update\":1,\"lags\":[],\"layers\":3,\"seconds\":[]}"),
            "run.json",
            List.of("nonsense", "[]", "{\"backend\":3}", "{\"backend\":\"scalar\",\"told\":[1]}"));
    for (Map.Entry<String, List<String>> entry : spoilt.entrySet()) {
      Path file = run.resolve(entry.getKey());
      String good = Files.readString(file);
      for (String text : entry.getValue()) {
        boolean isHistory = entry.getKey().endsWith(".jsonl");
        Files.writeString(file, isHistory ? text + "\n" + good : text);
        SortedMap<String, String> before = FolderContent.of(run);
        String message =
            isHistory ? file + ", line 1: expected a JSON object" : file + ": expected";
        failed(2, message, in(run, "--resume"));
        assertEquals(before, FolderContent.of(run));
        if (entry.getKey().equals("flow.jsonl")) {
          failed(2, message, "inspect", run);
          failed(2, message, "inspect", run, "--json");
        }
      }
      Files.write(file, new byte[] {(byte) 0xC3, '(', '\n'});
      failed(2, file.toString(), in(run, "--resume"));
      Files.writeString(file, good);
    }
  }

  @Test
  void file_thatIsMissing_isWrittenAgain() throws IOException {
    SortedMap<String, String> whole = whole();
    for (String name : List.of("config.txt", "run.json", "model.safetensors")) {
      Files.delete(run.resolve(name));
    }
    Files.write(run.resolve("events.out.tfevents.unfold"), new byte[] {1, 2, 3});
    Cli.printed(in(run, "--resume"));
    assertEquals(whole, FolderContent.of(run));
    // Killed before files were written as a whole.
    Files.write(run.resolve("config.txt"), new byte[0]);
    Files.write(run.resolve("run.json"), new byte[0]);
    Cli.printed(in(run, "--resume"));
    assertEquals(whole, FolderContent.of(run));
  }

  @Test
  void histories_onADiskThatIsFullWhenTheyAreCut_stay() throws Exception {
    Cli.printed(in(run));
    Path metrics = run.resolve("metrics.jsonl");
    Files.writeString(metrics, "{\"event\":\"upd", StandardOpenOption.APPEND);
    byte[] before = Files.readAllBytes(metrics);
    assertTrue(before.length > 1024);
    try (Spawned process = Spawned.startLimited(folder, 1, in(run, "--resume"))) {
      process.rest();
      assertEquals(1, process.exitCode());
      List<String> errors = process.errors();
      assertEquals(1, errors.size(), errors::toString);
      String message = "unfold: " + metrics + ": cannot be written: File too large";
      assertEquals(message, errors.getFirst());
    }
    assertArrayEquals(before, Files.readAllBytes(metrics));
  }

  @Test
  void folder_thatIsDeletedMeanwhile_failsTheRun() throws Exception {
    try (Spawned process = Spawned.start(folder, List.of(), in(run, "--epochs", HOURS))) {
      process.await(output -> output.contains("\"event\":\"validated\""));
      while (Files.exists(run)) {
        try (Stream<Path> files = Files.list(run)) {
          for (Path file : files.toList()) {
            Files.deleteIfExists(file);
          }
        }
        try {
          Files.deleteIfExists(run);
        } catch (IOException e) {
          // The run was quicker and has made another file.
          assertFalse(e.getMessage().isEmpty());
        }
      }
      process.rest();
      assertEquals(1, process.exitCode());
      assertEquals(1, process.errors().size(), () -> "one line expected");
      assertTrue(process.errors().getFirst().startsWith("unfold: " + run));
    }
  }

  @Test
  void arguments_thatMeanNothing_areRefusedByName() {
    failed(2, "--run: expected the name of a folder, got \"\"", line("--run", ""));
    failed(2, "--checkpoint: expected 1 update or more, got -1", line("--checkpoint", -1));
    failed(2, "--checkpoint: expected 1 update or more, got 0", line("--checkpoint", 0));
    failed(2, "--watch: expected 0 updates or more, got -1", line("--run", run, "--watch", -1));
    failed(2, "--out: expected the name of a file, got \"\"", line("--out", ""));
    assertFalse(Files.exists(run));
  }
}
