package dev.unfold.proof;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The fields of a golden case. A field that is missing or is not what it should be throws [Unsupported] that
/// names it.
final class GoldenCase {
  private final String path;
  private final JsonNode node;

  private GoldenCase(String path, JsonNode node) {
    this.path = path;
    this.node = node;
    if (!node.isObject()) {
      String what = path.isEmpty() ? "the file" : "field " + path.substring(0, path.length() - 1);
      throw new Unsupported(what + ": expected an object");
    }
  }

  /// The case in `file`.
  static GoldenCase read(Path file) {
    try {
      return new GoldenCase("", JsonMapper.builder().build().readTree(file));
    } catch (JacksonException e) {
      throw new Unsupported("not JSON: " + e.getOriginalMessage());
    }
  }

  /// The names of all fields.
  Set<String> fields() {
    return new TreeSet<>(node.propertyNames());
  }

  /// Whether there is a field `name` that is not null.
  boolean has(String name) {
    return node.hasNonNull(name);
  }

  /// Whether there is a field `name` that is an object.
  boolean hasObject(String name) {
    return node.has(name) && node.get(name).isObject();
  }

  /// Rejects any other field: it might change what the case means.
  void expectOnly(String... known) {
    Set<String> unknown = fields();
    unknown.removeAll(Set.of(known));
    if (!unknown.isEmpty()) {
      throw new Unsupported("unknown field " + path + unknown.iterator().next());
    }
  }

  /// The object `name`.
  GoldenCase object(String name) {
    return new GoldenCase(path + name + ".", field(name));
  }

  /// The objects of the list `name`; empty if it is no such list.
  List<GoldenCase> objects(String name) {
    List<GoldenCase> objects = new ArrayList<>();
    JsonNode list = field(name);
    for (int i = 0; i < list.size() && list.isArray() && list.get(i).isObject(); i++) {
      objects.add(new GoldenCase(path + name + "[" + i + "].", list.get(i)));
    }
    return objects.size() == list.size() ? objects : List.of();
  }

  /// A size: 1 or more.
  int size(String name) {
    JsonNode value = field(name);
    if (!value.isInt() || value.intValue() < 1) {
      throw malformed(name, "a whole number of 1 or more", value);
    }
    return value.intValue();
  }

  /// A finite number.
  double number(String name) {
    return number(name, field(name));
  }

  private double number(String name, JsonNode value) {
    if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
      throw malformed(name, "a finite number", value);
    }
    return value.doubleValue();
  }

  /// A text.
  String text(String name) {
    JsonNode value = field(name);
    if (!value.isString()) {
      throw malformed(name, "a text", value);
    }
    return value.stringValue();
  }

  /// A plain list of texts.
  List<String> texts(String name) {
    List<String> texts = new ArrayList<>();
    for (JsonNode item : field(name)) {
      if (!item.isString()) {
        throw malformed(name, "a list of texts", item);
      }
      texts.add(item.stringValue());
    }
    return texts;
  }

  /// Whether an option `name` is not used: missing, null, false or 0.
  boolean isOff(String name) {
    JsonNode value = node.get(name);
    return !has(name)
        || (value.isBoolean() && !value.booleanValue())
        || (value.isNumber() && value.doubleValue() == 0);
  }

  /// A finite number, or `usual` if there is none.
  double number(String name, double usual) {
    return has(name) ? number(name) : usual;
  }

  /// True or false.
  boolean flag(String name) {
    JsonNode value = field(name);
    if (!value.isBoolean()) {
      throw malformed(name, "true or false", value);
    }
    return value.booleanValue();
  }

  /// A plain list of numbers.
  double[] numbers(String name) {
    return numbers(name, field(name).size());
  }

  /// A plain list of `count` numbers.
  double[] numbers(String name, int count) {
    return flat(name, List.of(count));
  }

  /// Nested lists of whole numbers from 0 to `limit` - 1, of the given shape.
  int[] indices(String name, int limit, Integer... shape) {
    double[] numbers = flat(name, List.of(shape));
    for (double number : numbers) {
      if (number != Math.rint(number) || number < 0 || number >= limit) {
        throw new Unsupported(
            "field " + path + name + ": expected 0 to " + (limit - 1) + ", got " + number);
      }
    }
    return Arrays.stream(numbers).mapToInt(number -> (int) number).toArray();
  }

  /// Nested lists of 1 and -1, of the given shape.
  double[] signs(String name, Integer... shape) {
    double[] numbers = flat(name, List.of(shape));
    if (Arrays.stream(numbers).anyMatch(number -> Math.abs(number) != 1)) {
      throw malformed(name, "1 and -1", field(name));
    }
    return numbers;
  }

  /// Lists of whole numbers from 0 to `limit` - 1, of these lengths.
  List<int[]> ragged(String name, int limit, int... lengths) {
    JsonNode lists = field(name);
    if (!lists.isArray() || lists.size() != lengths.length) {
      throw malformed(name, "a list of " + lengths.length, lists);
    }
    List<int[]> all = new ArrayList<>();
    for (int i = 0; i < lengths.length; i++) {
      List<Double> numbers = new ArrayList<>();
      collect(name, lists.get(i), List.of(lengths[i]), numbers);
      all.add(numbers.stream().mapToInt(Double::intValue).toArray());
      if (Arrays.stream(all.getLast()).anyMatch(number -> number < 0 || number >= limit)) {
        throw malformed(name, "0 to " + (limit - 1), lists.get(i));
      }
    }
    return all;
  }

  private double[] flat(String name, List<Integer> shape) {
    List<Double> numbers = new ArrayList<>();
    collect(name, field(name), shape, numbers);
    return numbers.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private void collect(String name, JsonNode value, List<Integer> shape, List<Double> numbers) {
    if (shape.isEmpty()) {
      numbers.add(number(name, value));
      return;
    }
    if (!value.isArray() || value.size() != shape.getFirst()) {
      throw malformed(name, "a list of " + shape.getFirst(), value);
    }
    for (JsonNode item : value) {
      collect(name, item, shape.subList(1, shape.size()), numbers);
    }
  }

  /// A tensor of the given shape.
  GoldenTensor tensor(String name, Integer... shape) {
    GoldenTensor tensor = tensor(name);
    if (!tensor.shape().equals(List.of(shape))) {
      throw new Unsupported(
          "field " + path + name + ": expected " + List.of(shape) + ", got " + tensor.shape());
    }
    return tensor;
  }

  /// A tensor.
  GoldenTensor tensor(String name) {
    GoldenCase tensor = object(name);
    tensor.expectOnly("shape", "data");
    List<Integer> shape = new ArrayList<>();
    int count = 1;
    for (JsonNode size : tensor.field("shape")) {
      if (!size.isInt() || size.intValue() < 0) {
        throw tensor.malformed("shape", "sizes", size);
      }
      shape.add(size.intValue());
      count = Math.multiplyExact(count, size.intValue());
    }
    return new GoldenTensor(shape, tensor.numbers("data", count));
  }

  /// All tensors of the object `name`.
  Map<String, GoldenTensor> tensors(String name) {
    GoldenCase object = object(name);
    Map<String, GoldenTensor> tensors = new LinkedHashMap<>();
    for (String field : object.node.propertyNames()) {
      tensors.put(field, object.tensor(field));
    }
    return tensors;
  }

  private JsonNode field(String name) {
    if (!node.has(name)) {
      throw new Unsupported("field " + path + name + " is missing");
    }
    return node.get(name);
  }

  private Unsupported malformed(String name, String expected, JsonNode got) {
    String shown = got.toString();
    return new Unsupported(
        "field "
            + path
            + name
            + ": expected "
            + expected
            + ", got "
            + (shown.length() > 40 ? shown.substring(0, 40) + "..." : shown));
  }
}
