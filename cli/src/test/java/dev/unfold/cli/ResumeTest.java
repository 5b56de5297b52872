package dev.unfold.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Runs that are interrupted and go on end in the bits of one that was not.
final class ResumeTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261131L);
  private static final int KILLS = Integer.getInteger("unfold.kills", 4);

  /// Epochs of a run, more than are over at the last kill: one has three validations or more, and no process has more
  /// than three until it is killed.
  private static final int EPOCHS = 16 + 2 * KILLS;

  @TempDir private Path folder;

  ResumeTest() {
    System.out.println("ResumeTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  @BeforeEach
  void writeText() throws IOException {
    Texts.write(folder.resolve("text.txt"), 400);
  }

  private List<Object> line(String model, Object... more) {
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
                "--cell",
                "lstm",
                "--threads",
                1,
                "--interval",
                7,
                "--dropout",
                "0.1",
                "--schedule",
                "plateau,factor=0.5,patience=0",
                "--average",
                "triggered,memory=1",
                "--accumulate",
                3,
                "--out",
                folder.resolve(model)));
    line.addAll(List.of(more));
    return line;
  }

  @Test
  void run_killedAtRandomMoments_endsInTheSameModel() throws Exception {
    // Fast enough that rate and average change while processes are killed: from update 77 on.
    Object[] epochs = {"--epochs", EPOCHS, "--lr", 0.02, "--json"};
    // In a process like the others: the backend may be another in this one.
    try (Spawned process = Spawned.start(folder, List.of(), line("whole", epochs).toArray())) {
      process.rest();
      assertEquals(0, process.exitCode());
    }
    Random random = new Random(SEED);
    Path run = folder.resolve("run");
    List<Object> line = line("killed", epochs);
    line.addAll(List.of("--run", run, "--checkpoint", 1));
    int kills = 0;
    int whileWriting = 0;
    for (; kills < KILLS; kills++) {
      Object[] now = kills == 0 ? line.toArray() : with(line, "--resume");
      try (Spawned process = Spawned.start(folder, List.of(), now)) {
        for (int validations = random.nextInt(3); validations >= 0; validations--) {
          process.await(output -> output.contains("\"event\":\"validated\""));
        }
        Thread.sleep(random.nextInt(30));
        process.kill();
        process.exitCode();
        whileWriting += leftOvers(run);
      }
    }
    try (Spawned process = Spawned.start(folder, List.of(), with(line, "--resume"))) {
      process.rest();
      assertEquals(0, process.exitCode(), () -> String.join("\n", errorsOf(process)));
    }
    System.out.println(
        "ResumeTest: " + kills + " kills, " + whileWriting + " while a checkpoint was written");
    assertEquals(0, leftOvers(run));
    assertEquals(0, leftOvers(folder));
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("whole")), Files.readAllBytes(folder.resolve("killed")));
  }

  private static List<String> errorsOf(Spawned process) {
    try {
      return process.errors();
    } catch (IOException e) {
      return List.of(e.toString());
    }
  }

  private static int leftOvers(Path run) throws IOException {
    if (!Files.isDirectory(run)) {
      return 0;
    }
    try (Stream<Path> files = Files.list(run)) {
      return files.anyMatch(file -> file.getFileName().toString().endsWith(".tmp")) ? 1 : 0;
    }
  }

  private static Object[] with(List<Object> line, Object... more) {
    List<Object> all = new ArrayList<>(line);
    all.addAll(List.of(more));
    return all.toArray();
  }

  @Test
  void resume_ofAnotherRun_isRefusedAndNothingIsLost() throws Exception {
    Path run = folder.resolve("run");
    Object[] more = {"--epochs", 2, "--run", run, "--checkpoint", 5};
    Cli.json(with(line("a", more), "--json"));
    List<Path> before = files(run);
    refused("got " + run, with(line("a", more)));
    refused(
        "\"hidden\" as it was, \"8\", got \"9\"", with(line("a", more), "--hidden", 9, "--resume"));
    Object[] longer = {"--epochs", 3, "--run", run, "--checkpoint", 5, "--resume"};
    refused("\"training.epochs\" as it was, \"2\", got \"3\"", line("a", longer).toArray());
    Object[] elsewhere = {"--epochs", 2, "--run", folder.resolve("none"), "--resume"};
    refused("--run: expected the folder of a run, got", line("a", elsewhere).toArray());
    refused("expected --run beside --resume", with(line("a"), "--resume"));
    refused(
        "--checkpoint: expected 1 update or more",
        with(line("a"), "--run", run, "--checkpoint", 0));
    Files.writeString(
        folder.resolve("text.txt"),
        "another text altogether, and then some more of it, so it goes on for a while",
        java.nio.file.StandardOpenOption.APPEND);
    refused("\"training.data\"", with(line("a", more), "--resume"));
    assertEquals(before, files(run));
  }

  /// A process that may not write files as large as a checkpoint, though as large as a model.
  @Test
  void checkpoint_onAFullDisk_failsInOneLineAndTheRunGoesOnLater() throws Exception {
    Object[] epochs = {"--epochs", 12, "--json"};
    try (Spawned process = Spawned.start(folder, List.of(), line("whole", epochs).toArray())) {
      process.rest();
      assertEquals(0, process.exitCode());
    }
    Path run = folder.resolve("run");
    List<Object> line = line("filled", epochs);
    line.addAll(List.of("--run", run, "--checkpoint", 1));
    try (Spawned process = Spawned.start(folder, List.of(), line.toArray())) {
      process.await(output -> output.contains("\"event\":\"validated\""));
      process.await(output -> output.contains("\"event\":\"validated\""));
      process.kill();
      process.exitCode();
    }
    List<Path> before = checkpoints(run);
    long size = Files.size(before.getFirst());
    try (Spawned process = Spawned.startLimited(folder, size / 2048, with(line, "--resume"))) {
      process.rest();
      assertEquals(1, process.exitCode());
      List<String> errors = process.errors();
      assertEquals(1, errors.size(), errors::toString);
      assertTrue(errors.getFirst().contains("cannot be written: File too large"), errors::toString);
    }
    assertEquals(before, checkpoints(run));
    assertEquals(0, leftOvers(run));
    try (Spawned process = Spawned.start(folder, List.of(), with(line, "--resume"))) {
      process.rest();
      assertEquals(0, process.exitCode(), () -> String.join("\n", errorsOf(process)));
    }
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("whole")), Files.readAllBytes(folder.resolve("filled")));
  }

  /// What was written after a checkpoint is lost with a machine: the influence is in the checkpoint.
  @Test
  void run_byAnOnlineRule_goesOnWithItsInfluence() throws Exception {
    Path run = folder.resolve("run");
    List<Object> line =
        new ArrayList<>(
            List.of("train", "text", folder.resolve("text.txt"), "--hidden", 5, "--cell", "lstm"));
    line.addAll(List.of("--engine", "rtrl", "--update-every", 3, "--batch", 2, "--epochs", 2));
    line.addAll(List.of("--run", run, "--checkpoint", 25, "--out", folder.resolve("online")));
    line.add("--json");
    Cli.json(line.toArray());
    byte[] whole = Files.readAllBytes(folder.resolve("online"));
    List<Path> all = checkpoints(run);
    for (Path later : all.subList(1, all.size())) {
      Files.delete(later);
    }
    Files.delete(folder.resolve("online"));
    Cli.json(with(line, "--resume"));
    assertArrayEquals(whole, Files.readAllBytes(folder.resolve("online")));
    refused(
        "\"training.engine\" as it was, \"rtrl\", got \"snap1\"",
        replaced(line, "rtrl", "snap1", "--resume"));
  }

  private static Object[] replaced(List<Object> line, Object from, Object to, Object more) {
    List<Object> all = new ArrayList<>(line);
    all.replaceAll(word -> word.equals(from) ? to : word);
    all.add(more);
    return all.toArray();
  }

  private static List<Path> checkpoints(Path run) throws IOException {
    return files(run).stream()
        .filter(file -> file.getFileName().toString().startsWith("checkpoint-"))
        .toList();
  }

  @Test
  void run_inAFolderThatCannotBeWrittenTo_isRefused() throws Exception {
    Path file = Files.writeString(folder.resolve("file"), "x");
    refused(
        "--run: expected a folder that can be made and written to", with(line("a"), "--run", file));
    // No process may make files there, not even one that may do everything else.
    refused(
        "--run: expected a folder that can be made and written to",
        with(line("a"), "--run", "/proc/self"));
  }

  @Test
  void loss_thatIsNoNumberAnyMore_namesWhatToDoAndWhatIsKept() {
    Path run = folder.resolve("run");
    Object[] more = {"--optimizer", "sgd", "--clip", "none", "--run", run, "--checkpoint", 1};
    List<Object> line = line("a", more);
    // Without a limit to what a unit can put out.
    line.replaceAll(word -> word.equals("lstm") ? "elman_identity" : word);
    Cli cli = Cli.run(with(line, "--epochs", 50, "--lr", 1e5));
    assertEquals(1, cli.exitCode(), cli::toString);
    assertEquals(1, cli.err().size(), cli::toString);
    String message = cli.err().getFirst();
    for (String part :
        List.of(
            "expected a finite loss",
            "gradient norm",
            "try a smaller learning rate or clip",
            "the last checkpoint is " + run + "/checkpoint-")) {
      assertTrue(message.contains(part), message);
    }
  }

  private static List<Path> files(Path run) throws IOException {
    try (Stream<Path> files = Files.list(run)) {
      return files.sorted().toList();
    }
  }

  private static void refused(String reason, Object... line) {
    List<Object> once = new ArrayList<>();
    for (int i = 0; i < line.length; i++) {
      // A later --hidden takes the place of the first.
      boolean again = line[i].equals("--hidden") && List.of(line).lastIndexOf("--hidden") > i;
      if (again) {
        i++;
      } else {
        once.add(line[i]);
      }
    }
    Cli cli = Cli.run(once.toArray());
    assertEquals(2, cli.exitCode(), cli::toString);
    assertTrue(cli.err().getFirst().contains(reason), cli::toString);
  }
}
