package dev.unfold.spark;

import java.nio.file.Files;
import java.nio.file.Path;
import org.apache.spark.sql.SparkSession;

/// A driver with executors in processes of their own: trains, and writes the model to a file.
///
/// Arguments: the file, the folder of the run or nothing, epochs, workers; the master and the patience, if they are
/// others than usual.
final class ClusterMain {
  private ClusterMain() {}

  public static void main(String[] arguments) throws Exception {
    SparkSession session =
        SparkSession.builder()
            .master(arguments.length > 4 ? arguments[4] : "local-cluster[2,1,1024]")
            .appName("unfold")
            .config("spark.ui.enabled", "false")
            .config("spark.executor.extraClassPath", System.getProperty("java.class.path"))
            .config("spark.executor.extraJavaOptions", "--add-modules jdk.incubator.vector")
            .config("spark.stage.maxConsecutiveAttempts", "8")
            .config("spark.excludeOnFailure.enabled", "false")
            .getOrCreate();
    SequenceForecaster forecaster =
        Sales.forecaster()
            .setHidden("24")
            .setEpochs(Integer.parseInt(arguments[2]))
            .setWorkers(Integer.parseInt(arguments[3]))
            .setBlocks(2)
            .setCheckpoint(25)
            .setPatienceSeconds(arguments.length > 5 ? Integer.parseInt(arguments[5]) : 60)
            .setRun(arguments[1]);
    try {
      byte[] model = forecaster.fit(Sales.of(session, 6, 200)).file();
      Files.write(Path.of(arguments[0]), model);
    } finally {
      session.stop();
    }
  }
}
