package dev.unfold.cli.option;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.storage.WeightFormat;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/// The option that says how many bits the weights of a model have that is used.
public final class WeightsOption {
  @Option(
      names = "--weights",
      paramLabel = "FORMAT",
      description =
          "How the matrices of a model's products are kept in memory: float; in 16 bits bf16, which"
              + " is the fastest, or fixed16, which is closer to float (default: as in the file)."
              + " unfold compress tells what is lost.")
  private String weights;

  /// Whether the option was given.
  public boolean isGiven() {
    return weights != null;
  }

  /// Reads a model, with its matrices as the option says.
  public Model load(Path file, Kernels kernels) {
    // What was typed is checked before a large file is read.
    WeightFormat format = weights == null ? null : WeightFormat.of(weights);
    Model model = ModelFile.load(file, kernels);
    WeightFormat own = model.network().weightFormat();
    if (format != null && own != WeightFormat.FLOAT32 && format != own) {
      throw new Refusal("weights", own.text() + ", which the model has been rounded to", weights);
    }
    return format == null ? model : model.withWeights(format);
  }
}
