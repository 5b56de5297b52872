package dev.unfold.formats.graph;

import dev.unfold.formats.safetensors.Tensor;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// Writes graphs as JSON, and collects their floating-point tensors.
final class GraphJsonWriter {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final List<Tensor> tensors;

  GraphJsonWriter(List<Tensor> tensors) {
    this.tensors = tensors;
  }

  String write(Graph graph) {
    return JSON.writeValueAsString(graph(graph, "graph."));
  }

  private ObjectNode graph(Graph graph, String way) {
    ObjectNode all = JSON.createObjectNode();
    ArrayNode inputs = all.putArray("inputs");
    graph.inputs().forEach(input -> value(inputs.addObject(), input));
    ArrayNode outputs = all.putArray("outputs");
    graph.outputs().forEach(output -> value(outputs.addObject(), output));
    ArrayNode constants = all.putArray("constants");
    graph
        .constants()
        .forEach((name, tensor) -> {
          ObjectNode constant = constants.addObject().put("name", name);
          tensor(constant, tensor, way + name);
        });
    ArrayNode nodes = all.putArray("nodes");
    for (int n = 0; n < graph.nodes().size(); n++) {
      node(nodes.addObject(), graph.nodes().get(n), way + n + ".");
    }
    return all;
  }

  private static void value(ObjectNode to, ValueInfo value) {
    to.put("name", value.name());
    value.type().ifPresent(type -> to.put("type", type.name()));
    value
        .shape()
        .ifPresent(shape -> {
          ArrayNode sizes = to.putArray("shape");
          shape.forEach(dimension -> {
            if (dimension.isFixed()) {
              sizes.add(dimension.size());
            } else {
              sizes.add(dimension.name());
            }
          });
        });
  }

  private void tensor(ObjectNode to, GraphTensor tensor, String name) {
    to.put("type", tensor.type().name());
    ArrayNode shape = to.putArray("shape");
    tensor.shape().forEach(shape::add);
    if (!tensor.type().isReal()) {
      ArrayNode numbers = to.putArray("numbers");
      for (long number : tensor.wholes()) {
        numbers.add(number);
      }
      return;
    }
    to.put("tensor", name);
    ElementType type =
        tensor.type() == NumberType.FLOAT32 ? ElementType.FLOAT32 : ElementType.FLOAT64;
    tensors.add(
        new Tensor(
            name,
            tensor.shape().stream().map(Integer::longValue).toList(),
            HostBuffer.of(type, tensor.reals()),
            0));
  }

  private void node(ObjectNode to, Node node, String way) {
    to.put("name", node.name()).put("operator", node.operator());
    ArrayNode inputs = to.putArray("inputs");
    node.inputs().forEach(inputs::add);
    ArrayNode outputs = to.putArray("outputs");
    node.outputs().forEach(outputs::add);
    ObjectNode attributes = to.putObject("attributes");
    for (Map.Entry<String, Attribute> entry : new TreeMap<>(node.attributes()).entrySet()) {
      String key = entry.getKey();
      ObjectNode one = attributes.putObject(key);
      switch (entry.getValue()) {
        case Attribute.Whole whole -> one.put("whole", whole.value());
        case Attribute.Real real -> one.put("real", Double.toString(real.value()));
        case Attribute.Text text -> one.put("text", text.value());
        case Attribute.Wholes list -> {
          ArrayNode values = one.putArray("wholes");
          list.values().forEach(values::add);
        }
        case Attribute.Reals list -> {
          ArrayNode values = one.putArray("reals");
          list.values().forEach(value -> values.add(Double.toString(value)));
        }
        case Attribute.Texts list -> {
          ArrayNode values = one.putArray("texts");
          list.values().forEach(values::add);
        }
        case Attribute.Tensor tensor -> tensor(one.putObject("tensor"), tensor.value(), way + key);
        case Attribute.Body body -> one.set("body", graph(body.graph(), way + key + "."));
      }
    }
  }
}
