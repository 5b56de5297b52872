package dev.unfold.formats.keras;

import dev.unfold.cell.Bias;
import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.exchange.NetworkAssembly;
import dev.unfold.formats.safetensors.Quote;
import dev.unfold.head.Head;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.head.ValueLoss;
import dev.unfold.model.LayerSpec;
import java.util.List;
import java.util.Optional;

/// Makes a head of what stands behind the recurrent layers: maybe pooling, maybe a dense layer and its function.
final class HeadReader {
  static final String OUTPUTS = "outputs";

  private final ImportOptions options;
  private final boolean isConfigured;
  private final LayerArrays arrays;
  private final NetworkAssembly assembly;
  private final List<String> conventions;
  private Optional<Pooling> pooling = Optional.empty();
  private Optional<KerasLayer> dense = Optional.empty();
  private Optional<String> activation = Optional.empty();
  private boolean hasBias;
  private int outputs;

  /// @param isConfigured whether the file says more than weights
  /// @param assembly takes the parameters
  /// @param conventions takes what a user should know
  HeadReader(
      ImportOptions options,
      boolean isConfigured,
      LayerArrays arrays,
      NetworkAssembly assembly,
      List<String> conventions) {
    this.options = options;
    this.isConfigured = isConfigured;
    this.arrays = arrays;
    this.assembly = assembly;
    this.conventions = conventions;
  }

  /// Whether a layer of it was there, and so no recurrent one may follow.
  boolean isBegun() {
    return dense.isPresent() || pooling.isPresent();
  }

  void addPooling(Pooling of) {
    pooling = Optional.of(of);
  }

  void addDense(KerasLayer layer) {
    LayerConfig config = layer.config();
    if (dense.isPresent()) {
      throw config.refusal("expected one Dense layer");
    }
    List<Integer> shape = arrays.matrix(layer, layer.weights(), 0);
    outputs = shape.getLast();
    dense = Optional.of(layer);
    activation = config.text(KerasReader.ACTIVATION);
    hasBias = layer.weights().size() > 1;
    String kernel = layer.weights().getFirst();
    assembly.put(
        Head.WEIGHT,
        kernel,
        List.of(outputs, shape.getFirst()),
        arrays.numbers(
            kernel, tensor -> RecurrentWeights.turned(tensor, shape.getFirst(), outputs)));
    if (hasBias) {
      String bias = layer.weights().get(1);
      assembly.put(
          Head.BIAS,
          bias,
          arrays.shape(layer, layer.weights(), 1),
          arrays.numbers(bias, RecurrentWeights::plain));
    }
  }

  void addFunction(LayerConfig config) {
    if (dense.isEmpty() || !activation.orElse("linear").equals("linear")) {
      throw config.refusal("expected a function only behind the Dense layer of the end");
    }
    activation =
        config.type().equals("Softmax")
            ? Optional.of("softmax")
            : config.text(KerasReader.ACTIVATION);
  }

  /// The head, after all layers were added.
  ///
  /// @param layers the last of which may get a bias
  /// @param width how many numbers it puts out
  Head read(List<LayerSpec> layers, int width) {
    if (dense.isEmpty()) {
      outputs = width;
      assembly.putIdentity(Head.WEIGHT, width);
      conventions.add(
          "head: no Dense layer, so the outputs are those of the last layer, read out by the"
              + " identity");
    }
    NetworkAssembly.Readout readout =
        hasBias
            ? NetworkAssembly.Readout.BIASED
            : dense.isPresent() ? NetworkAssembly.Readout.UNBIASED : NetworkAssembly.Readout.ABSENT;
    List<LayerSpec> fitted =
        assembly.withBias(layers, readout, outputs, Bias.PER_AFFINE, conventions);
    layers.set(layers.size() - 1, fitted.getLast());
    return head();
  }

  private Head head() {
    Optional<String> said = options.setting(OUTPUTS);
    Head head = said.isPresent() ? Head.parse(said.get(), outputs) : byFunction();
    if (!isConfigured && said.isEmpty()) {
      conventions.add(
          "outputs: taken for %s, which the file does not say (--set outputs=classes, for one)"
              .formatted(head.text()));
    }
    if (!isConfigured && head.isOfSteps()) {
      conventions.add(
          "outputs: one for each step; whether only the last is meant the file does not say"
              + " (--set outputs=classes,pooling=last, for one)");
    }
    return pooling
        .filter(_ -> head.isOfSteps())
        .<Head>map(each -> new PooledHead(head, each))
        .orElse(head);
  }

  private Head byFunction() {
    String function = activation.orElse("linear");
    return switch (function) {
      case "softmax" -> new Head.Classes(outputs);
      case "sigmoid" -> new Head.Sets(outputs);
      case "linear" -> new Head.Values(outputs, new ValueLoss.SquaredError());
      default ->
          throw dense
              .orElseThrow()
              .config()
              .refusal(
                  "expected softmax, sigmoid or linear at the end, got " + Quote.plain(function));
    };
  }
}
