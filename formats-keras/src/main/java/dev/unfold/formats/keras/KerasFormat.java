package dev.unfold.formats.keras;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.formats.exchange.BoundedArchive;
import dev.unfold.formats.exchange.ExportOptions;
import dev.unfold.formats.exchange.GateOrders;
import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.exchange.Imported;
import dev.unfold.formats.exchange.ModelFormat;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.safetensors.FormatException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Models of Keras: `.keras` and `.weights.h5` of version 3, `.h5` of version 2.
///
/// What is read: Sequential models, and Functional ones whose layers stand in one row: an Embedding, recurrent layers
/// in one direction or both, pooling, a Dense layer. Parameters stay the same bit for bit; gates are put in order.
///
/// **Settings**, where a file has weights alone: `layers` their names with commas in the order in which they run,
/// `activation` and `recurrent_activation` by Keras's names, `reset_after` of a GRU without biases; `outputs` what the
/// outputs mean, as [dev.unfold.head.Head#parse] reads it.
public final class KerasFormat implements ModelFormat {
  /// The attribute of an HDF5 file that has the configuration.
  static final String MODEL_CONFIG = "model_config";

  private static final String ARCHIVE = ".keras";
  private static final String WEIGHTS = ".weights.h5";
  private static final Pattern VERSION =
      Pattern.compile("\"keras_version\"\\s*:\\s*\"([^\"]{1,40})\"");

  /// Made where formats are looked for.
  public KerasFormat() {}

  @Override
  public String name() {
    return "keras";
  }

  @Override
  public List<String> endings() {
    return List.of(ARCHIVE, WEIGHTS, ".h5", ".hdf5");
  }

  /// Writes a model as Keras 3 does: all of it to a file whose name ends with `.keras`, its weights to `.weights.h5`.
  @Override
  public List<String> write(Path file, Model model, ExportOptions options) {
    Expect.given("file", file);
    Expect.given("model", model);
    Expect.given("options", options);
    ModelFormat.expectZeroStart(model);
    KerasWriter writer = new KerasWriter(model.network().withWholeMatrices());
    if (ends(file, ARCHIVE)) {
      return writer.writeArchive(file);
    }
    if (ends(file, WEIGHTS)) {
      return writer.writeWeights(file);
    }
    throw new Refusal("file", "a name that ends with .keras or .weights.h5", file);
  }

  private static boolean ends(Path file, String end) {
    return file.toString().toLowerCase(Locale.ROOT).endsWith(end);
  }

  @Override
  public Imported read(Path file, ImportOptions options) {
    Expect.given("file", file);
    Expect.given("options", options);
    try {
      return ends(file, ARCHIVE) ? readArchive(file, options) : readWeights(file, options);
    } catch (IllegalArgumentException e) {
      throw new FormatException(file + ": " + e.getMessage(), e);
    }
  }

  private static Imported readArchive(Path file, ImportOptions options) {
    String name = file.toString();
    try (BoundedArchive archive = BoundedArchive.open(file)) {
      if (!archive.names().contains(KerasWeights.WEIGHTS)
          && archive.names().contains("model.weights.npz")) {
        throw new FormatException(
            file + ": expected model.weights.h5, got model.weights.npz, which holds pickles");
      }
      String config = text(archive, "config.json");
      Matcher version = VERSION.matcher(text(archive, "metadata.json"));
      KerasWeights weights = KerasWeights.of(name, archive.read(KerasWeights.WEIGHTS));
      boolean isLegacy = version.find() && !version.group(1).startsWith("3");
      return read(name, Optional.of(config), weights, isLegacy, options);
    }
  }

  private static String text(BoundedArchive archive, String entry) {
    return new String(archive.read(entry), StandardCharsets.UTF_8);
  }

  private static Imported readWeights(Path file, ImportOptions options) {
    KerasWeights weights = KerasWeights.open(file);
    boolean isLegacy =
        weights
            .text("keras_version")
            .map(version -> !version.startsWith("3"))
            // TensorFlow 2.13 wrote weights alone in files that do not say their version.
            .orElse(weights.hasGroup(KerasLayers.OLD_LAYERS));
    return read(file.toString(), weights.text(MODEL_CONFIG), weights, isLegacy, options);
  }

  private static Imported read(
      String file,
      Optional<String> config,
      KerasWeights weights,
      boolean isLegacy,
      ImportOptions options) {
    KerasLayers layers = new KerasLayers(file, weights);
    List<KerasLayer> all =
        config.isPresent()
            ? layers.of(ModelConfig.parse(file, config.get()))
            : layers.ofWeights(options);
    return new KerasReader(file, weights, isLegacy, config.isPresent(), options).read(all);
  }

  @Override
  public GateOrders gates() {
    return GateOrders.KERAS;
  }
}
