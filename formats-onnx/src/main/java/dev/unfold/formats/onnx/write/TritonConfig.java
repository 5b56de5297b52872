package dev.unfold.formats.onnx.write;

import dev.unfold.formats.onnx.message.GraphProto;
import dev.unfold.formats.onnx.message.ValueInfoProto;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// How NVIDIA Triton serves a model whose states come in and go out: it keeps the states of each sequence, which begin
/// at zero. Without that a sequence would begin with whatever the memory held.
///
/// Triton takes the first axis for the batch, and this model's is time: so one sequence is a call of B = 1 and T steps.
record TritonConfig(GraphProto graph, Map<String, Integer> states) {
  String text() {
    StringBuilder text = new StringBuilder();
    text.append("platform: \"onnxruntime_onnx\"\nmax_batch_size: 0\n");
    append(text, "input", graph.getInputList());
    append(text, "output", graph.getOutputList());
    text.append("sequence_batching {\n  direct {}\n");
    states.forEach((name, width) ->
        text.append(
            """
              state [
                {
                  input_name: "%s"
                  output_name: "%s"
                  data_type: TYPE_FP32
                  dims: [ 1, %d ]
                  initial_state: { name: "zeros", data_type: TYPE_FP32, dims: [ 1, %d ], zero_data: true }
                }
              ]
            """
                .formatted(name, name + NetworkWriter.NEXT, width, width)));
    return text.append("}\n").toString();
  }

  private void append(StringBuilder text, String kind, List<ValueInfoProto> values) {
    List<ValueInfoProto> shown =
        values.stream()
            .filter(value -> !states.containsKey(value.getName()))
            .filter(value -> !states.containsKey(value.getName().replace(NetworkWriter.NEXT, "")))
            .toList();
    for (ValueInfoProto value : shown) {
      String dims =
          value.getType().getTensorType().getShape().getDimList().stream()
              .map(dimension ->
                  dimension.hasDimParam() ? "-1" : Long.toString(dimension.getDimValue()))
              .collect(Collectors.joining(", "));
      boolean isInteger =
          value.getType().getTensorType().getElemType() == GraphWriter.Kind.INT64.code;
      text.append(
          "%s [ { name: \"%s\", data_type: %s, dims: [ %s ] } ]\n"
              .formatted(kind, value.getName(), isInteger ? "TYPE_INT64" : "TYPE_FP32", dims));
    }
  }
}
