package dev.unfold.model;

import dev.unfold.cell.Cell;
import dev.unfold.cell.CellParameter;
import dev.unfold.cell.CellParameter.Block;
import dev.unfold.cell.Sizes;
import dev.unfold.cell.Start;
import dev.unfold.head.FactoredClasses;
import dev.unfold.head.Head;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.init.InitialValues;
import dev.unfold.model.init.Initialization;
import dev.unfold.model.init.Initializer;
import java.util.ArrayList;
import java.util.List;

/// Gives the parameters of a new network their first numbers.
final class NewParameters {
  private final NetworkSpec spec;
  private final Initialization initialization;
  private final long seed;
  private final Parameters parameters;

  /// @param seed of the random numbers
  NewParameters(NetworkSpec spec, Initialization initialization, long seed, Parameters parameters) {
    this.spec = spec;
    this.initialization = initialization;
    this.seed = seed;
    this.parameters = parameters;
  }

  /// Draws all of them.
  ///
  /// **Errors**: [IllegalArgumentException] if there is to be a forget bias and the cell has none.
  void draw() {
    initialization.check(spec.stack().stream().map(LayerSpec::cell).toList());
    Network.embeddings(spec.encoder()).forEach(this::drawEmbedding);
    for (int layer = 0; layer < spec.layers(); layer++) {
      for (String suffix : Network.suffixes(spec, layer)) {
        Cell cell = spec.stack().get(layer).cell();
        List<String> forget = new ArrayList<>(cell.forgetBiases());
        for (CellParameter parameter : cell.layout().parameters()) {
          draw(parameter, layer, suffix, forget);
        }
      }
    }
    spec.heads().forEach(this::drawHead);
    parameters.changed();
  }

  /// Vectors and transitions stay 0.
  private void drawHead(NetworkHead head) {
    if (!head.isTied()) {
      drawReadout(head.name(Head.WEIGHT), initialization.readout());
    }
    boolean isDefault = initialization.readout() instanceof Initializer.Default;
    Initializer bias = isDefault ? initialization.readout() : new Initializer.Constant(0);
    if (head.hasBias()) {
      drawReadout(head.name(Head.BIAS), bias);
    }
    if (head.head() instanceof FactoredClasses) {
      drawReadout(head.name(FactoredClasses.GROUP_WEIGHT), initialization.readout());
      if (head.hasBias()) {
        drawReadout(head.name(FactoredClasses.GROUP_BIAS), bias);
      }
    }
  }

  private InitialValues initial(String tensor) {
    return new InitialValues(seed, tensor);
  }

  /// An embedding that is the readout's matrix too is drawn as such: with numbers as large as the normal distribution's
  /// the network would start out certain of whatever it guesses.
  private void drawEmbedding(String name) {
    boolean isDefault = initialization.embedding() instanceof Initializer.Default;
    if (!isDefault) {
      drawReadout(name, initialization.embedding());
    } else if (spec.has(Wiring.TIED)) {
      drawReadout(name, initialization.readout());
    } else {
      initial(name).normal(parameters.matrix(name), 1);
    }
  }

  private void drawReadout(String name, Initializer initializer) {
    initial(name).fill(parameters.matrix(name), initializer, spec.outputSize());
  }

  /// @param forget biases of forget gates that are still to be set: a map with several gets one, and 0 for the others
  private void draw(CellParameter parameter, int layer, String suffix, List<String> forget) {
    LayerSpec of = spec.stack().get(layer);
    Sizes sizes = of.sizes(spec.inputSize(layer));
    String name = parameter.name() + suffix;
    Matrix tensor = parameters.matrix(name);
    InitialValues initial = initial(name);
    boolean isMatrix = parameter.role().isMatrix();
    int from = 0;
    for (Block block : parameter.blocks()) {
      int size = sizes.of(block.size());
      Matrix own = isMatrix ? tensor.rows(from, size) : tensor.columns(from, size);
      draw(parameter, own, initial, of.hidden());
      if (!isMatrix
          && initialization.forgetBias().isPresent()
          && of.cell().forgetBiases().contains(block.name())) {
        initial.constant(
            own, forget.remove(block.name()) ? initialization.forgetBias().getAsDouble() : 0);
      }
      from += size;
    }
  }

  /// Each head by itself, as in a layer of its units alone.
  private void drawHeads(CellParameter parameter, Matrix block, InitialValues initial, int hidden) {
    int rows = block.rows() / parameter.heads();
    for (int head = 0; head < parameter.heads(); head++) {
      Matrix own = block.rows(head * rows, rows);
      initial.fill(own, initialization.recurrent(), hidden / parameter.heads());
    }
  }

  private void draw(CellParameter parameter, Matrix block, InitialValues initial, int hidden) {
    switch (parameter.role()) {
      case INPUT_WEIGHT -> initial.fill(block, initialization.input(), hidden);
      case RECURRENT_WEIGHT -> drawHeads(parameter, block, initial, hidden);
      case BIAS -> initial.fill(block, initialization.bias(), hidden);
      case VECTOR -> {
        switch (parameter.start()) {
          case Start.Drawn d -> initial.symmetric(block, 1 / Math.sqrt(hidden));
          case Start.At at -> initial.constant(block, at.value());
          case Start.Between range -> initial.uniform(block, range.low(), range.high());
        }
      }
    }
  }
}
