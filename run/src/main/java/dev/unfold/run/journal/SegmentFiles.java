package dev.unfold.run.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The files of a journal in its folder.
final class SegmentFiles {
  private static final Pattern NAME = Pattern.compile("(\\d{8,10})\\.segment");

  private SegmentFiles() {}

  /// In the order in which they were written.
  static List<Path> of(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> matcher(file).matches())
          .sorted(Comparator.comparingInt(SegmentFiles::number))
          .toList();
    }
  }

  /// The name of one.
  static String name(int number) {
    return "%08d.segment".formatted(number);
  }

  /// The number of one of them.
  static int number(Path file) {
    Matcher matcher = matcher(file);
    if (!matcher.matches()) {
      throw new JournalException(file + ": expected the name of a segment");
    }
    try {
      return Integer.parseInt(matcher.group(1));
    } catch (NumberFormatException e) {
      throw new JournalException(file + ": expected a number below 2^31", e);
    }
  }

  private static Matcher matcher(Path file) {
    return NAME.matcher(file.getFileName().toString());
  }
}
