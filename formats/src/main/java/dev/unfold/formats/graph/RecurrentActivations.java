package dev.unfold.formats.graph;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.DoubleUnaryOperator;

/// The activations of a recurrent node: names, and numbers that are consumed by those that take any, in order.
final class RecurrentActivations {
  private final Call call;
  private final List<Double> alphas;
  private final List<Double> betas;
  private int nextAlpha;
  private int nextBeta;

  private RecurrentActivations(Call call) {
    this.call = call;
    alphas = call.reals("activation_alpha");
    betas = call.reals("activation_beta");
  }

  /// The functions of all directions, one direction after the other.
  ///
  /// @param usual those of a direction if the node says nothing
  static List<DoubleUnaryOperator> of(Call call, int directions, List<String> usual) {
    List<String> names = call.texts("activations");
    if (names.isEmpty()) {
      names = new ArrayList<>();
      for (int d = 0; d < directions; d++) {
        names.addAll(usual);
      }
    }
    if (names.size() != directions * usual.size()) {
      throw call.refuse("activations", directions * usual.size() + " names", names);
    }
    RecurrentActivations numbers = new RecurrentActivations(call);
    return names.stream().map(numbers::function).toList();
  }

  private double alpha(double otherwise) {
    return nextAlpha < alphas.size() ? alphas.get(nextAlpha++) : otherwise;
  }

  private double beta(double otherwise) {
    return nextBeta < betas.size() ? betas.get(nextBeta++) : otherwise;
  }

  private DoubleUnaryOperator function(String name) {
    return switch (name.toLowerCase(Locale.ROOT)) {
      case "sigmoid" -> Functions::sigmoid;
      case "tanh" -> Math::tanh;
      case "relu" -> Functions::relu;
      case "softsign" -> Functions::softsign;
      case "softplus" -> Functions::softplus;
      case "affine" -> {
        double alpha = alpha(1);
        double beta = beta(0);
        yield x -> alpha * x + beta;
      }
      case "scaledtanh" -> {
        double alpha = alpha(1);
        double beta = beta(1);
        yield x -> alpha * Math.tanh(beta * x);
      }
      case "hardsigmoid" -> {
        double alpha = alpha(0.2f);
        double beta = beta(0.5);
        yield x -> Functions.hardSigmoid(x, alpha, beta);
      }
      case "leakyrelu" -> {
        double alpha = alpha(0.01f);
        yield x -> x < 0 ? alpha * x : x;
      }
      case "thresholdedrelu" -> {
        double alpha = alpha(1);
        yield x -> x > alpha ? x : 0;
      }
      case "elu" -> {
        double alpha = alpha(1);
        yield x -> x < 0 ? alpha * Math.expm1(x) : x;
      }
      default -> throw call.refuse("activations", "those of ONNX", name);
    };
  }
}
