package dev.unfold.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Executors in processes of their own, which die.
@Tag("slow")
final class ClusterTest {
  private static final String EPOCHS = "6";
  private static final int KILLS = Integer.getInteger("unfold.kills", 20);

  @TempDir private Path folder;

  private Path own(String name) throws Exception {
    return Files.createDirectories(folder.resolve(name));
  }

  /// What one process with the same blocks makes.
  private static byte[] alone() {
    return Sales.forecaster()
        .setHidden("24")
        .setEpochs(Integer.parseInt(EPOCHS))
        .setBlocks(2)
        .fit(Sales.of(LocalSpark.session(), 6, 200))
        .file();
  }

  private static long checkpoint(Path run) throws Exception {
    if (!Files.isDirectory(run)) {
      return -1;
    }
    try (Stream<Path> files = Files.list(run)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("checkpoint-\\d+\\.safetensors"))
          .mapToLong(name -> Long.parseLong(name.replaceAll("\\D", "")))
          .max()
          .orElse(-1);
    }
  }

  private static void awaitCheckpoint(ClusterProcess cluster, Path run, long from)
      throws Exception {
    while (cluster.isAlive() && checkpoint(run) < from) {
      Thread.sleep(50);
    }
  }

  @Test
  void fit_executorsKilledInTheMiddle_sameBitsAsAlone() throws Exception {
    byte[] alone = alone();
    Path model = folder.resolve("model");
    Path run = folder.resolve("run");
    SplittableRandom random = new SplittableRandom(1);
    try (ClusterProcess cluster =
        ClusterProcess.start(own("cluster"), model.toString(), run.toString(), EPOCHS, "2")) {
      int kills = 0;
      while (kills < 2 && cluster.isAlive()) {
        awaitCheckpoint(cluster, run, checkpoint(run) + 25);
        List<ProcessHandle> executors = cluster.executors();
        if (executors.size() == 2) {
          executors.get(random.nextInt(2)).destroyForcibly();
          kills++;
        }
      }
      assertEquals(0, cluster.await(), cluster.log());
      assertTrue(cluster.log().contains("goes on after update"), cluster.log());
      assertEquals(2, kills);
    }
    assertArrayEquals(alone, Files.readAllBytes(model));
  }

  @Test
  void fit_manyKills_noneIsLost() throws Exception {
    byte[] alone = alone();
    SplittableRandom random = new SplittableRandom(2);
    int kills = 0;
    for (int round = 0; kills < KILLS; round++) {
      Path model = folder.resolve("model-" + round);
      Path run = folder.resolve("run-" + round);
      int until = Math.min(kills + 5, KILLS);
      try (ClusterProcess cluster =
          ClusterProcess.start(
              own("cluster-" + round), model.toString(), run.toString(), EPOCHS, "2")) {
        while (kills < until && cluster.isAlive()) {
          awaitCheckpoint(cluster, run, 25);
          // At any moment: while they start, join, train, or write.
          Thread.sleep(random.nextInt(4000));
          List<ProcessHandle> executors = cluster.executors();
          if (!executors.isEmpty() && cluster.isAlive()) {
            executors.get(random.nextInt(executors.size())).destroyForcibly();
            kills++;
          }
        }
        assertEquals(0, cluster.await(), cluster.log());
      }
      assertArrayEquals(alone, Files.readAllBytes(model), "round " + round);
    }
  }

  @Test
  void fit_driverLost_anotherGoesOnInTheSameBits() throws Exception {
    byte[] alone = alone();
    Path model = folder.resolve("model");
    Path run = folder.resolve("run");
    String[] arguments = {model.toString(), run.toString(), EPOCHS, "2"};
    List<ProcessHandle> left;
    try (ClusterProcess lost = ClusterProcess.start(own("lost"), arguments)) {
      awaitCheckpoint(lost, run, 75);
      left = lost.executors();
      lost.driver().destroyForcibly();
      // Executors end by themselves when their driver is gone.
      for (ProcessHandle executor : left) {
        executor.onExit().get(2, TimeUnit.MINUTES);
      }
    }
    assertFalse(Files.exists(model));
    try (ClusterProcess next = ClusterProcess.start(own("next"), arguments)) {
      assertEquals(0, next.await(), next.log());
      assertTrue(next.log().contains("goes on after update"), next.log());
    }
    assertArrayEquals(alone, Files.readAllBytes(model));
  }

  @Test
  void fit_aWorkerThatStopsAnswering_isNamedAndTheOthersGoOnWithout() throws Exception {
    byte[] alone = alone();
    Path model = folder.resolve("model");
    Path run = folder.resolve("run");
    try (ClusterProcess cluster =
        ClusterProcess.start(own("cluster"), model.toString(), run.toString(), EPOCHS, "2")) {
      awaitCheckpoint(cluster, run, 75);
      ProcessHandle frozen = cluster.executors().getFirst();
      new ProcessBuilder("kill", "-STOP", Long.toString(frozen.pid())).start().waitFor();
      // As a machine whose network is gone: it comes back when the others have given up.
      Thread.sleep(100_000);
      new ProcessBuilder("kill", "-CONT", Long.toString(frozen.pid())).start().waitFor();
      assertEquals(0, cluster.await(), cluster.log());
      assertTrue(cluster.log().contains("has sent nothing for"), cluster.log());
    }
    assertArrayEquals(alone, Files.readAllBytes(model));
  }

  @Test
  void fit_fullDisk_endsInOneLineThatNamesTheFile() throws Exception {
    Path model = folder.resolve("model");
    Path disk = own("disk");
    Process mount =
        new ProcessBuilder("mount", "-t", "tmpfs", "-o", "size=96k", "tmpfs", disk.toString())
            .redirectErrorStream(true)
            .start();
    assumeTrue(mount.waitFor() == 0, "not tested: a small disk cannot be mounted by this user");
    try (ClusterProcess cluster =
        ClusterProcess.start(
            own("cluster"), model.toString(), disk.resolve("run").toString(), EPOCHS, "2")) {
      assertEquals(1, cluster.await(), cluster.log());
      String said =
          cluster
              .log()
              .lines()
              .filter(line -> line.contains("FailureException"))
              .findFirst()
              .orElse("");
      assertTrue(
          said.contains("checkpoint-") && said.contains("No space left on device"), cluster.log());
    } finally {
      new ProcessBuilder("umount", disk.toString()).start().waitFor();
    }
    assertFalse(Files.exists(model));
  }
}
