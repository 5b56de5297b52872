package dev.unfold.formats.onnx.read;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.exchange.Imported;
import dev.unfold.formats.exchange.Parity;
import dev.unfold.formats.graph.Attribute;
import dev.unfold.formats.graph.Dimension;
import dev.unfold.formats.graph.Graph;
import dev.unfold.formats.graph.GraphFolding;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.graph.Node;
import dev.unfold.formats.graph.NumberType;
import dev.unfold.formats.graph.StateNames;
import dev.unfold.formats.graph.ValueInfo;
import dev.unfold.formats.graph.layers.FoundNetwork;
import dev.unfold.formats.graph.layers.NetworkFinder;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.model.Network;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// Reads ONNX files as networks, if they are layers, and as graphs otherwise.
///
/// **Settings**: the name of an input fixes it to a number; `gru=reset-after` reads GRUs whose reset gate is written as
/// coming before the product as if it came after.
public final class OnnxReader {
  /// The setting that says how GRUs are meant.
  public static final String GRU = "gru";

  /// What keys of metadata begin with that Unfold wrote.
  public static final String METADATA = "unfold.";

  private static final String RESET_AFTER = "reset-after";
  private static final String LINEAR_BEFORE_RESET = "linear_before_reset";

  private static final String MISTAKE =
      ": written by a version that is known to put the reset gate before the product by mistake; "
          + "%s=%s reads it as PyTorch means it".formatted(GRU, RESET_AFTER);

  private OnnxReader() {}

  /// The graph that a network was found in.
  private record Found(Graph graph, FoundNetwork.Comparison comparison) implements Imported.Origin {
    @Override
    public List<Parity.Row> compare(Network network, int steps) {
      return comparison.of(network, steps).stream()
          .map(both -> Parity.Row.of(both.place(), both.graph(), both.network(), both.perStep()))
          .toList();
    }
  }

  /// Reads a file, which may come from anybody.
  ///
  /// **Errors**: [FormatException] for a file that is missing, damaged, or has what is not known here, by node and
  /// reason; [IllegalArgumentException] for a setting that is no number.
  public static Imported read(Path path, ImportOptions options) {
    return read(OnnxFile.read(path), options);
  }

  /// Makes a model of what a file holds.
  ///
  /// **Errors**: as above.
  public static Imported read(OnnxFile file, ImportOptions options) {
    List<String> conventions = new ArrayList<>();
    conventions.add(
        "file: opset %d%s"
            .formatted(
                file.opset(),
                file.producer().isEmpty()
                    ? ""
                    : ", by " + (file.producer() + " " + file.producerVersion()).strip()));
    Graph bound = bound(file.graph(), options, conventions);
    Graph graph = asMeant(GraphFolding.folded(bound), file, options, conventions);
    FoundNetwork found = NetworkFinder.find(graph, options.kernels());
    conventions.addAll(found.conventions());
    if (found.network().isPresent()) {
      Model model = described(found.network().get(), file, conventions);
      return new Imported(
          new Imported.Content.OfModel(model),
          conventions,
          found.comparison().map(each -> new Found(graph, each)));
    }
    StateNames.of(graph)
        .forEach(
            (input, output) -> conventions.add("state %s: next is %s".formatted(input, output)));
    return new Imported(graph, conventions);
  }

  /// The model with what Unfold's own metadata say of it, such as its vocabulary, if they fit.
  private static Model described(Model found, OnnxFile file, List<String> conventions) {
    Map<String, String> texts = own(file);
    if (texts.isEmpty()) {
      return found;
    }
    try {
      return ModelFile.described(found.network(), texts);
    } catch (FormatException | IllegalArgumentException e) {
      conventions.add("metadata of Unfold left out: " + e.getMessage());
      return found;
    }
  }

  /// What Unfold's own metadata say, by key; empty if somebody else wrote the file.
  public static Map<String, String> own(OnnxFile file) {
    Map<String, String> texts = new HashMap<>();
    file.metadata()
        .forEach((key, text) -> {
          if (key.startsWith(METADATA)) {
            texts.put(key.substring(METADATA.length()), text);
          }
        });
    return texts;
  }

  private static Graph bound(Graph graph, ImportOptions options, List<String> conventions) {
    Map<String, GraphTensor> values = new HashMap<>();
    for (ValueInfo input : graph.inputs()) {
      options
          .setting(input.name())
          .ifPresent(text -> {
            values.put(input.name(), value(input, text));
            conventions.add("input %s: always %s".formatted(input.name(), text));
          });
    }
    return GraphFolding.bound(graph, values);
  }

  /// A tensor of one number.
  private static GraphTensor value(ValueInfo input, String text) {
    List<Dimension> shape = input.shape().orElse(List.of());
    if (shape.stream().anyMatch(dimension -> dimension.isFixed() && dimension.size() != 1)) {
      throw new Refusal("set", "the name of an input of one number", input);
    }
    List<Integer> sizes = shape.stream().map(_ -> 1).toList();
    NumberType type = input.type().orElse(NumberType.FLOAT32);
    try {
      if (type.isReal()) {
        return GraphTensor.of(type, sizes, Double.parseDouble(text));
      }
      long number =
          switch (text) {
            case "true" -> 1;
            case "false" -> 0;
            default -> Long.parseLong(text);
          };
      return GraphTensor.ofWholes(type, sizes, number);
    } catch (NumberFormatException e) {
      throw Refusal.within("set", input.name(), "a number of " + type, text);
    }
  }

  /// Says, and mends if it is asked to, that GRUs are not what their writer meant.
  private static Graph asMeant(
      Graph graph, OnnxFile file, ImportOptions options, List<String> conventions) {
    boolean isWrong = isKnownToBeWrong(file);
    return mapped(
        graph,
        node -> {
          boolean isBefore =
              node.operator().equals("GRU")
                  && !(node.attributes().get(LINEAR_BEFORE_RESET) instanceof Attribute.Whole whole
                      && whole.value() != 0);
          if (!isBefore) {
            return node.attributes();
          }
          String asked = options.setting(GRU).orElse("");
          if (asked.isEmpty()) {
            if (isWrong) {
              conventions.add(node.title() + MISTAKE);
            }
            return node.attributes();
          }
          if (!asked.equals(RESET_AFTER)) {
            throw Refusal.within("set", GRU, RESET_AFTER, asked);
          }
          conventions.add(node.title() + ": read with the reset gate after the product");
          Map<String, Attribute> attributes = new HashMap<>(node.attributes());
          attributes.put(LINEAR_BEFORE_RESET, new Attribute.Whole(1));
          return attributes;
        });
  }

  /// The graph with other attributes, in bodies too.
  private static Graph mapped(Graph graph, Function<Node, Map<String, Attribute>> attributes) {
    List<Node> nodes = new ArrayList<>();
    for (Node node : graph.nodes()) {
      Map<String, Attribute> all = new HashMap<>(attributes.apply(node));
      node.bodies()
          .forEach((key, body) -> all.put(key, new Attribute.Body(mapped(body, attributes))));
      nodes.add(new Node(node.name(), node.operator(), node.inputs(), node.outputs(), all));
    }
    return new Graph(graph.inputs(), graph.outputs(), graph.constants(), nodes);
  }

  /// PyTorch from 2.9 on.
  private static boolean isKnownToBeWrong(OnnxFile file) {
    String[] parts = file.producerVersion().split("[^0-9]+", 3);
    if (!file.producer().equalsIgnoreCase("pytorch") || parts.length < 2) {
      return false;
    }
    try {
      int major = Integer.parseInt(parts[0]);
      return major == 2 && Integer.parseInt(parts[1]) >= 9;
    } catch (NumberFormatException e) {
      return false;
    }
  }
}
