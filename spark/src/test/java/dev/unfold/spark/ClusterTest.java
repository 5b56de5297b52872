package dev.unfold.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SplittableRandom;
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
}
