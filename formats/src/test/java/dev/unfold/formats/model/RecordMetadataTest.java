package dev.unfold.formats.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.train.Evaluation;
import dev.unfold.train.Later;
import dev.unfold.train.Progress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Records by the names of their components.
final class RecordMetadataTest {
  /// With a counter that earlier files lack.
  record Counts(long updatesDone, @Later int restarts) {}

  private static final Counts START = new Counts(0, 3);

  private static final Progress PROGRESS =
      new Progress(
          1,
          2,
          3,
          4,
          5,
          6,
          Optional.of(new Evaluation(7.5, 8)),
          Double.NaN,
          9,
          10,
          11,
          0.1,
          12,
          1e-300,
          List.of(1.5, -0.0, 1e300));

  private static Map<String, String> written(Record record) {
    Map<String, String> metadata = new TreeMap<>();
    RecordMetadata.write("count.", record, metadata);
    return metadata;
  }

  private static <R extends Record> R read(R start, Map<String, String> metadata) {
    return RecordMetadata.read("count.", start, new Metadata("file", metadata));
  }

  /// These names are in files.
  @Test
  void progress_asMetadata_hasTheNamesAndTextsOfEarlierFiles() {
    Map<String, String> expected =
        Map.ofEntries(
            Map.entry("count.place", "1"),
            Map.entry("count.window", "2"),
            Map.entry("count.updates", "3"),
            Map.entry("count.averaged", "4"),
            Map.entry("count.best_update", "5"),
            Map.entry("count.best_epoch", "6"),
            Map.entry("count.best_sum", "7.5"),
            Map.entry("count.best_count", "8"),
            Map.entry("count.last", "NaN"),
            Map.entry("count.last_update", "9"),
            Map.entry("count.stalls", "10"),
            Map.entry("count.since_best", "11"),
            Map.entry("count.loss_sum", "0.1"),
            Map.entry("count.loss_count", "12"),
            Map.entry("count.seconds", "1.0E-300"),
            Map.entry("count.validations", "1.5 -0.0 1.0E300"));
    assertEquals(expected, written(PROGRESS));
  }

  @Test
  void progress_writtenAndRead_isTheSame() {
    assertEquals(PROGRESS, read(Progress.START, written(PROGRESS)));
    assertEquals(Progress.START, read(Progress.START, written(Progress.START)));
  }

  @Test
  void component_thatIsLater_isThatOfTheStartIfItIsMissing() {
    assertEquals(new Counts(5, 7), read(START, written(new Counts(5, 7))));
    assertEquals(new Counts(5, 3), read(START, Map.of("count.updates_done", "5")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "count.place      | ''         | 'expected a whole number, got'",
        "count.place      | 1.5        | 'expected a whole number, got'",
        "count.window     | 4294967296 | 'expected a whole number of at most 31 bits, got'",
        "count.seconds    | x          | 'expected a number, got'",
        "count.best_count | x          | 'expected a whole number, got'",
        "count.validations| 1  2       | 'expected numbers, got'"
      })
  void text_thatIsNoSuchNumber_isRefusedByItsName(String key, String text, String expected) {
    Map<String, String> metadata = written(PROGRESS);
    metadata.put(key, text);
    String message =
        assertThrows(FormatException.class, () -> read(Progress.START, metadata)).getMessage();
    assertEquals(
        "file: metadata \"%s\": %s".formatted(key, expected),
        message.substring(0, message.lastIndexOf(" got") + 4));
  }

  @Test
  void component_thatIsMissing_isRefusedByItsName() {
    for (String key : written(PROGRESS).keySet()) {
      Map<String, String> metadata = written(PROGRESS);
      metadata.remove(key);
      String message =
          assertThrows(FormatException.class, () -> read(Progress.START, metadata)).getMessage();
      assertEquals(
          "file: metadata: expected \"" + key + "\", found none: not a model of Unfold's", message);
    }
  }

  @Test
  void number_thatTheRecordRefuses_isRefused() {
    Map<String, String> metadata = written(PROGRESS);
    metadata.put("count.stalls", "-1");
    assertEquals(
        "stalls: expected 0 or more, got -1",
        assertThrows(IllegalArgumentException.class, () -> read(Progress.START, metadata))
            .getMessage());
  }
}
