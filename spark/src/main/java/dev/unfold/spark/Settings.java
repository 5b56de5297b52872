package dev.unfold.spark;

import dev.unfold.argument.Refusal;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Settings of Spark that a training cannot run with, told before it begins.
final class Settings {
  private static final Logger LOG = LoggerFactory.getLogger(Settings.class);
  private static final int JAVA = 25;
  private static final long POLL = 200;
  private static final int SHOWN = 8;
  private static final Duration NOTE = Duration.ofSeconds(10);
  private static final String VECTORS = "jdk.incubator.vector";

  private Settings() {}

  /// **Errors**: a [Refusal] of the first that is not as it has to be.
  static void check(SparkContext context, Place place) {
    if (Runtime.version().feature() < JAVA) {
      throw new Refusal("java", "JDK 25 or newer", Runtime.version());
    }
    SparkConf conf = context.getConf();
    if (conf.getBoolean("spark.speculation", false)) {
      throw new Refusal("spark.speculation", "false: no worker may be there twice", "true");
    }
    checkExecutors(conf);
    if (!context.isLocal()) {
      checkTasks(conf, place);
    }
    checkVectors(context, place);
    checkSlots(context, place);
  }

  private static void checkExecutors(SparkConf conf) {
    if (!conf.getBoolean("spark.dynamicAllocation.enabled", false)) {
      return;
    }
    int least = conf.getInt("spark.dynamicAllocation.minExecutors", 0);
    int most = conf.getInt("spark.dynamicAllocation.maxExecutors", Integer.MAX_VALUE);
    if (least != most) {
      throw new Refusal(
          "spark.dynamicAllocation.enabled",
          "false, or the same number in spark.dynamicAllocation.minExecutors and maxExecutors",
          "true");
    }
  }

  private static void checkTasks(SparkConf conf, Place place) {
    int cpus = conf.getInt("spark.task.cpus", 1);
    if (cpus != place.threads()) {
      throw new Refusal(
          "spark.task.cpus", "%d, as many as threads of a worker".formatted(place.threads()), cpus);
    }
  }

  /// Without the module, a worker would compute with plain loops, many times slower, and nobody would know. Executors
  /// in processes of their own have it from Spark.
  private static void checkVectors(SparkContext context, Place place) {
    boolean isLacking = context.isLocal() && ModuleLayer.boot().findModule(VECTORS).isEmpty();
    if (isLacking && !place.backend().equals("scalar")) {
      throw new Refusal("java", "--add-modules %s, or backend scalar".formatted(VECTORS), "none");
    }
  }

  /// Executors may be on their way still.
  private static void checkSlots(SparkContext context, Place place) {
    Instant begin = Instant.now();
    Instant end = begin.plusSeconds(place.patience());
    Instant note = begin.plus(NOTE);
    int slots = slots(context);
    while (slots < place.workers() && !context.isLocal() && Instant.now().isBefore(end)) {
      if (Instant.now().isAfter(note)) {
        LOG.warn(
            "waits for executors until {}: {} of {} tasks could run",
            end.truncatedTo(ChronoUnit.SECONDS),
            slots,
            place.workers());
        note = end;
      }
      try {
        Thread.sleep(POLL);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
      slots = slots(context);
    }
    if (slots < place.workers()) {
      String where =
          context.isLocal()
              ? ""
              : " after %d s, on %s".formatted(place.patience(), executors(context));
      throw new Refusal(
          "workers",
          "at most %d, the tasks that can run at once%s".formatted(slots, where),
          place.workers());
    }
  }

  /// `10.0.0.7:4711 10.0.0.8:4712`: a few of them, so that people see who is missing.
  private static String executors(SparkContext context) {
    String driver = context.env().blockManager().blockManagerId().hostPort();
    List<String> all =
        Arrays.stream(context.statusTracker().getExecutorInfos())
            .map(each -> each.host() + ":" + each.port())
            .filter(each -> !each.equals(driver))
            .sorted()
            .toList();
    String more = all.size() > SHOWN ? " and %d more".formatted(all.size() - SHOWN) : "";
    return all.isEmpty()
        ? "no executor"
        : String.join(" ", all.subList(0, Math.min(SHOWN, all.size()))) + more;
  }

  private static int slots(SparkContext context) {
    return context.maxNumConcurrentTasks(context.resourceProfileManager().defaultResourceProfile());
  }
}
