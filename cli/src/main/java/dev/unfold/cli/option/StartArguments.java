package dev.unfold.cli.option;

import dev.unfold.argument.Refusal;
import dev.unfold.cell.Cell;
import dev.unfold.data.source.Source;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.model.Provenance;
import dev.unfold.formats.model.Provenance.DataFile;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.model.init.Initialization;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The options that say how the parameters start.
public final class StartArguments {
  @Mixin private InitialArguments initial;

  @Option(
      names = "--from",
      paramLabel = "MODEL",
      description =
          "Go on from the parameters of a model, with other data, another rate, or for longer. The"
              + " network and its tokens are those of the model; what is said of them beside it has"
              + " to agree; of series and labels, columns, words and scales have to be the very"
              + " same. To keep parameters as they are: --group NAMES,rate=0.")
  private Path from;

  private Optional<DataFile> file = Optional.empty();

  /// The model that is gone on from, if there is one.
  ///
  /// **Errors**: [dev.unfold.formats.safetensors.FormatException] if the file is none.
  public Optional<Model> base(Kernels kernels) {
    if (from == null) {
      return Optional.empty();
    }
    Model model = ModelFile.load(from, kernels).withWeights(WeightFormat.FLOAT32);
    Source source = Source.of(from);
    file = Optional.of(new DataFile(source.name(), source.bytes(), source.sha256()));
    return Optional.of(model);
  }

  /// How the parameters start, after [#base].
  public Provenance.Beginning of(Cell cell) {
    return of(List.of(cell));
  }

  /// The same for a network of several cells.
  public Provenance.Beginning of(List<Cell> cells) {
    Initialization initialization = initial.initialization(cells);
    if (file.isPresent() && !initialization.equals(Initialization.defaults())) {
      throw new Refusal("init", "nothing beside --from", initialization.text());
    }
    return new Provenance.Beginning(initial.seed(), initialization, file);
  }
}
