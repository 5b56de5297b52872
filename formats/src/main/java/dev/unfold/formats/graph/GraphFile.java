package dev.unfold.formats.graph;

import dev.unfold.argument.Expect;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.SafetensorsReader;
import dev.unfold.formats.safetensors.SafetensorsWriter;
import dev.unfold.formats.safetensors.Tensor;
import dev.unfold.formats.safetensors.WriteException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Graphs as safetensors files.
///
/// | key | text |
/// |---|---|
/// | `format`, `format_version` | `unfold-graph`, `1` |
/// | `graph` | inputs, outputs, constants and nodes as JSON |
///
/// Tensors of floating-point numbers are the file's, under their names, those of bodies with the way to them before it;
/// whole numbers stand in the JSON. The same graph gives the same file, bit for bit.
public final class GraphFile {
  private static final String FORMAT = "format";
  private static final String FORMAT_VERSION = "format_version";
  private static final String UNFOLD_GRAPH = "unfold-graph";
  private static final String VERSION = "1";
  private static final String GRAPH = "graph";

  private GraphFile() {}

  /// Writes a graph to a file, whole or not at all.
  ///
  /// **Errors**: [WriteException] if the file cannot be written; [IllegalArgumentException] if the graph is not whole.
  public static void save(Path path, Graph graph) {
    GraphCheck.expectWhole(Expect.given("graph", graph));
    List<Tensor> tensors = new ArrayList<>();
    String json = new GraphJsonWriter(tensors).write(graph);
    Map<String, String> metadata = new TreeMap<>();
    metadata.put(FORMAT, UNFOLD_GRAPH);
    metadata.put(FORMAT_VERSION, VERSION);
    metadata.put(GRAPH, json);
    SafetensorsWriter.write(path, metadata, tensors);
  }

  /// Whether a file is there, can be read, and says that it holds a graph.
  public static boolean isGraph(Path path) {
    try (SafetensorsReader reader = SafetensorsReader.open(path)) {
      return UNFOLD_GRAPH.equals(reader.metadata().get(FORMAT));
    } catch (FormatException e) {
      return false;
    }
  }

  /// Reads a graph.
  ///
  /// **Memory**: some times the size of the file, and never an amount that it only claims.
  ///
  /// **Errors**: [FormatException] for a file that is missing, damaged, or holds no graph that can be run.
  public static Graph load(Path path) {
    try (SafetensorsReader reader = SafetensorsReader.open(path)) {
      Map<String, String> metadata = reader.metadata();
      expect(path, metadata, FORMAT, UNFOLD_GRAPH);
      expect(path, metadata, FORMAT_VERSION, VERSION);
      try {
        String json = metadata.getOrDefault(GRAPH, "");
        Graph graph = new GraphJsonReader(reader).read(json);
        GraphCheck.expectWhole(graph);
        return graph;
      } catch (IllegalArgumentException e) {
        throw new FormatException(path + ": " + e.getMessage(), e);
      }
    }
  }

  private static void expect(Path path, Map<String, String> metadata, String key, String text) {
    if (!text.equals(metadata.get(key))) {
      throw new FormatException(
          "%s: metadata %s: expected %s, got %s".formatted(path, key, text, metadata.get(key)));
    }
  }
}
