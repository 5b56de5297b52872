package dev.unfold.tangent;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.head.Head;
import dev.unfold.head.Targets;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.storage.WeightFormat;
import dev.unfold.layer.LiveRows;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Noise;
import dev.unfold.model.State;
import dev.unfold.model.Wiring;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import java.util.List;

/// Which networks and batches second derivatives are there for.
final class Studied {
  private Studied() {}

  /// **Errors**: [IllegalArgumentException] that names what there is no second derivative for.
  static void expect(Network network, Batch batch, State start) {
    Expect.given("batch", batch);
    expectLayers(network, batch.inputs(), batch.steps(), batch.batch(), start);
    NetworkSpec spec = network.spec();
    if (!(spec.head() instanceof Head.Classes)) {
      throw new Refusal("head", "classes of each step", spec.head().text());
    }
    if (spec.has(Wiring.TIED)) {
      throw new Refusal("wiring", "a readout of its own", "tied");
    }
    if (!(batch.targets().plain() instanceof Targets.Classes)) {
      throw new Refusal(
          "targets", "right classes", batch.targets().plain().getClass().getSimpleName());
    }
    spec.head().check(batch.targets());
    if (batch.present().isPresent()) {
      expectAll(batch.present().orElseThrow());
    }
    batch.expectClasses(spec.head());
    batch.expectFinite(network.kernels());
  }

  private static void expectAll(boolean... present) {
    for (int row = 0; row < present.length; row++) {
      if (!present[row]) {
        throw new Refusal("batch", "all T steps of all sequences", "none in row " + row);
      }
    }
  }

  /// The same for the layers without the readout.
  static void expectLayers(Network network, Inputs inputs, int steps, int batch, State start) {
    NetworkSpec spec = Expect.given("network", network).spec();
    for (int l = 0; l < spec.layers(); l++) {
      if (!spec.stack().get(l).wiring().isEmpty()) {
        throw new Refusal(
            "layers[%d]".formatted(l),
            "one direction and no residual connection",
            spec.stack().get(l).wiring());
      }
    }
    if (!spec.noise().equals(Noise.NONE)) {
      throw new Refusal("noise", "none", "random masks");
    }
    if (spec.start().isPresent()) {
      throw new Refusal("start", "a state that is given", "one of what never changes");
    }
    if (network.weightFormat() != WeightFormat.FLOAT32) {
      throw new Refusal("weights", WeightFormat.FLOAT32, network.weightFormat());
    }
    Expect.given("inputs", inputs);
    boolean fits =
        switch (spec.encoder()) {
          case Encoder.Vectors own ->
              inputs instanceof Inputs.Vectors all && all.values().cols() == own.width();
          case Encoder.Embedding _ -> inputs instanceof Inputs.Tokens;
          case Encoder.Columns _ -> false;
        };
    if (!fits) {
      throw new Refusal(
          "inputs",
          "vectors or tokens, as the network reads them",
          "%s for %s".formatted(inputs.getClass().getSimpleName(), spec.encoder()));
    }
    int rows = LiveRows.rows(steps, batch);
    if (inputs.rows() < rows) {
      throw new Refusal("inputs", "T*B=%d rows".formatted(rows), inputs.rows());
    }
    if (Expect.given("start", start).batch() != batch) {
      throw new Refusal("start", "the state of B=%d sequences".formatted(batch), start.batch());
    }
    expectState(network, start);
    if (inputs instanceof Inputs.Tokens tokens && spec.encoder() instanceof Encoder.Embedding own) {
      for (int row = 0; row < rows; row++) {
        int token = tokens.tokens()[tokens.from() + row];
        if (token < 0 || token >= own.vocabulary()) {
          throw new Refusal(
              "tokens[%d]".formatted(row), "0 to V-1=%d".formatted(own.vocabulary() - 1), token);
        }
      }
    }
  }

  private static void expectState(Network network, State start) {
    List<List<Matrix>> own = network.zeroState(start.batch()).layers();
    boolean fits = own.size() == start.layers().size();
    for (int l = 0; fits && l < own.size(); l++) {
      fits = widths(own.get(l)).equals(widths(start.layers().get(l)));
    }
    if (!fits) {
      throw new Refusal("start", "the sizes of " + State.names(network.spec()), "other ones");
    }
    start.expectFinite(network.spec());
  }

  private static List<Integer> widths(List<Matrix> states) {
    return states.stream().map(Matrix::cols).toList();
  }
}
