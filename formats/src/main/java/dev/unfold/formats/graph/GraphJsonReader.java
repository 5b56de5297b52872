package dev.unfold.formats.graph;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.safetensors.SafetensorsReader;
import dev.unfold.kernels.storage.ElementType;
import dev.unfold.kernels.storage.HostBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Reads graphs from JSON and the tensors of a file, each of which belongs to one place.
final class GraphJsonReader {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  /// What the sizes of a tensor without numbers may come to if those of 0 are left out.
  private static final long MOST_EMPTY = 1 << 16;

  private final SafetensorsReader file;
  private final Set<String> read = new HashSet<>();

  GraphJsonReader(SafetensorsReader file) {
    this.file = file;
  }

  Graph read(String text) {
    JsonNode root;
    try {
      root = JSON.readTree(text);
    } catch (JacksonException e) {
      throw new Refusal("graph", "JSON", e.getOriginalMessage(), e);
    }
    Graph graph = graph(root, 0);
    for (String name : file.tensors().keySet()) {
      if (!read.contains(name)) {
        throw new Refusal("tensors", "those of the graph", name);
      }
    }
    return graph;
  }

  private static JsonNode get(JsonNode of, String key) {
    JsonNode got = of.get(key);
    if (got == null) {
      throw new Refusal("graph", "an object with " + key, "none");
    }
    return got;
  }

  private static <T> List<T> list(JsonNode of, String key, Function<JsonNode, T> each) {
    JsonNode array = get(of, key);
    if (!array.isArray()) {
      throw new Refusal("graph: " + key, "an array", array.getNodeType());
    }
    List<T> all = new ArrayList<>();
    array.forEach(one -> all.add(each.apply(one)));
    return all;
  }

  private static String text(JsonNode of) {
    if (!of.isString()) {
      throw new Refusal("graph", "a text", of.getNodeType());
    }
    return of.stringValue();
  }

  private static long whole(JsonNode of) {
    if (!of.isIntegralNumber() || !of.canConvertToLong()) {
      throw new Refusal("graph", "a whole number of 64 bits", of.getNodeType());
    }
    return of.longValue();
  }

  private static double real(JsonNode of) {
    String text = text(of);
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new Refusal("graph", "a number", text, e);
    }
  }

  private Graph graph(JsonNode of, int depth) {
    if (depth > GraphCheck.DEEPEST) {
      throw new Refusal("graph", "bodies at most " + GraphCheck.DEEPEST + " deep", "more");
    }
    Map<String, GraphTensor> constants = new LinkedHashMap<>();
    for (JsonNode constant : list(of, "constants", one -> one)) {
      String name = text(get(constant, "name"));
      if (constants.put(name, tensor(constant)) != null) {
        throw new Refusal("constant", "a name that no other has", name);
      }
    }
    return new Graph(
        list(of, "inputs", GraphJsonReader::value),
        list(of, "outputs", GraphJsonReader::value),
        constants,
        list(of, "nodes", node -> node(node, depth)));
  }

  private static NumberType type(JsonNode of) {
    String name = text(of);
    for (NumberType type : NumberType.values()) {
      if (type.name().equals(name)) {
        return type;
      }
    }
    throw new Refusal("graph: type", List.of(NumberType.values()), name);
  }

  private static ValueInfo value(JsonNode of) {
    return new ValueInfo(
        text(get(of, "name")),
        Optional.ofNullable(of.get("type")).map(GraphJsonReader::type),
        of.has("shape")
            ? Optional.of(list(of, "shape", GraphJsonReader::dimension))
            : Optional.empty());
  }

  private static Dimension dimension(JsonNode of) {
    return of.isString() ? Dimension.any(of.stringValue()) : Dimension.of(size(of));
  }

  private static int size(JsonNode of) {
    long size = whole(of);
    if (size < 0 || size > Integer.MAX_VALUE) {
      throw new Refusal("graph: shape", "sizes from 0 to 2^31-1", size);
    }
    return (int) size;
  }

  private GraphTensor tensor(JsonNode of) {
    NumberType type = type(get(of, "type"));
    List<Integer> shape = list(of, "shape", GraphJsonReader::size);
    long count = 1;
    boolean isEmpty = false;
    for (int size : shape) {
      count *= Math.max(1, size);
      isEmpty |= size == 0;
      if (count > Integer.MAX_VALUE) {
        throw new Refusal("graph: shape", "2^31 numbers at most", shape);
      }
    }
    if (isEmpty && count > MOST_EMPTY) {
      throw new Refusal("graph: shape", "sizes that a file has numbers for", shape);
    }
    if (!type.isReal()) {
      List<Long> numbers = list(of, "numbers", GraphJsonReader::whole);
      return GraphTensor.ofWholes(
          type, shape, numbers.stream().mapToLong(Long::longValue).toArray());
    }
    String name = text(get(of, "tensor"));
    file.expect(name, shape.stream().map(Integer::longValue).toList());
    if (!read.add(name)) {
      throw new Refusal("graph: tensor", "one that is read once", name);
    }
    ElementType kept = type == NumberType.FLOAT32 ? ElementType.FLOAT32 : ElementType.FLOAT64;
    HostBuffer numbers = HostBuffer.onHeap(kept, isEmpty ? 0 : (int) count);
    file.read(name, numbers, 0);
    return GraphTensor.of(type, shape, numbers.toArray());
  }

  private Node node(JsonNode of, int depth) {
    Map<String, Attribute> attributes = new HashMap<>();
    JsonNode all = get(of, "attributes");
    if (!all.isObject()) {
      throw new Refusal("graph: attributes", "an object", all.getNodeType());
    }
    all.properties()
        .forEach(entry -> attributes.put(entry.getKey(), attribute(entry.getValue(), depth)));
    return new Node(
        text(get(of, "name")),
        text(get(of, "operator")),
        list(of, "inputs", GraphJsonReader::text),
        list(of, "outputs", GraphJsonReader::text),
        attributes);
  }

  private Attribute attribute(JsonNode of, int depth) {
    String kind =
        of.isObject() && of.size() == 1 ? of.properties().iterator().next().getKey() : "others";
    return switch (kind) {
      case "whole" -> new Attribute.Whole(whole(get(of, kind)));
      case "real" -> new Attribute.Real(real(get(of, kind)));
      case "text" -> new Attribute.Text(text(get(of, kind)));
      case "wholes" -> new Attribute.Wholes(list(of, kind, GraphJsonReader::whole));
      case "reals" -> new Attribute.Reals(list(of, kind, GraphJsonReader::real));
      case "texts" -> new Attribute.Texts(list(of, kind, GraphJsonReader::text));
      case "tensor" -> new Attribute.Tensor(tensor(get(of, kind)));
      case "body" -> new Attribute.Body(graph(get(of, kind), depth + 1));
      default -> throw new Refusal("graph: attribute", "one value of a known kind", kind);
    };
  }
}
