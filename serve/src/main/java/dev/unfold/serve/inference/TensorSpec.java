package dev.unfold.serve.inference;

import dev.unfold.serve.json.JsonBody;
import java.util.List;
import java.util.Map;

/// A tensor that a model reads or says.
///
/// @param name what it is called
/// @param datatype what its numbers are, if nothing else is asked for
/// @param shape its dimensions, -1 for one of any size
record TensorSpec(String name, Datatype datatype, List<Integer> shape) {
  /// As the metadata of a model have it.
  Map<String, Object> members() {
    return JsonBody.members("name", name, "datatype", datatype.name(), "shape", shape);
  }
}
