package dev.unfold.cli.option;

import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.table.TableFile;
import dev.unfold.data.table.TableOptions;
import dev.unfold.run.label.LabelModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Mixin;

/// Files that a model of labels is used on: in the form of those that it was trained on.
public final class LabelFiles {
  @Mixin private EncodingOption encoding;

  /// Reads them.
  public LabelledData read(LabelModel model, List<Path> files, LabelFormat.Labels labels) {
    return read(model, files, encoding.tables(), labels);
  }

  /// The same with all that can be said of how tables are written.
  static LabelledData read(
      LabelModel model, List<Path> files, TableOptions options, LabelFormat.Labels labels) {
    List<TableFile> all = new ArrayList<>();
    try {
      for (Path file : files) {
        all.add(TableForm.isInput(file) ? TableForm.input() : TableFile.of(file));
      }
      return model.format().read(all, options, labels);
    } finally {
      all.forEach(TableFile::close);
    }
  }
}
