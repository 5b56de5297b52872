package dev.unfold.serve.inference;

import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.run.session.ModelVersion;
import dev.unfold.sequence.Inputs;
import dev.unfold.serve.json.Fields;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/// Sequences that are to be run, B of T steps.
///
/// @param id what the request is called, told again in the answer
/// @param batch B
/// @param steps T
/// @param inputs row t*B + b is step t of sequence b
/// @param isSaid whether the output is asked for; it may be that only the state is to go on
/// @param sequence which sequence it belongs to, if to one
record InferRequest(
    Optional<String> id,
    int batch,
    int steps,
    Inputs inputs,
    boolean isSaid,
    Optional<SequenceParameters> sequence) {
  private static final int LONGEST_NAME = 100;
  private static final int LONGEST_ID = 1024;

  /// Tensors of one request.
  private static final int MOST_TENSORS = 16;

  /// Numbers of a tensor.
  private static final int MOST = 1 << 22;

  /// B*T: seconds of work.
  private static final int MOST_ROWS = 1 << 18;

  /// Reads a request for a model. Shapes are compared with what is there before anything of their size is made.
  ///
  /// **Errors**: [Refusal] that names what cannot be used.
  static InferRequest of(Fields fields, ModelVersion version) {
    Network network = version.network();
    Signature signature = Signature.of(network);
    Optional<SequenceParameters> sequence = SequenceParameters.of(fields, version.name());
    Map<String, Tensor> tensors = tensors(fields, signature);
    Tensor first = tensors.get(signature.inputs().getFirst().name());
    int batch = first.shape()[0];
    int steps = first.shape()[1];
    for (Tensor each : tensors.values()) {
      if (each.shape()[0] != batch || each.shape()[1] != steps) {
        throw new Refusal(
            "inputs",
            "as many sequences and steps in each, %d and %d".formatted(batch, steps),
            "%d and %d".formatted(each.shape()[0], each.shape()[1]));
      }
    }
    if ((long) batch * steps > MOST_ROWS) {
      throw new Refusal(
          "inputs",
          "at most %,d steps in all".formatted(MOST_ROWS),
          "%,d".formatted((long) batch * steps));
    }
    if (sequence.isPresent() && batch != 1) {
      throw new Refusal("inputs[0].shape[0]", "1, since a request is of one sequence", batch);
    }
    long outputs = (signature.isOfSteps() ? (long) batch * steps : batch) * signature.outputs();
    boolean isSaid = isSaid(fields, signature);
    if (isSaid && outputs > MOST) {
      throw new Refusal(
          "inputs",
          "few enough that the output has at most %,d numbers".formatted(MOST),
          "%,d".formatted(outputs));
    }
    return new InferRequest(
        fields.maybeText("id", LONGEST_ID),
        batch,
        steps,
        inputs(tensors, network, batch, steps),
        isSaid,
        sequence);
  }

  private static Map<String, Tensor> tensors(Fields fields, Signature signature) {
    Map<String, Tensor> tensors = new HashMap<>();
    List<String> names = signature.inputs().stream().map(TensorSpec::name).toList();
    for (Fields each : fields.objects("inputs", MOST_TENSORS)) {
      String name = each.text("name", LONGEST_NAME);
      TensorSpec spec =
          signature.inputs().stream()
              .filter(own -> own.name().equals(name))
              .findFirst()
              .orElseThrow(
                  () -> new Refusal(each.path("name"), "one of " + names, Fields.shown(name)));
      if (tensors.put(name, Tensor.of(each, spec, MOST)) != null) {
        throw new Refusal(each.path("name"), "each input once", name + " twice");
      }
    }
    if (tensors.size() < names.size()) {
      throw new Refusal("inputs", "all of " + names, tensors.keySet());
    }
    return tensors;
  }

  private static boolean isSaid(Fields fields, Signature signature) {
    if (fields.maybe("outputs").isEmpty()) {
      return true;
    }
    JsonNode asked = fields.list("outputs", MOST_TENSORS);
    if (asked.isEmpty()) {
      return false;
    }
    List<Fields> all = fields.objects("outputs", MOST_TENSORS);
    for (Fields each : all) {
      String name = each.text("name", LONGEST_NAME);
      if (!name.equals(signature.output().name())) {
        throw new Refusal(each.path("name"), signature.output().name(), Fields.shown(name));
      }
    }
    if (all.size() > 1) {
      throw new Refusal("outputs", "each output once", all.size() + " times");
    }
    return true;
  }

  private static Inputs inputs(Map<String, Tensor> tensors, Network network, int batch, int steps) {
    return switch (network.spec().encoder()) {
      case Encoder.Vectors _ ->
          new Inputs.Vectors(matrix(tensors.get(Signature.VECTORS), network, batch, steps));
      case Encoder.Embedding own -> {
        int[][] tokens = categories(tensors.get(Signature.TOKENS), List.of(own), batch, steps);
        yield new Inputs.Tokens(tokens[0], 0);
      }
      case Encoder.Columns own -> {
        Optional<Matrix> numbers =
            Optional.ofNullable(tensors.get(Signature.NUMBERS))
                .map(all -> matrix(all, network, batch, steps));
        Tensor categories = tensors.get(Signature.CATEGORIES);
        yield new Inputs.Columns(
            numbers,
            categories == null
                ? new int[0][]
                : categories(categories, own.categories(), batch, steps),
            0);
      }
    };
  }

  private static Matrix matrix(Tensor tensor, Network network, int batch, int steps) {
    int width = tensor.shape()[2];
    Matrix matrix = Matrix.onHeap(network.kernels().type(), batch * steps, width);
    tensor.each((at, node) -> {
      double value = tensor.number(at, node);
      int row = row(at / width, batch, steps);
      matrix.set(row, at % width, value);
      if (!Double.isFinite(matrix.get(row, at % width))) {
        throw new Refusal(tensor.place(at), "a number that 32 bits have", Fields.shown(node));
      }
    });
    return matrix;
  }

  /// An array for each of the C last numbers.
  private static int[][] categories(
      Tensor tensor, List<Encoder.Embedding> sizes, int batch, int steps) {
    int width = sizes.size();
    int[][] categories = new int[width][batch * steps];
    tensor.each((at, node) -> {
      int c = at % width;
      categories[c][row(at / width, batch, steps)] =
          tensor.whole(at, node, 0, sizes.get(c).vocabulary() - 1);
    });
    return categories;
  }

  /// Tensors have one sequence after the other, networks one step after the other.
  private static int row(int at, int batch, int steps) {
    return at % steps * batch + at / steps;
  }
}
