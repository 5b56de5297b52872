package dev.unfold.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cli.Program;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A training on a cluster that its user stops, ends as one alone does.
@Tag("slow")
final class StopTest {
  @TempDir private Path folder;

  private List<String> text(int epochs, Path run, Path model) throws Exception {
    Path file = folder.resolve("text.txt");
    Files.writeString(file, "the cat sat on the mat, and the dog as well\n".repeat(60));
    return new ArrayList<>(
        List.of(
            "train",
            "text",
            file.toString(),
            "--hidden=16",
            "--steps=16",
            "--batch=4",
            "--epochs=" + epochs,
            "--blocks=2",
            "--json",
            "--checkpoint=1000000",
            "--run=" + run,
            "--out=" + model));
  }

  private static List<String> on(List<String> arguments) {
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of("--on=local-cluster[2,1,1024]", "--workers=2"));
    return all;
  }

  private static long checkpoint(Path run) throws Exception {
    try (Stream<Path> files = Files.list(run)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("checkpoint-\\d+\\.safetensors"))
          .mapToLong(name -> Long.parseLong(name.replaceAll("\\D", "")))
          .max()
          .orElse(-1);
    }
  }

  private static int alone(List<String> arguments) {
    StringWriter out = new StringWriter();
    return new Program()
        .run(new PrintWriter(out), new PrintWriter(out), arguments.toArray(String[]::new))
        .code();
  }

  /// Only the process that the user started hears of it, as by `kill`.
  @ParameterizedTest
  @CsvSource({"TERM, 143", "INT, 130"})
  void train_thatIsTold_writesCheckpointAndModelAndEndsAsAlone(String signal, int code)
      throws Exception {
    Path run = folder.resolve("run");
    Path model = folder.resolve("model.safetensors");
    List<String> arguments = on(text(1_000_000, run, model));
    long update;
    try (UnfoldProcess unfold =
        UnfoldProcess.start(folder, ClusterProcess.home(folder), arguments)) {
      unfold.await(line -> line.contains("\"event\":\"validated\""));
      long since = System.nanoTime();
      unfold.signal(signal);
      assertEquals(code, unfold.exitCode(), unfold::told);
      assertTrue(System.nanoTime() - since < 60e9, "it took more than a minute");
      String last = unfold.out().lines().toList().getLast();
      assertTrue(last.contains("\"event\":\"finished\""), unfold::told);
      assertTrue(last.contains("\"stopped\":true"), unfold::told);
      assertEquals(List.of(), unfold.messages(), unfold::told);
      update = Long.parseLong(last.replaceAll(".*\"updates\":(\\d+).*", "$1"));
    }
    assertTrue(Files.exists(model));
    assertEquals(update, checkpoint(run));
  }

  /// A terminal tells all processes that were started in it, executors too.
  @Test
  void train_stoppedInATerminal_goesOnAloneToTheSameBits() throws Exception {
    Path run = folder.resolve("run");
    Path model = folder.resolve("model.safetensors");
    Path whole = folder.resolve("whole.safetensors");
    int epochs = 400;
    try (UnfoldProcess unfold =
        UnfoldProcess.start(folder, ClusterProcess.home(folder), on(text(epochs, run, model)))) {
      unfold.await(line -> line.contains("\"event\":\"validated\""));
      unfold.signalAll("INT");
      assertEquals(130, unfold.exitCode(), unfold::told);
    }
    List<String> rest = text(epochs, run, model);
    rest.addAll(List.of("--threads=1", "--resume"));
    assertEquals(0, alone(rest));
    List<String> once = text(epochs, folder.resolve("other"), whole);
    once.add("--threads=1");
    assertEquals(0, alone(once));
    assertArrayEquals(Files.readAllBytes(whole), Files.readAllBytes(model));
  }

  @Test
  void train_stoppedTwice_endsAtOnceAndLeavesNoProcess() throws Exception {
    Path run = folder.resolve("run");
    List<String> arguments = on(text(1_000_000, run, folder.resolve("model.safetensors")));
    try (UnfoldProcess unfold =
        UnfoldProcess.start(folder, ClusterProcess.home(folder), arguments)) {
      unfold.await(line -> line.contains("\"event\":\"started\""));
      List<ProcessHandle> all = unfold.all();
      assertTrue(all.size() >= 4, all::toString);
      // Frozen executors cannot stop.
      for (ProcessHandle each : all.subList(2, all.size())) {
        new ProcessBuilder("kill", "-STOP", Long.toString(each.pid())).start().waitFor();
      }
      unfold.signal("TERM");
      Thread.sleep(1000);
      long since = System.nanoTime();
      unfold.signal("TERM");
      assertEquals(143, unfold.exitCode(), unfold::told);
      for (ProcessHandle each : all.subList(2, all.size())) {
        new ProcessBuilder("kill", "-CONT", Long.toString(each.pid())).start().waitFor();
      }
      for (ProcessHandle each : all) {
        each.onExit().get(60, java.util.concurrent.TimeUnit.SECONDS);
      }
      assertTrue(System.nanoTime() - since < 60e9, "it took more than a minute");
    }
  }
}
