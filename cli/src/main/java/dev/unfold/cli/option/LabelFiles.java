package dev.unfold.cli.option;

import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.table.TableFile;
import dev.unfold.data.table.TableOptions;
import dev.unfold.run.label.LabelModel;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;

/// Files that a model of labels is used on: in the form of those that it was trained on.
public final class LabelFiles {
  /// Stands for what comes on standard input.
  private static final String STANDARD_INPUT = "-";

  @Mixin private EncodingOption encoding;

  /// How tables are written.
  public TableOptions tables() {
    return encoding.tables();
  }

  /// Reads them.
  public LabelledData read(LabelModel model, List<Path> files, LabelFormat.Labels labels) {
    TableOptions options = encoding.tables();
    List<TableFile> all = new ArrayList<>();
    try {
      for (Path file : files) {
        boolean isInput = file.toString().equals(STANDARD_INPUT);
        all.add(
            isInput
                ? TableFile.copyOf("standard input", new FileInputStream(FileDescriptor.in))
                : TableFile.of(file));
      }
      return model.format().read(all, options, labels);
    } finally {
      all.forEach(TableFile::close);
    }
  }
}
