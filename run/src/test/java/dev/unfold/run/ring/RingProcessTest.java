package dev.unfold.run.ring;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.run.SharedRuns;
import dev.unfold.train.Workers;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Workers that are processes.
final class RingProcessTest {
  private static final long SECONDS = 120;

  @TempDir private Path folder;

  private final List<Process> processes = new ArrayList<>();

  @AfterEach
  void end() {
    processes.forEach(Process::destroyForcibly);
  }

  /// Starts `count` workers and tells them where all are.
  private List<BufferedReader> start(int count, Path model, int timeout) throws IOException {
    List<BufferedReader> outs = new ArrayList<>();
    List<String> ports = new ArrayList<>();
    for (int rank = 0; rank < count; rank++) {
      processes.add(
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                  "--enable-native-access=ALL-UNNAMED",
                  "--add-modules",
                  "jdk.incubator.vector",
                  "-cp",
                  System.getProperty("java.class.path"),
                  WorkerMain.class.getName(),
                  Integer.toString(rank),
                  SharedRuns.TEXT.name(),
                  "7",
                  model.toString(),
                  Integer.toString(timeout))
              .redirectError(folder.resolve("errors-" + rank).toFile())
              .start());
      outs.add(processes.getLast().inputReader(StandardCharsets.UTF_8));
    }
    for (BufferedReader out : outs) {
      ports.add(out.readLine());
    }
    for (Process process : processes) {
      Writer in = process.outputWriter(StandardCharsets.UTF_8);
      in.write(String.join(" ", ports) + "\n");
      in.flush();
    }
    return outs;
  }

  private void expectEnd(Process process, int code) throws InterruptedException {
    assertTrue(process.waitFor(SECONDS, TimeUnit.SECONDS), "a process hangs");
    assertEquals(code, process.exitValue());
  }

  @Test
  void model_ofProcesses_isThatOfOneAlone() throws Exception {
    Path alone = folder.resolve("alone");
    SharedRuns.TEXT.of(7, alone, Workers.alone()).train(SharedRuns.telling(event -> {}));
    Path model = folder.resolve("model");
    List<BufferedReader> outs = start(3, model, 60);
    for (int rank = 0; rank < 3; rank++) {
      String last = "";
      for (String line = outs.get(rank).readLine();
          line != null;
          line = outs.get(rank).readLine()) {
        last = line;
      }
      assertTrue(last.startsWith("update "), last);
      expectEnd(processes.get(rank), 0);
    }
    assertArrayEquals(Files.readAllBytes(alone), Files.readAllBytes(model));
  }

  @Test
  void process_thatIsKilled_endsAllOthersWithALineAboutIt() throws Exception {
    killed("KILL", 60, ") has gone (");
  }

  @Test
  void process_thatIsStopped_endsAllOthersAfterTheTimeOut() throws Exception {
    killed("STOP", 8, " nothing for 8.00 s");
  }

  private void killed(String signal, int timeout, String expected) throws Exception {
    List<BufferedReader> outs = start(3, folder.resolve("model"), timeout);
    while (!outs.get(1).readLine().equals("update 2")) {}
    new ProcessBuilder("kill", "-" + signal, Long.toString(processes.get(1).pid()))
        .start()
        .waitFor();
    for (int rank : new int[] {0, 2}) {
      String last = "";
      for (String line = outs.get(rank).readLine();
          line != null;
          line = outs.get(rank).readLine()) {
        last = line;
      }
      assertTrue(last.startsWith("failed: rank 1 (localhost:") && last.contains(expected), last);
      expectEnd(processes.get(rank), 1);
    }
  }
}
