package dev.unfold.proof;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Sizes;
import dev.unfold.cell.library.Cells;
import dev.unfold.cell.library.LstmVariants;
import dev.unfold.kernels.Kernels;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.Wiring;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The network that a golden case describes, with its parameters by PyTorch's names.
///
/// @param spec what it is made of
/// @param params its parameters
record GoldenNetwork(NetworkSpec spec, Map<String, GoldenTensor> params) {
  /// The network of `golden`, with the options of PyTorch's constructor if it has any.
  static GoldenNetwork read(GoldenCase golden) {
    Map<String, GoldenTensor> params = golden.tensors("params");
    String nonlinearity = "tanh";
    int projection = 0;
    boolean both = false;
    int layers = (int) params.keySet().stream().filter(n -> n.matches("weight_ih_l\\d+")).count();
    if (golden.has("options")) {
      GoldenCase options = golden.object("options");
      options.expectOnly("nl", "bias", "layers", "bi", "proj");
      both = options.has("bi") && options.flag("bi");
      if (options.has("proj") && options.number("proj") != 0) {
        projection = options.size("proj");
      }
      layers = options.has("layers") ? options.size("layers") : 1;
      nonlinearity = options.has("nl") ? options.text("nl") : nonlinearity;
    }
    Bias bias = params.containsKey("bias_ih_l0") ? Bias.PER_OPERAND : Bias.NONE;
    NetworkSpec spec =
        new NetworkSpec(
            cell(golden.text("cell"), nonlinearity, projection).withBias(bias),
            new Encoder.Vectors(golden.size("I")),
            golden.size("H"),
            Math.max(1, layers),
            golden.size("K"),
            both ? Set.of(Wiring.BIDIRECTIONAL) : Set.of());
    expectShapes("params", spec, params);
    return new GoldenNetwork(spec, params);
  }

  private static Cell cell(String name, String nonlinearity, int projection) {
    if (projection > 0) {
      if (!name.equals("lstm")) {
        throw new Unsupported("options.proj: there is no projection of " + name);
      }
      return LstmVariants.projected().withSize("P", projection);
    }
    return switch (name) {
      case "rnn" ->
          switch (nonlinearity) {
            case "tanh" -> Cells.elman(Activation.TANH);
            case "relu" -> Cells.elman(Activation.RELU);
            default -> throw new Unsupported("options.nl: there is no " + nonlinearity);
          };
      case "gru" -> Cells.gru();
      case "lstm" -> Cells.lstm();
      default -> throw new Unsupported("cell: there is no " + name);
    };
  }

  /// What the letters of the cell's sizes stand for.
  Sizes sizes() {
    return spec.cell().sizes(spec.encoder().width(), spec.hidden());
  }

  /// Checks that `tensors` are numbers for all parameters of `spec` and for nothing else.
  static void expectShapes(String field, NetworkSpec spec, Map<String, GoldenTensor> tensors) {
    Map<String, List<Integer>> shapes = Network.shapes(spec);
    if (!shapes.keySet().equals(tensors.keySet())) {
      throw new Unsupported(
          "field " + field + ": expected " + shapes.keySet() + ", got " + tensors.keySet());
    }
    for (Map.Entry<String, List<Integer>> entry : shapes.entrySet()) {
      List<Integer> got = tensors.get(entry.getKey()).shape();
      if (!got.equals(entry.getValue())) {
        throw new Unsupported(
            "field %s.%s: expected %s, got %s"
                .formatted(field, entry.getKey(), entry.getValue(), got));
      }
    }
  }

  /// The network on `kernels`.
  Network build(Kernels kernels) {
    Network network = Network.zeros(spec, kernels);
    params.forEach((name, tensor) -> tensor.copyTo(network.parameters().matrix(name)));
    network.parameters().changed();
    return network;
  }

  /// Compares numbers for all parameters.
  static void compare(
      String name, Map<String, GoldenTensor> expected, Parameters got, Comparison comparison) {
    expected.forEach(
        (tensor, values) -> comparison.compare(name + "." + tensor, values, got.matrix(tensor)));
  }
}
