package dev.unfold.run.journal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The files of a journal in its folder.
///
///     00000012.segment            records
///     00000012.after-67108901     the one before, of so many bytes, may not be on the disk yet
final class SegmentFiles {
  private static final Pattern NAME = Pattern.compile("(\\d{8,10})\\.segment");

  private static final Pattern NOTE = Pattern.compile("(\\d{8,10})\\.after-(\\d{1,18})");

  private SegmentFiles() {}

  /// Notes, before file `number` is made, how long the one before it is, which is not on the disk yet. The note is in
  /// the name alone: a power failure leaves no part of it.
  static void note(Path folder, int number, long length) throws IOException {
    Path note = folder.resolve("%08d.after-%d".formatted(number, length));
    if (!Files.exists(note)) {
      Files.createFile(note);
    }
  }

  /// The length that was noted for the file before `number`; none if that is on the disk.
  static OptionalLong noted(Path folder, int number) throws IOException {
    return notes(folder).stream()
        .map(NOTE::matcher)
        .filter(note -> note.matches() && Integer.parseInt(note.group(1)) == number)
        .mapToLong(note -> Long.parseLong(note.group(2)))
        .max();
  }

  /// Forgets what was noted for `number`.
  static void forget(Path folder, int number) throws IOException {
    for (String name : notes(folder)) {
      if (name.startsWith("%08d.".formatted(number))) {
        delete(folder.resolve(name));
      }
    }
  }

  /// Forgets all notes.
  static void forgetAll(Path folder) throws IOException {
    for (String name : notes(folder)) {
      delete(folder.resolve(name));
    }
  }

  private static List<String> notes(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> NOTE.matcher(name).matches())
          .toList();
    }
  }

  /// Deletes a file, if it is there.
  static void delete(Path file) throws IOException {
    Files.deleteIfExists(file);
  }

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
