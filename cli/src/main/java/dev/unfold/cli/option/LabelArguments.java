package dev.unfold.cli.option;

import dev.unfold.argument.Refusal;
import dev.unfold.data.label.LabelFormat;
import dev.unfold.data.label.LabelledData;
import dev.unfold.data.table.TableFile;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Files of labelled sequences to learn from, to validate on and to test with.
public final class LabelArguments implements AutoCloseable {
  @Parameters(
      paramLabel = "FILE",
      arity = "0..*",
      description =
          "Sequences to learn from, with their labels; several files are one, and - is standard"
              + " input.")
  private List<Path> files = List.of();

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

  private final InputFiles inputs = new InputFiles();

  /// How files are read.
  public interface Reader {
    LabelledData read(LabelFormat format, List<Path> files, InputFiles inputs);
  }

  /// What is learnt from, and what is validated on.
  public record Parts(LabelledData training, LabelledData validation) {}

  /// Reads both.
  ///
  /// @param learnt reads what is learnt from
  /// @param others reads what is validated on, if it has files of its own
  /// @param seed of the share
  public Parts read(LabelFormat format, Reader learnt, Reader others, long seed) {
    InputFiles.expectInputOnce(
        Stream.of(files, validation, test).filter(Objects::nonNull).flatMap(List::stream));
    if (!(share > 0 && share < 1)) {
      throw new Refusal("validate", "a share above 0 and below 1", share);
    }
    LabelledData all = learnt.read(format, files, inputs);
    if (validation != null) {
      return new Parts(all, others.read(all.format(), validation, inputs));
    }
    List<LabelledData> parts = all.split(share, seed);
    return new Parts(parts.getFirst(), parts.getLast());
  }

  /// The first file to learn from, if there is one.
  public Optional<TableFile> first() {
    return files.stream().findFirst().map(inputs::of);
  }

  /// Reads what is to be tested with, if anything is.
  public Optional<LabelledData> test(LabelFormat format, Reader reader) {
    return Optional.ofNullable(test).map(paths -> reader.read(format, paths, inputs));
  }

  /// Deletes what was kept of standard input.
  @Override
  public void close() {
    inputs.close();
  }
}
