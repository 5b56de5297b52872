package dev.unfold.spark;

import dev.unfold.run.series.Detector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.function.FlatMapGroupsWithStateFunction;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.streaming.GroupState;

/// Tells of each row of a stream how odd it is. What is kept of a series is its last time, in 8 bytes, and then what
/// `unfold detect --state` keeps.
///
/// @param detected what is said of rows
/// @param drops whether rows that come late are left out
record DetectedStream(DetectedRows detected, boolean drops)
    implements FlatMapGroupsWithStateFunction<Row, Row, byte[], Row> {
  @Override
  public Iterator<Row> call(Row key, Iterator<Row> rows, GroupState<byte[]> state) {
    List<Row> all = new ArrayList<>();
    long last = state.exists() ? ByteBuffer.wrap(state.get()).getLong() : Long.MIN_VALUE;
    while (rows.hasNext()) {
      Row row = rows.next();
      boolean isLate = drops && state.exists() && order(row) <= last;
      if (!isLate) {
        all.add(row);
      }
    }
    if (all.isEmpty()) {
      return Collections.emptyIterator();
    }
    all.sort(Comparator.comparingLong(this::order));
    if (drops) {
      all = distinct(all);
    }
    Detector detector = detected.detector();
    if (state.exists()) {
      resume(detector, state.get());
    }
    List<Row> made = detected.detected(detector, all);
    state.update(kept(detector, order(all.getLast())));
    return made.iterator();
  }

  /// The first of the rows of each time: the others are not after it.
  private List<Row> distinct(List<Row> rows) {
    List<Row> first = new ArrayList<>();
    for (Row row : rows) {
      if (first.isEmpty() || order(first.getLast()) < order(row)) {
        first.add(row);
      }
    }
    return first;
  }

  private long order(Row row) {
    return Times.order(row.getAs(detected.time()));
  }

  private interface InFile<T> {
    T with(Path file) throws IOException;
  }

  private static <T> T inFile(InFile<T> use) {
    try {
      Path file = Files.createTempFile("unfold-", ".state");
      try {
        return use.with(file);
      } finally {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("state: cannot be kept: " + e.getMessage(), e);
    }
  }

  private static void resume(Detector detector, byte[] kept) {
    inFile(file -> {
      Files.write(file, Arrays.copyOfRange(kept, Long.BYTES, kept.length));
      detector.resume(file);
      return file;
    });
  }

  private static byte[] kept(Detector detector, long last) {
    return inFile(file -> {
      detector.save(file);
      byte[] own = Files.readAllBytes(file);
      return ByteBuffer.allocate(Long.BYTES + own.length).putLong(last).put(own).array();
    });
  }
}
