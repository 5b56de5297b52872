package dev.unfold.spark;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SparkLogTest {
  @TempDir private Path home;

  private Path settings;

  @BeforeEach
  void makeSettings() throws Exception {
    settings = Files.createDirectory(home.resolve("conf"));
    Files.writeString(settings.resolve("log4j2.properties.template"), "");
    Files.writeString(
        settings.resolve("spark-defaults.conf"), "# spark.log.level INFO\nspark.cores.max 4\n");
  }

  private boolean isOurs(Map<String, String> environment) throws Exception {
    try (SparkLog log = SparkLog.of(home, environment)) {
      return log.option().isPresent();
    }
  }

  @Test
  void log_ofAnInstallationAsItIs_isOfWarningsForAsLong() throws Exception {
    Map<String, String> environment = new HashMap<>(Map.of("SPARK_SUBMIT_OPTS", "-Da=b"));
    Path file;
    try (SparkLog log = SparkLog.of(home, environment)) {
      log.put(environment);
      String option = log.option().orElseThrow();
      assertEquals("-Da=b \"" + option + "\"", environment.get("SPARK_SUBMIT_OPTS"));
      file = Path.of(option.substring(option.indexOf('=') + 1));
      assertTrue(Files.readString(file).startsWith("rootLogger.level = warn\n"));
    }
    assertFalse(Files.exists(file));
  }

  @Test
  void log_thatTheUserHasSet_isLeftAsItIs() throws Exception {
    assertFalse(isOurs(Map.of("SPARK_SUBMIT_OPTS", "-Dlog4j2.configurationFile=/mine")));
    Path other = Files.createDirectory(home.resolve("other"));
    Files.writeString(other.resolve("log4j2.properties"), "");
    assertFalse(isOurs(Map.of("SPARK_CONF_DIR", other.toString())));
    assertTrue(isOurs(Map.of()));
    Files.writeString(settings.resolve("spark-defaults.conf"), "spark.log.level INFO\n");
    assertFalse(isOurs(Map.of()));
    Files.delete(settings.resolve("spark-defaults.conf"));
    assertTrue(isOurs(Map.of()));
    Files.writeString(settings.resolve("log4j2.xml"), "");
    assertFalse(isOurs(Map.of()));
  }
}
