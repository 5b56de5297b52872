package dev.unfold.spark;

import dev.unfold.argument.Refusal;
import dev.unfold.run.Interrupts;
import dev.unfold.run.StopRequest;
import dev.unfold.run.job.TrainingSite;
import dev.unfold.run.output.FailureException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// Trains on a cluster of Spark: hands the command over to the `spark-submit` of SPARK_HOME. Nothing of Spark is needed
/// in this process.
public final class SparkSite implements TrainingSite {
  private static final Pattern PLACE =
      Pattern.compile("spark://.+|yarn|k8s://.+|local(\\[[^\\]]+\\])?|local-cluster\\[[^\\]]+\\]");

  /// Those of a training that did what it was to, or that HUP, INT or TERM stopped.
  private static final Set<Integer> CODES = Set.of(0, 129, 130, 143);

  private static final Set<Integer> FAILURES = Set.of(Submitted.CODES + 1, Submitted.CODES + 2);

  /// Longer than that of the driver, which tells more.
  private static final Duration GRACE = Duration.ofSeconds(90);

  private final Map<String, String> environment;

  /// With the environment of this process.
  public SparkSite() {
    this(System.getenv());
  }

  SparkSite(Map<String, String> environment) {
    this.environment = environment;
  }

  @Override
  public String places() {
    return "spark://HOST:PORT, yarn, k8s://..., local[N] or local-cluster[N,CORES,MB]";
  }

  @Override
  public boolean has(String place) {
    return PLACE.matcher(place).matches();
  }

  @Override
  public int train(Call call, PrintWriter out, PrintWriter err) throws Exception {
    Path home = home();
    Masters.expectOne(call.place());
    try (ShippedJars jars = ShippedJars.ofThisProcess(home);
        SparkLog log = SparkLog.of(home, environment)) {
      ProcessBuilder builder = new ProcessBuilder(command(home, call, jars, log));
      log.put(builder.environment());
      builder.environment().put("SPARK_HOME", home.toString());
      // The launcher may have found a newer Java than the environment names.
      builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
      // A folder of jars alone does not tell it by its own layout.
      builder.environment().putIfAbsent("SPARK_SCALA_VERSION", "2.13");
      builder.redirectError(ProcessBuilder.Redirect.INHERIT);

      return passOn(builder.start(), out);
    } catch (IOException e) {
      throw new FailureException("spark-submit: cannot be started: " + e.getMessage(), e);
    }
  }

  /// Passes on what the driver prints, and signals to it.
  private static int passOn(Process process, PrintWriter out)
      throws IOException, InterruptedException {
    StopRequest stop = new StopRequest();
    stop.listen(code -> {
      Wishes.tell(process.getOutputStream(), code);
      Wishes.endAfter(GRACE, process);
    });
    try (Interrupts _ = Interrupts.catching(stop);
        BufferedReader lines =
            new BufferedReader(
                new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      lines
          .lines()
          .forEach(line -> {
            out.println(line);
            out.flush();
          });
      return code(process.waitFor());
    } finally {
      process.destroy();
    }
  }

  /// That of the command line.
  private static int code(int told) {
    if (CODES.contains(told)) {
      return told;
    }
    if (FAILURES.contains(told)) {
      return told - Submitted.CODES;
    }
    throw new FailureException(
        "spark-submit: expected a driver that trains, got exit code %d of Spark itself"
            .formatted(told),
        null);
  }

  private Path home() {
    String home = environment.getOrDefault("SPARK_HOME", "");
    if (home.isEmpty()) {
      throw new Refusal("on", "SPARK_HOME, the folder of a Spark 4.2 or newer", "none");
    }
    if (!Files.isDirectory(Path.of(home, "jars"))) {
      throw new Refusal("on", "a Spark in SPARK_HOME, with a folder of jars", home);
    }
    return Path.of(home);
  }

  /// The script of an installation; of a folder of jars alone what that would start.
  private List<String> command(Path home, Call call, ShippedJars jars, SparkLog log) {
    List<String> command = new ArrayList<>();
    Path script = home.resolve("bin").resolve("spark-submit");
    if (Files.isExecutable(script)) {
      command.add(script.toString());
    } else {
      command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
      command.addAll(List.of("--add-modules", "jdk.incubator.vector"));
      command.addAll(List.of("--enable-native-access=ALL-UNNAMED"));
      command.addAll(List.of("--sun-misc-unsafe-memory-access=allow"));
      log.option().ifPresent(command::add);
      command.addAll(List.of("-cp", home.resolve("conf") + ":" + home.resolve("jars") + "/*"));
      command.add("org.apache.spark.deploy.SparkSubmit");
    }
    command.addAll(List.of("--master", call.place(), "--name", "unfold"));
    command.addAll(List.of("--class", Submitted.class.getName()));
    // Here is where the model goes, and where the user is.
    command.addAll(List.of("--deploy-mode", "client"));
    if (!call.place().startsWith("local[") && !call.place().equals("local")) {
      conf(command, "spark.task.cpus", Integer.toString(call.threads()));
    }
    command.addAll(List.of("--jars", jars.others()));
    command.add(jars.main());
    command.add(Integer.toString(call.workers()));
    command.add(Integer.toString(call.threads()));
    command.add(call.model().toString());
    command.addAll(call.arguments());
    return command;
  }

  private static void conf(List<String> command, String name, String value) {
    command.addAll(List.of("--conf", name + "=" + value));
  }
}
