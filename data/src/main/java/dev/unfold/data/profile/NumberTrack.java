package dev.unfold.data.profile;

import dev.unfold.data.table.Row;
import java.util.Optional;

/// The numbers of a column, one after the other.
final class NumberTrack {
  private long count;
  private long zeros;
  private double mean;
  private double least = Double.POSITIVE_INFINITY;
  private double most = Double.NEGATIVE_INFINITY;
  private double secondLeast = Double.POSITIVE_INFINITY;
  private long leastCount;
  private long leastLine;
  private String leastText = "";

  void add(double number, Row row, int column) {
    count++;
    mean += (number - mean) / count;
    if (number == 0) {
      zeros++;
    }
    most = Math.max(most, number);
    if (number < least) {
      secondLeast = least;
      least = number;
      leastCount = 1;
      leastLine = row.place().line();
      leastText = row.text(column);
    } else if (number == least) {
      leastCount++;
    } else if (number < secondLeast) {
      secondLeast = number;
    }
  }

  ColumnProfile.Numbers profile() {
    boolean isSentinel =
        least < 0 && leastCount > 1 && secondLeast >= 0 && (least == -1 || isNines(-least));
    return new ColumnProfile.Numbers(
        least,
        most,
        mean,
        zeros,
        isSentinel
            ? Optional.of(new ColumnProfile.Sentinel(leastText, leastCount, leastLine))
            : Optional.empty());
  }

  private static boolean isNines(double number) {
    return number == 9 || number == 99 || number == 999 || number == 9999 || number == 99999;
  }
}
