package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// After any number of interruptions all files in the folder of a run are those of one without, but for times.
@DisabledOnOs(OS.WINDOWS)
final class KillTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261201L);
  private static final int KILLS = 30;
  private static final int LONGEST_MILLIS = 5000;
  private static final long POLL_MILLIS = 1;
  private static final long PATIENCE_NANOS = 60_000_000_000L;

  @TempDir private Path folder;

  KillTest() {
    System.out.println("KillTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  @BeforeEach
  void writeText() throws IOException {
    Texts.write(folder.resolve("text.txt"), 400);
  }

  /// With everything that writes: windows that change at update 0 and 250, looks at the error flow, validations between
  /// checkpoints and at them.
  private Spawned start(String run, int epochs, Object... more) throws IOException {
    Object[] line = {
      "train",
      "text",
      "text.txt",
      "--hidden",
      8,
      "--embedding",
      4,
      "--steps",
      "auto:0.3,most=8",
      "--batch",
      4,
      "--epochs",
      epochs,
      "--interval",
      10,
      "--checkpoint",
      7,
      "--watch",
      1,
      "--average",
      "triggered,memory=1",
      "--threads",
      1,
      "--backend",
      "scalar",
      "--json",
      "--run",
      run
    };
    List<Object> all = new ArrayList<>(List.of(line));
    all.addAll(List.of(more));
    return Spawned.start(folder, List.of("-XX:TieredStopAtLevel=1"), all.toArray());
  }

  private SortedMap<String, String> finish(String run, int epochs, Object... more)
      throws Exception {
    try (Spawned process = start(run, epochs, more)) {
      process.rest();
      int exitCode = process.exitCode();
      assertEquals(List.of(), process.errors());
      assertEquals(0, exitCode);
    }
    return FolderContent.of(folder.resolve(run));
  }

  /// Waits for a file whose name begins so.
  private void awaitFile(String run, String begin) throws Exception {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (System.nanoTime() < end) {
      if (Files.isDirectory(folder.resolve(run))) {
        try (Stream<Path> files = Files.list(folder.resolve(run))) {
          if (files.anyMatch(file -> file.getFileName().toString().startsWith(begin))) {
            return;
          }
        }
      }
      Thread.sleep(POLL_MILLIS);
    }
    throw new AssertionError("no " + begin);
  }

  @Test
  void folder_afterAFewKills_isThatOfARunWithout() throws Exception {
    SortedMap<String, String> whole = finish("whole", 2);
    // As soon as there is a folder; while it is filled; while a checkpoint is written.
    for (String begin : List.of(".lock", "run.json", ".checkpoint-")) {
      Object[] more = begin.equals(".lock") ? new Object[0] : new Object[] {"--resume"};
      try (Spawned process = start("killed", 2, more)) {
        awaitFile("killed", begin);
        process.kill();
        process.exitCode();
      }
    }
    // In good order, between two checkpoints, and again while it goes on.
    for (int i = 0; i < 2; i++) {
      try (Spawned process = start("killed", 2, "--resume")) {
        process.await(line -> line.contains("\"event\":\"validated\""));
        process.signal("TERM");
        process.exitCode();
      }
    }
    // What a kill at the right instant leaves behind.
    Path run = folder.resolve("killed");
    Files.writeString(run.resolve(".metrics.jsonl.00000000000000010123456789abcdef.tmp"), "x");
    Files.writeString(run.resolve(".1234567890.tmp"), "");
    Files.writeString(
        run.resolve("metrics.jsonl"), "{\"event\":\"upd", java.nio.file.StandardOpenOption.APPEND);
    Files.delete(run.resolve("config.txt"));
    Files.delete(run.resolve("run.json"));
    assertEquals(whole, finish("killed", 2, "--resume"));
    // And going on with what is finished changes nothing.
    assertEquals(whole, finish("killed", 2, "--resume"));
  }

  @Test
  @Tag("slow")
  void folder_afterManyKills_isThatOfARunWithout() throws Exception {
    int epochs = 5;
    SortedMap<String, String> whole = finish("whole", epochs);
    assertTrue(whole.get("metrics.jsonl").contains("\"event\":\"adapted\",\"update\":250"));
    Random random = new Random(SEED);
    boolean isThere = false;
    for (int i = 0; i < KILLS; i++) {
      Object[] more = isThere ? new Object[] {"--resume"} : new Object[0];
      try (Spawned process = start("killed", epochs, more)) {
        Thread.sleep(random.nextInt(LONGEST_MILLIS));
        for (String signal : List.of("TERM", "INT", "KILL").subList(random.nextInt(3), 3)) {
          process.signal(signal);
          Thread.sleep(random.nextInt(200));
        }
        process.exitCode();
      }
      isThere = Files.isDirectory(folder.resolve("killed"));
    }
    assertEquals(whole, finish("killed", epochs, "--resume"));
  }
}
