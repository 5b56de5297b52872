package dev.unfold.cli.option;

import dev.unfold.argument.Refusal;
import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.table.TableFile;
import dev.unfold.data.table.TableOptions;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Files as they are named on a command line. One of them may be `-`, standard input, which is copied to a file when it
/// is asked for first.
public final class InputFiles implements AutoCloseable {
  /// Stands for what comes on standard input.
  private static final String STANDARD_INPUT = "-";

  /// What came on standard input; null before it is read.
  private TableFile input;

  /// Whether that stands for standard input.
  public static boolean isInput(Path file) {
    return file.toString().equals(STANDARD_INPUT);
  }

  /// Not [System#in], of which libraries keep copies of their own.
  public static InputStream standardInput() {
    return new FileInputStream(FileDescriptor.in);
  }

  /// Checks that standard input, which can be read but once, is asked for no more often.
  static void expectInputOnce(Stream<Path> all) {
    long count = all.filter(InputFiles::isInput).count();
    if (count > 1) {
      throw new Refusal("FILE", "standard input once", "- %d times".formatted(count));
    }
  }

  /// A file that is named so.
  TableFile of(Path file) {
    if (!isInput(file)) {
      return TableFile.of(file);
    }
    if (input == null) {
      input = TableFile.copyOf("standard input", standardInput());
    }
    return input;
  }

  /// The same of several.
  List<TableFile> of(List<Path> files) {
    expectInputOnce(files.stream());
    return files.stream().map(this::of).toList();
  }

  /// Labelled sequences of files.
  ///
  /// @param options how they are written
  public LabelledData read(
      LabelFormat format, List<Path> files, TableOptions options, LabelFormat.Labels labels) {
    if (files.isEmpty()) {
      throw new Refusal("FILE", "one or more", "none");
    }
    return format.read(of(files), options, labels);
  }

  /// Deletes what was kept of standard input.
  @Override
  public void close() {
    if (input != null) {
      input.close();
      input = null;
    }
  }
}
