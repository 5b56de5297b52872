package dev.unfold.serve.inference;

import dev.unfold.head.SeveralHeads;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import java.util.ArrayList;
import java.util.List;

/// Which tensors a network reads and says. With B sequences of T steps:
///
///     input       [B, T, I]   vectors
///     tokens      [B, T]      numbers of tokens, 0 to V-1
///     numbers     [B, T, N]   the columns of numbers of a table
///     categories  [B, T, C]   those of categories, as their numbers
///     output      [B, T, K]   net_y of each step, or [B, K] of each sequence if it is pooled
///
/// @param inputs one, or two for rows of a table
/// @param output net_y
record Signature(List<TensorSpec> inputs, TensorSpec output) {
  static final String VECTORS = "input";
  static final String TOKENS = "tokens";
  static final String NUMBERS = "numbers";
  static final String CATEGORIES = "categories";
  static final String OUTPUT = "output";

  private static final int ANY = -1;

  static Signature of(Network network) {
    Encoder encoder = network.spec().encoder();
    Datatype type = network.kernels().type() == ElementType.FLOAT64 ? Datatype.FP64 : Datatype.FP32;
    List<TensorSpec> inputs = new ArrayList<>();
    switch (encoder) {
      case Encoder.Vectors own ->
          inputs.add(new TensorSpec(VECTORS, type, List.of(ANY, ANY, own.width())));
      case Encoder.Embedding _ ->
          inputs.add(new TensorSpec(TOKENS, Datatype.INT64, List.of(ANY, ANY)));
      case Encoder.Columns own -> {
        if (own.numbers() > 0) {
          inputs.add(new TensorSpec(NUMBERS, type, List.of(ANY, ANY, own.numbers())));
        }
        if (!own.categories().isEmpty()) {
          inputs.add(
              new TensorSpec(
                  CATEGORIES, Datatype.INT64, List.of(ANY, ANY, own.categories().size())));
        }
      }
    }
    int outputs = network.spec().outputs();
    boolean isOfSteps = network.spec().head().isOfSteps() || isOfSeveral(network);
    List<Integer> shape = isOfSteps ? List.of(ANY, ANY, outputs) : List.of(ANY, outputs);
    return new Signature(List.copyOf(inputs), new TensorSpec(OUTPUT, type, shape));
  }

  /// Several heads have a row for each step, even if some are pooled.
  private static boolean isOfSeveral(Network network) {
    return network.spec().head() instanceof SeveralHeads;
  }

  /// Whether each step has an output.
  boolean isOfSteps() {
    return output.shape().size() == 3;
  }

  /// K
  int outputs() {
    return output.shape().getLast();
  }
}
