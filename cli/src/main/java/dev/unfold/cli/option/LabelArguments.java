package dev.unfold.cli.option;

import dev.unfold.argument.Refusal;
import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.table.TableFile;
import dev.unfold.data.table.TableOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Files of labelled sequences to learn from, to validate on and to test with.
public final class LabelArguments implements AutoCloseable {
  @Parameters(
      paramLabel = "FILE",
      arity = "1..*",
      description =
          "Sequences to learn from, with their labels; several files are one, and - is standard"
              + " input.")
  private List<Path> files;

  @Option(
      names = "--valid",
      paramLabel = "FILE",
      description = "Sequences to validate on (default: a share of the others).")
  private List<Path> validation;

  @Option(
      names = "--validate",
      paramLabel = "SHARE",
      defaultValue = "0.1",
      description =
          "The share of the sequences to validate on, drawn by the seed (default:"
              + " ${DEFAULT-VALUE}).")
  private double share;

  @Option(
      names = "--test",
      paramLabel = "FILE",
      description = "Sequences to test the best model with, which nothing else depends on.")
  private List<Path> test;

  @Mixin private EncodingOption encoding;

  /// What came on standard input; null before it is read.
  private TableFile input;

  /// What is learnt from, and what is validated on.
  public record Parts(LabelledData training, LabelledData validation) {}

  /// Reads both.
  ///
  /// @param seed of the share
  public Parts read(LabelFormat format, long seed) {
    expectInputOnce();
    if (!(share > 0 && share < 1)) {
      throw new Refusal("validate", "a share above 0 and below 1", share);
    }
    LabelledData all = read(format, files);
    if (validation != null) {
      return new Parts(all, read(all.format(), validation));
    }
    List<LabelledData> parts = all.split(share, seed);
    return new Parts(parts.getFirst(), parts.getLast());
  }

  /// The first file to learn from.
  public TableFile first() {
    return file(files.getFirst());
  }

  /// How the files are written.
  public TableOptions options() {
    return encoding.tables();
  }

  /// Reads what is to be tested with, if anything is.
  public Optional<LabelledData> test(LabelFormat format) {
    return Optional.ofNullable(test).map(paths -> read(format, paths));
  }

  private LabelledData read(LabelFormat format, List<Path> paths) {
    return format.read(
        paths.stream().map(this::file).toList(), options(), LabelFormat.Labels.REQUIRED);
  }

  private TableFile file(Path path) {
    if (!TableForm.isInput(path)) {
      return TableFile.of(path);
    }
    input = input == null ? TableForm.input() : input;
    return input;
  }

  private void expectInputOnce() {
    long count =
        Stream.of(files, validation, test)
            .filter(Objects::nonNull)
            .flatMap(List::stream)
            .filter(TableForm::isInput)
            .count();
    if (count > 1) {
      throw new Refusal("FILE", "standard input once", "- %d times".formatted(count));
    }
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
