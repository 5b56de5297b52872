package dev.unfold.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cli.Program;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `unfold train ... --on spark://HOST:PORT`, as a user types it.
@Tag("slow")
final class StandaloneTest {
  @TempDir private Path folder;

  private List<String> series() throws Exception {
    StringBuilder table = new StringBuilder("store,date,sales\n");
    for (int store = 1; store <= 3; store++) {
      for (int day = 0; day < 150; day++) {
        double sales = 20 * store + 5 * Math.sin(2 * Math.PI * day / 7);
        table.append(
            "%d,%s,%.3f%n".formatted(store, LocalDate.of(2026, 1, 1).plusDays(day), sales));
      }
    }
    Path file = folder.resolve("sales.csv");
    Files.writeString(file, table);
    return List.of(
        "train",
        "series",
        file.toString(),
        "--by=store",
        "--target=sales",
        "--horizon=7",
        "--hidden=8",
        "--epochs=3",
        "--blocks=2");
  }

  private List<String> text() throws Exception {
    Path file = folder.resolve("text.txt");
    Files.writeString(file, "the cat sat on the mat, and the dog as well\n".repeat(60));
    return List.of(
        "train",
        "text",
        file.toString(),
        "--hidden=16",
        "--steps=16",
        "--batch=4",
        "--epochs=3",
        "--blocks=2");
  }

  private byte[] alone(List<String> arguments) throws Exception {
    Path model = folder.resolve("alone.safetensors");
    StringWriter err = new StringWriter();
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of("--threads=1", "--out=" + model));
    int code =
        new Program()
            .run(
                new PrintWriter(new StringWriter()),
                new PrintWriter(err),
                all.toArray(String[]::new))
            .code();
    assertEquals(0, code, err::toString);
    return Files.readAllBytes(model);
  }

  private static List<String> on(Standalone cluster, List<String> arguments, Path model) {
    List<String> all = new ArrayList<>(arguments);
    all.addAll(List.of("--on", cluster.master(), "--workers", "2", "--out", model.toString()));
    return all;
  }

  @Test
  void train_byTwoWorkers_sameFileAsAlone() throws Exception {
    try (Standalone cluster = Standalone.start(folder.resolve("cluster"))) {
      cluster.addWorker();
      cluster.addWorker();
      for (List<String> arguments : List.of(series(), text())) {
        Path model = folder.resolve("model.safetensors");
        try (UnfoldProcess unfold =
            UnfoldProcess.start(folder, cluster.home(), on(cluster, arguments, model))) {
          assertEquals(0, unfold.exitCode(), unfold::told);
          assertTrue(unfold.out().contains("model     " + model), unfold::told);
          assertEquals(List.of(), unfold.messages());
        }
        assertArrayEquals(alone(arguments), Files.readAllBytes(model));
        Files.delete(model);
      }
    }
  }

  /// As a machine that starts when the others have for a while.
  @Test
  void train_withAWorkerThatComesLate_sameFileAsAlone() throws Exception {
    try (Standalone cluster = Standalone.start(folder.resolve("cluster"))) {
      cluster.addWorker();
      Path model = folder.resolve("model.safetensors");
      try (UnfoldProcess unfold =
          UnfoldProcess.start(folder, cluster.home(), on(cluster, text(), model))) {
        Thread.sleep(25_000);
        assertFalse(Files.exists(model));
        cluster.addWorker();
        assertEquals(0, unfold.exitCode(), unfold::told);
        assertTrue(unfold.told().contains("waits for executors"), unfold::told);
      }
      assertArrayEquals(alone(text()), Files.readAllBytes(model));
    }
  }

  @Test
  void train_withAWorkerThatComesTooLate_saysWhoIsThere() throws Exception {
    try (Standalone cluster = Standalone.start(folder.resolve("cluster"))) {
      cluster.addWorker();
      Path model = folder.resolve("model.safetensors");
      try (UnfoldProcess unfold =
          UnfoldProcess.start(folder, cluster.home(), on(cluster, text(), model))) {
        assertEquals(2, unfold.exitCode(), unfold::told);
        List<String> messages = unfold.messages();
        assertEquals(1, messages.size(), unfold::told);
        assertTrue(
            messages
                .getFirst()
                .matches(
                    "unfold: workers: expected at most 1, the tasks that can run at once after"
                        + " 120 s, on 127\\.0\\.0\\.1:\\d+, got 2"),
            unfold::told);
      }
      assertFalse(Files.exists(model));
    }
  }

  @Test
  void train_withoutAnyWorker_saysThatNoneIsThere() throws Exception {
    try (Standalone cluster = Standalone.start(folder.resolve("cluster"))) {
      Path model = folder.resolve("model.safetensors");
      try (UnfoldProcess unfold =
          UnfoldProcess.start(folder, cluster.home(), on(cluster, text(), model))) {
        assertEquals(2, unfold.exitCode(), unfold::told);
        assertEquals(
            List.of(
                "unfold: workers: expected at most 0, the tasks that can run at once after 120 s,"
                    + " on no executor, got 2"),
            unfold.messages(),
            unfold::told);
      }
    }
  }

  /// Nothing is there to finish.
  @Test
  void train_stoppedWhileItWaits_endsAtOnce() throws Exception {
    try (Standalone cluster = Standalone.start(folder.resolve("cluster"))) {
      Path model = folder.resolve("model.safetensors");
      try (UnfoldProcess unfold =
          UnfoldProcess.start(folder, cluster.home(), on(cluster, text(), model))) {
        while (!unfold.told().contains("waits for executors")) {
          Thread.sleep(200);
        }
        long since = System.nanoTime();
        unfold.signal("TERM");
        assertEquals(143, unfold.exitCode(), unfold::told);
        assertTrue(System.nanoTime() - since < 60e9, "it took more than a minute");
        assertEquals(
            List.of("unfold: stopped before the training began"), unfold.messages(), unfold::told);
      }
    }
  }
}
