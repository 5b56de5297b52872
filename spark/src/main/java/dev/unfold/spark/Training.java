package dev.unfold.spark;

import dev.unfold.run.job.TrainingJob;
import dev.unfold.run.output.FailureException;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import scala.Function1;
import scala.collection.Iterator;
import scala.reflect.ClassTag;
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
    Broadcast<byte[]> shipment = context.broadcast(Parcel.of(Shipment.of(job)));
    try {
      return Parcel.open(
              together(context, place, new WorkerTask(shipment, place, secret())).getFirst(),
              Outcome.class)
          .model();
    } finally {
      shipment.destroy();
    }
  }

  /// What comes of a command that all workers run: of the first, or of one that refused it.
  ///
  /// @param model the file that is to have it, for messages
  /// @param line by which the first worker reaches this driver
  static CommandOutcome run(
      JavaSparkContext context, List<String> arguments, Place place, String model, Line line) {
    CommandTask task = new CommandTask(arguments, place, secret(), model, line);
    return together(context, place, task).stream()
        .map(outcome -> Parcel.open(outcome, CommandOutcome.class))
        .max(Comparator.comparingInt(CommandOutcome::code))
        .orElseThrow();
  }

  private static byte[] secret() {
    byte[] secret = new byte[SECRET];
    new SecureRandom().nextBytes(secret);
    return secret;
  }

  /// Of bytes that Spark is not to know as such: it would choose Kryo for them, which needs more of Java than a driver
  /// that `spark-submit` did not start may have.
  @SuppressWarnings("unchecked")
  private static ClassTag<byte[]> anything() {
    return (ClassTag<byte[]>) (ClassTag<?>) ClassTag$.MODULE$.apply(Object.class);
  }

  private static List<byte[]> together(
      JavaSparkContext context, Place place, Function1<Iterator<Integer>, Iterator<byte[]>> task) {
    ClassTag<byte[]> tag = anything();
    JavaRDD<Integer> ranks =
        context.parallelize(IntStream.range(0, place.workers()).boxed().toList(), place.workers());
    try {
      return JavaRDD.fromRDD(ranks.rdd().barrier().mapPartitions(task, false, tag), tag)
          .repartition(1)
          .collect();
    } catch (Exception e) {
      // A SparkException is a checked one that nothing declares.
      throw new FailureException(Failure.line(e), e);
    }
  }
}
