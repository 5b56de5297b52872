package dev.unfold.spark;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/// What the driver's Spark writes to the error stream: warnings and failures, unless the user has settings for that.
/// Its own default, and what it says before it knows its settings, is more.
final class SparkLog implements AutoCloseable {
  private static final String OPTIONS = "SPARK_SUBMIT_OPTS";
  private static final Pattern SAID = Pattern.compile("log4j|spark\\.log\\.level");

  private static final String WARNINGS =
      """
      rootLogger.level = warn
      rootLogger.appenderRef.stderr.ref = stderr
      appender.stderr.type = Console
      appender.stderr.name = stderr
      appender.stderr.target = SYSTEM_ERR
      appender.stderr.layout.type = PatternLayout
      appender.stderr.layout.pattern = %d{yy/MM/dd HH:mm:ss} %p %c{1}: %m%n%ex
      # It warns of code for Hadoop that is not there, and not needed.
      logger.hadoop.name = org.apache.hadoop.util.NativeCodeLoader
      logger.hadoop.level = error
      """;

  private final Optional<Path> file;

  private SparkLog(Optional<Path> file) {
    this.file = file;
  }

  /// That of a Spark in `home`.
  static SparkLog of(Path home, Map<String, String> environment) throws IOException {
    String said = environment.getOrDefault("SPARK_CONF_DIR", "");
    Path settings = said.isEmpty() ? home.resolve("conf") : Path.of(said);
    if (SAID.matcher(environment.getOrDefault(OPTIONS, "")).find() || isSaid(settings)) {
      return new SparkLog(Optional.empty());
    }
    Path file = Files.createTempFile("unfold-", ".properties");
    Files.writeString(file, WARNINGS);
    return new SparkLog(Optional.of(file));
  }

  private static boolean isSaid(Path settings) throws IOException {
    if (!Files.isDirectory(settings)) {
      return false;
    }
    try (DirectoryStream<Path> own = Files.newDirectoryStream(settings, "log4j*")) {
      for (Path each : own) {
        if (!each.toString().endsWith(".template")) {
          return true;
        }
      }
    }
    Path defaults = settings.resolve("spark-defaults.conf");
    return Files.exists(defaults)
        && Files.readAllLines(defaults).stream()
            .anyMatch(line -> !line.startsWith("#") && SAID.matcher(line).find());
  }

  /// The option of the JVM that says so.
  Optional<String> option() {
    return file.map(path -> "-Dlog4j2.configurationFile=" + path);
  }

  /// Has the script of an installation say so, beside what is said.
  void put(Map<String, String> environment) {
    option()
        .ifPresent(option ->
            environment.merge(OPTIONS, '"' + option + '"', (more, own) -> more + " " + own));
  }

  @Override
  public void close() throws IOException {
    if (file.isPresent()) {
      Files.deleteIfExists(file.orElseThrow());
    }
  }
}
