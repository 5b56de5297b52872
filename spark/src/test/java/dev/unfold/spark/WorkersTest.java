package dev.unfold.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class WorkersTest {
  private static Dataset<Row> sales;

  @TempDir private Path folder;

  @BeforeAll
  static void start() {
    sales = Sales.of(LocalSpark.session(), 3, 90);
  }

  @Test
  void fit_twoWorkers_sameBytesAsOneWithTheSameBlocks() {
    byte[] two = Sales.forecaster().setWorkers(2).fit(sales).file();
    byte[] one = Sales.forecaster().setWorkers(1).setBlocks(2).fit(sales).file();
    assertArrayEquals(one, two);
    byte[] whole = Sales.forecaster().fit(sales).file();
    assertFalse(Arrays.equals(whole, two), "blocks make no difference");
  }

  @Test
  void fit_fewerBlocksThanWorkers_isRefusedInAllAtOnce() {
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Sales.forecaster().setWorkers(2).setBlocks(1).fit(sales));
    assertEquals("blocks: expected 2 or more, one for each worker, got 1", e.getMessage());
  }

  /// It would diverge again: nobody waits for three more attempts.
  @Test
  void fit_thatDiverges_saysSoOnce() {
    int[] stages = {0};
    SparkListener counting =
        new SparkListener() {
          @Override
          public void onStageSubmitted(SparkListenerStageSubmitted submitted) {
            stages[0] = Math.max(stages[0], submitted.stageInfo().attemptNumber() + 1);
          }
        };
    LocalSpark.session().sparkContext().addSparkListener(counting);
    try {
      Exception e =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  Sales.forecaster()
                      .setWorkers(2)
                      .setOptimizer("sgd")
                      .setLr(9e5)
                      .setDecay(0.9)
                      .fit(sales));
      assertTrue(e.getMessage().contains("expected a finite"), e::getMessage);
      assertEquals(1, stages[0], "attempts");
    } finally {
      LocalSpark.session().sparkContext().removeSparkListener(counting);
    }
  }

  @Test
  void fit_withARunOfOneWorker_goesOnWithTwoInTheSameBits() throws Exception {
    byte[] whole = Sales.forecaster().setBlocks(2).setEpochs(2).fit(sales).file();
    String run = folder.resolve("run").toString();
    Sales.forecaster().setBlocks(2).setEpochs(2).setRun(run).setCheckpoint(20).fit(sales);
    // The last checkpoint, as if the first had come no farther than its first epoch.
    try (var files = Files.list(Path.of(run))) {
      Path last =
          files
              .filter(file -> file.getFileName().toString().startsWith("checkpoint-"))
              .max(Comparator.comparingInt(WorkersTest::number))
              .orElseThrow();
      Files.delete(last);
    }
    byte[] resumed =
        Sales.forecaster()
            .setBlocks(2)
            .setEpochs(2)
            .setWorkers(2)
            .setRun(run)
            .setCheckpoint(20)
            .fit(sales)
            .file();
    assertArrayEquals(whole, resumed);
  }

  private static int number(Path checkpoint) {
    return Integer.parseInt(checkpoint.getFileName().toString().replaceAll("\\D", ""));
  }

  @Test
  void fit_inTheFolderOfAnotherRun_isRefusedInOneLine() {
    String run = folder.resolve("run").toString();
    Sales.forecaster().setEpochs(1).setRun(run).fit(sales);
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Sales.forecaster()
                    .setEpochs(1)
                    .setLr(0.5)
                    .setBlocks(1)
                    .setWorkers(1)
                    .setRun(run)
                    .fit(sales));
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    assertTrue(e.getMessage().contains("0.5"), e.getMessage());
  }
}
