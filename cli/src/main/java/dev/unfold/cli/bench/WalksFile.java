package dev.unfold.cli.bench;

import dev.unfold.data.series.Duplicates;
import dev.unfold.data.series.SeriesColumns;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// A file that is made to be measured, and deleted when it is closed: ten random walks, a row an hour.
record WalksFile(Path path) implements AutoCloseable {
  private static final List<String> PAST =
      IntStream.rangeClosed(1, 9).mapToObj(i -> "x" + i).toList();

  /// **Errors**: [UncheckedIOException] if there is no room for it.
  static WalksFile make(int rows, long seed) {
    try {
      Path path = Files.createTempFile("unfold-", ".csv");
      path.toFile().deleteOnExit();
      WalksFile made = new WalksFile(path);
      try (BufferedWriter out = Files.newBufferedWriter(path)) {
        write(out, rows, new SplittableRandom(seed));
      } catch (IOException e) {
        made.close();
        throw e;
      }
      return made;
    } catch (IOException e) {
      throw new UncheckedIOException("the file cannot be made: " + e.getMessage(), e);
    }
  }

  private static void write(BufferedWriter out, int rows, SplittableRandom random)
      throws IOException {
    out.write("time,y," + String.join(",", PAST) + "\n");
    LocalDateTime time = LocalDateTime.of(2000, 1, 1, 0, 0);
    long[] thousandths = new long[1 + PAST.size()];
    StringBuilder line = new StringBuilder();
    for (int row = 0; row < rows; row++) {
      line.setLength(0);
      line.append(time.plusHours(row));
      for (int i = 0; i < thousandths.length; i++) {
        thousandths[i] += random.nextInt(-1000, 1001);
        line.append(',').append(thousandths[i] / 1000.0);
      }
      out.append(line).append('\n');
    }
  }

  /// Which of its columns are what.
  static SeriesColumns columns() {
    return new SeriesColumns(
        List.of("time"),
        List.of(),
        List.of("y"),
        List.of(),
        PAST,
        List.of(),
        Optional.empty(),
        false,
        Duplicates.REFUSE);
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
