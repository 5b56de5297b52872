package dev.unfold.spark;

import dev.unfold.run.job.TrainingJob;
import java.security.SecureRandom;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import scala.reflect.ClassTag$;

/// Trains in one barrier stage: all workers at once, or none. What they return goes through a shuffle, since Spark does
/// not try a last stage again.
final class Training {
  private static final int SECRET = 32;

  private Training() {}

  /// The file of the trained model.
  static byte[] run(SparkSession session, TrainingJob job, Place place) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(session.sparkContext());
    Settings.check(context.sc(), place);
    byte[] secret = new byte[SECRET];
    new SecureRandom().nextBytes(secret);
    Broadcast<Shipment> shipment = context.broadcast(Shipment.of(job));
    try {
      JavaRDD<Integer> ranks =
          context.parallelize(
              IntStream.range(0, place.workers()).boxed().toList(), place.workers());
      List<Outcome> outcomes =
          JavaRDD.fromRDD(
                  ranks
                      .rdd()
                      .barrier()
                      .mapPartitions(
                          new WorkerTask(shipment, place, secret),
                          false,
                          ClassTag$.MODULE$.<Outcome>apply(Outcome.class)),
                  ClassTag$.MODULE$.<Outcome>apply(Outcome.class))
              .repartition(1)
              .collect();
      return outcomes.getFirst().model();
    } finally {
      shipment.destroy();
    }
  }
}
