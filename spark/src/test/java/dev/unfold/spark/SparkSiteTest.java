package dev.unfold.spark;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cli.Program;
import dev.unfold.run.StopRequest;
import dev.unfold.run.job.TrainingSite;
import dev.unfold.run.output.FailureException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class SparkSiteTest {
  @TempDir private Path folder;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  private List<String> arguments() throws Exception {
    Path text = folder.resolve("text.txt");
    Files.writeString(text, "the cat sat on the mat, and the dog as well\n".repeat(40));
    return List.of(
        "train",
        "text",
        text.toString(),
        "--hidden=16",
        "--steps=16",
        "--batch=4",
        "--epochs=2",
        "--threads=1",
        "--blocks=2");
  }

  private byte[] alone() throws Exception {
    Path model = folder.resolve("alone.safetensors");
    List<String> all = new ArrayList<>(arguments());
    all.add("--out=" + model);
    assertEquals(
        0,
        new Program()
            .run(new PrintWriter(out), new PrintWriter(err), all.toArray(String[]::new))
            .code());
    return Files.readAllBytes(model);
  }

  private int submitted(int workers, Path model, List<String> arguments) {
    JavaSparkContext context =
        JavaSparkContext.fromSparkContext(LocalSpark.session().sparkContext());
    return Submitted.run(
        context,
        new Place(workers, 1, "auto", "", 500, 60),
        model,
        arguments,
        new PrintWriter(out),
        new PrintWriter(err),
        new StopRequest());
  }

  @Test
  void places_ofSpark_areKnownAndOthersAreNot() {
    SparkSite site = new SparkSite(Map.of());
    for (String place :
        List.of(
            "spark://h:7077",
            "yarn",
            "k8s://https://h",
            "local",
            "local[2]",
            "local-cluster[2,1,1024]")) {
      assertTrue(site.has(place), place);
    }
    for (String place : List.of("ssh://h", "spark", "local[", "mesos://h", "")) {
      assertFalse(site.has(place), place);
    }
  }

  @Test
  void train_withoutASpark_saysWhatIsMissing() {
    TrainingSite.Call call =
        new TrainingSite.Call("local", 1, 1, folder.resolve("m"), List.of("train"));
    Exception none =
        assertThrows(
            IllegalArgumentException.class,
            () -> new SparkSite(Map.of()).train(call, new PrintWriter(out), new PrintWriter(err)));
    assertEquals(
        "on: expected SPARK_HOME, the folder of a Spark 4.2 or newer, got none", none.getMessage());
    Exception other =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                new SparkSite(Map.of("SPARK_HOME", folder.toString()))
                    .train(call, new PrintWriter(out), new PrintWriter(err)));
    assertEquals(
        "on: expected a Spark in SPARK_HOME, with a folder of jars, got " + folder,
        other.getMessage());
  }

  /// What an administrator says in `conf/spark-defaults.conf` has to stay, and what has blanks in it as well.
  @Test
  void train_byTheScript_hasThisJavaAndLeavesTheOptionsOfTheInstallation() throws Exception {
    Path home = folder.resolve("a spark");
    Path script = home.resolve("bin").resolve("spark-submit");
    Files.createDirectories(home.resolve("jars"));
    Files.createDirectories(script.getParent());
    Files.writeString(script, "#!/bin/sh\necho \"$JAVA_HOME\"\nprintf '%s\\n' \"$@\"\nexit 3\n");
    assertTrue(script.toFile().setExecutable(true));
    Path model = folder.resolve("a model");
    TrainingSite.Call call =
        new TrainingSite.Call(
            "k8s://https://h:1", 2, 4, model, List.of("train", "text", "a b.txt"));
    SparkSite site = new SparkSite(Map.of("SPARK_HOME", home.toString()));
    // A code of Spark's own is none of the command line's.
    Exception failed =
        assertThrows(
            FailureException.class,
            () -> site.train(call, new PrintWriter(out), new PrintWriter(err)));
    assertEquals(
        "spark-submit: expected a driver that trains, got exit code 3 of Spark itself",
        failed.getMessage());
    List<String> lines = out.toString().lines().toList();
    assertEquals(System.getProperty("java.home"), lines.getFirst());
    assertFalse(out.toString().contains("extraJavaOptions"), out.toString());
    assertTrue(lines.contains("spark.task.cpus=4"), out.toString());
    assertEquals(
        List.of("2", "4", model.toString(), "train", "text", "a b.txt"),
        lines.subList(lines.size() - 6, lines.size()));
  }

  /// A script that says how it was called, and ends with a code.
  private SparkSite scripted(int code) throws Exception {
    Path home = folder.resolve("scripted");
    Path script = home.resolve("bin").resolve("spark-submit");
    Files.createDirectories(home.resolve("jars"));
    Files.createDirectories(script.getParent());
    Files.writeString(script, "#!/bin/sh\nprintf '%s\\n' \"$@\"\nexit " + code + "\n");
    assertTrue(script.toFile().setExecutable(true));
    return new SparkSite(Map.of("SPARK_HOME", home.toString()));
  }

  /// A file whose name begins as an option does.
  @Test
  void train_withAnEndOfOptions_handsOverWholePathsBeforeItsOwnOptions() throws Exception {
    scripted(0);
    List<String> line =
        List.of("train", "text", "--on", "yarn", "--workers=2", "--out=m", "--", "--a.txt", "b");
    try (UnfoldProcess unfold = UnfoldProcess.start(folder, folder.resolve("scripted"), line)) {
      assertEquals(0, unfold.exitCode(), unfold::told);
      List<String> lines = unfold.out().lines().toList();
      Path real = folder.toRealPath();
      assertEquals(
          List.of(
              real.resolve("m").toString(),
              "train",
              "text",
              "--out=" + real.resolve("m"),
              real.resolve("--a.txt").toString(),
              real.resolve("b").toString(),
              "--threads=1",
              "--blocks=2"),
          lines.subList(lines.size() - 8, lines.size()));
    }
  }

  private static TrainingSite.Call call(String place) {
    return new TrainingSite.Call(place, 3, 2, Path.of("/m"), List.of("train", "text", "/t.txt"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"yarn", "k8s://https://host:6443", "local-cluster[3,2,1024]", "local[3]", "local"})
  void train_onAnyPlace_handsItToTheScriptAsItIs(String place) throws Exception {
    assertEquals(
        0, scripted(0).train(call(place), new PrintWriter(out), new PrintWriter(err)), place);
    List<String> lines = out.toString().lines().toList();
    assertEquals(List.of("--master", place, "--name", "unfold"), lines.subList(0, 4));
    assertEquals(List.of("--class", Submitted.class.getName()), lines.subList(4, 6));
    assertEquals(List.of("--deploy-mode", "client"), lines.subList(6, 8));
    // One process is no cluster, and has no tasks of several processors.
    assertEquals(
        !place.startsWith("local[") && !place.equals("local"),
        lines.contains("spark.task.cpus=2"),
        out::toString);
    int jars = lines.indexOf("--jars");
    for (String jar : lines.get(jars + 1).split(",", -1)) {
      assertTrue(jar.endsWith(".jar"), jar);
    }
    // The jar of the class is the application, and what follows are its arguments.
    assertTrue(lines.get(jars + 2).endsWith(".jar"), out::toString);
    assertEquals(
        List.of("3", "2", "/m", "train", "text", "/t.txt"), lines.subList(jars + 3, lines.size()));
  }

  @ParameterizedTest
  @CsvSource({"0, 0", "101, 1", "102, 2", "129, 129", "130, 130", "143, 143"})
  void train_whoseDriverEnds_hasTheCodeOfTheCommandLine(int told, int code) throws Exception {
    assertEquals(
        code, scripted(told).train(call("yarn"), new PrintWriter(out), new PrintWriter(err)));
  }

  /// Codes that a script, a JVM, or a system gives.
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 50, 127, 137})
  void train_whoseSparkFails_saysSoInOneLine(int code) throws Exception {
    SparkSite site = scripted(code);
    Exception failed =
        assertThrows(
            FailureException.class,
            () -> site.train(call("yarn"), new PrintWriter(out), new PrintWriter(err)));
    assertEquals(
        "spark-submit: expected a driver that trains, got exit code %d of Spark itself"
            .formatted(code),
        failed.getMessage());
  }

  @Test
  void train_whereNoMasterListens_saysSoAtOnce() throws Exception {
    SparkSite site = scripted(0);
    int port = Standalone.freePort();
    long since = System.nanoTime();
    Exception refused =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                site.train(
                    call("spark://127.0.0.1:%d,127.0.0.1:no".formatted(port)),
                    new PrintWriter(out),
                    new PrintWriter(err)));
    assertEquals(
        ("on: expected a Spark master that listens, got 127.0.0.1:%d (Connection refused),"
                + " 127.0.0.1:no (expected HOST:PORT, as of spark-master:7077)")
            .formatted(port),
        refused.getMessage());
    assertTrue(System.nanoTime() - since < 10e9);
    assertEquals("", out.toString(), "Spark was asked");
  }

  @Test
  void submitted_intoAFolderThatIsNotThereYet_makesIt() throws Exception {
    Path model = folder.resolve("run").resolve("model.safetensors");
    assertEquals(0, submitted(1, model, arguments()), err::toString);
    assertTrue(Files.exists(model));
  }

  @Test
  void submitted_twoWorkers_sameFileAsAloneAndTheReportNamesIt() throws Exception {
    byte[] alone = alone();
    out.getBuffer().setLength(0);
    Path model = folder.resolve("two.safetensors");
    assertEquals(0, submitted(2, model, arguments()), err::toString);
    assertArrayEquals(alone, Files.readAllBytes(model));
    assertTrue(out.toString().contains("model     " + model), out.toString());
  }

  @Test
  void submitted_whatCannotBeUsed_isToldOnceWithItsExitCode() throws Exception {
    Path model = folder.resolve("none.safetensors");
    List<String> wrong = new ArrayList<>(arguments());
    wrong.add("--cell=lstn");
    assertEquals(2, submitted(2, model, wrong));
    assertEquals(1, err.toString().lines().count(), err.toString());
    assertTrue(err.toString().startsWith("unfold: --cell: expected one of"), err.toString());
    assertFalse(Files.exists(model));
  }

  /// It would diverge again: nobody waits for three more attempts.
  @Test
  void submitted_thatDiverges_isTriedOnce() throws Exception {
    int[] attempts = {0};
    SparkListener counting =
        new SparkListener() {
          @Override
          public void onStageSubmitted(SparkListenerStageSubmitted submitted) {
            attempts[0] = Math.max(attempts[0], submitted.stageInfo().attemptNumber() + 1);
          }
        };
    LocalSpark.session().sparkContext().addSparkListener(counting);
    try {
      List<String> diverging = new ArrayList<>(arguments());
      diverging.addAll(List.of("--optimizer=sgd", "--lr=9e5", "--decay=0.9"));
      assertEquals(1, submitted(2, folder.resolve("none.safetensors"), diverging), out::toString);
      assertEquals(1, err.toString().lines().count(), err.toString());
      assertTrue(err.toString().contains("expected a finite"), err.toString());
      assertEquals(1, attempts[0], "attempts");
    } finally {
      LocalSpark.session().sparkContext().removeSparkListener(counting);
    }
  }

  /// What comes while it trains is printed then, and only once.
  @Test
  void submitted_whatTheFirstPrints_comesAsAlone() throws Exception {
    List<String> said = new ArrayList<>(arguments());
    said.add("--json");
    assertEquals(0, submitted(2, folder.resolve("model.safetensors"), said), err::toString);
    List<String> events =
        out.toString()
            .lines()
            .map(line -> line.replaceAll(".*\"event\":\"(\\w+)\".*", "$1"))
            .toList();
    assertEquals(List.of("started", "progress"), events.subList(0, 2));
    assertEquals(1, events.stream().filter("started"::equals).count(), out::toString);
    assertEquals("finished", events.getLast());
  }

  @Test
  void submitted_inTheFolderOfAnotherRun_theFirstRefusesForAll() throws Exception {
    Path run = folder.resolve("run");
    List<String> there = new ArrayList<>(arguments());
    there.add("--run=" + run);
    Path model = folder.resolve("model.safetensors");
    assertEquals(0, submitted(2, model, there), err::toString);
    assertTrue(Files.exists(run.resolve("run.json")));
    assertEquals(2, submitted(2, model, there), out::toString);
    assertTrue(
        err.toString().contains("--run: expected a folder without a run in it"), err.toString());
  }

  @Test
  @Tag("slow")
  void train_onExecutorsOfTheirOwn_sameFileAsAlone() throws Exception {
    byte[] alone = alone();
    Path model = folder.resolve("cluster.safetensors");
    Path home = ClusterProcess.home(folder);
    TrainingSite.Call call =
        new TrainingSite.Call("local-cluster[2,1,1024]", 2, 1, model, arguments());
    Map<String, String> environment = Map.of("SPARK_HOME", home.toString());
    int code = new SparkSite(environment).train(call, new PrintWriter(out), new PrintWriter(err));
    assertEquals(0, code, out::toString);
    assertArrayEquals(alone, Files.readAllBytes(model));
  }
}
