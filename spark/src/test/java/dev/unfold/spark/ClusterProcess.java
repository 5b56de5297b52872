package dev.unfold.spark;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.spark.launcher.JavaModuleOptions;

/// A driver in a process of its own, whose executors are processes that it starts.
final class ClusterProcess implements AutoCloseable {
  private final Process driver;
  private final Path log;

  private ClusterProcess(Process driver, Path log) {
    this.driver = driver;
    this.log = log;
  }

  /// Starts [ClusterMain].
  ///
  /// @param folder for what it leaves
  static ClusterProcess start(Path folder, String... arguments) throws IOException {
    Path home = home(folder);
    Path log = folder.resolve("driver.log");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
    command.addAll(List.of("-Xmx512m", "-cp", System.getProperty("java.class.path")));
    command.add(ClusterMain.class.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile());
    environment(builder, home, folder);
    return new ClusterProcess(builder.start(), log);
  }

  /// What Spark wants to know of a folder of jars.
  static void environment(ProcessBuilder builder, Path home, Path folder) {
    builder.environment().put("SPARK_HOME", home.toString());
    builder.environment().put("SPARK_SCALA_VERSION", "2.13");
    builder.environment().put("SPARK_LOCAL_DIRS", folder.toString());
  }

  /// What Spark takes for an installation: a folder of jars.
  static Path home(Path folder) throws IOException {
    Path home = folder.resolve("spark-home");
    Path jars = home.resolve("jars");
    if (Files.isDirectory(jars)) {
      return home;
    }
    Files.createDirectories(jars);
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
      Path jar = Path.of(entry).toAbsolutePath();
      if (entry.endsWith(".jar") && Files.exists(jar)) {
        Path link = jars.resolve(jar.getFileName());
        if (!Files.exists(link)) {
          Files.createSymbolicLink(link, jar);
        }
      }
    }
    return home;
  }

  /// The executors that run now: all processes that the driver itself started. (What a process was called with is not
  /// told where that is long.)
  List<ProcessHandle> executors() {
    try (Stream<ProcessHandle> all = driver.toHandle().children()) {
      return all.filter(ProcessHandle::isAlive)
          .filter(each -> each.info().command().filter(name -> name.endsWith("java")).isPresent())
          .toList();
    }
  }

  boolean isAlive() {
    return driver.isAlive();
  }

  /// The driver itself.
  Process driver() {
    return driver;
  }

  /// Waits for the end, and tells the exit code.
  int await() throws InterruptedException {
    if (!driver.waitFor(10, TimeUnit.MINUTES)) {
      throw new IllegalStateException("the driver does not end");
    }
    return driver.exitValue();
  }

  /// What it and its executors wrote.
  String log() throws IOException {
    StringBuilder all = new StringBuilder(Files.readString(log));
    try (Stream<Path> files = Files.walk(log.resolveSibling("spark-home").resolve("work"))) {
      for (Path file : files.filter(each -> each.endsWith("stderr")).sorted().toList()) {
        all.append(file).append('\n');
        Files.readAllLines(file).stream()
            .filter(line -> !line.startsWith("Spark Executor Command"))
            .forEach(line -> all.append(line).append('\n'));
      }
    }
    return all.toString();
  }

  @Override
  public void close() {
    List<ProcessHandle> all = driver.descendants().toList();
    driver.destroyForcibly();
    all.forEach(ProcessHandle::destroyForcibly);
  }
}
