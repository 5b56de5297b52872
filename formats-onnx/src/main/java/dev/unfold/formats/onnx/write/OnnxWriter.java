package dev.unfold.formats.onnx.write;

import dev.unfold.argument.Refusal;
import dev.unfold.formats.exchange.ExportOptions;
import dev.unfold.formats.graph.Graph;
import dev.unfold.formats.model.Model;
import dev.unfold.formats.model.ModelFile;
import dev.unfold.formats.onnx.message.GraphProto;
import dev.unfold.formats.onnx.message.ModelProto;
import dev.unfold.formats.onnx.message.OperatorSetIdProto;
import dev.unfold.formats.onnx.message.StringStringEntryProto;
import dev.unfold.formats.onnx.message.TensorShapeProto;
import dev.unfold.formats.onnx.message.ValueInfoProto;
import dev.unfold.formats.onnx.read.OnnxFile;
import dev.unfold.formats.onnx.read.OnnxReader;
import dev.unfold.formats.safetensors.AtomicFile;
import dev.unfold.formats.safetensors.WriteException;
import dev.unfold.model.Network;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Writes models as ONNX files. What is said about a model beside its numbers goes along as metadata, each key with
/// `unfold.` before it.
public final class OnnxWriter {
  private static final int FIRST_OPSET = 17;
  private static final int LAST_OPSET = 22;
  private static final long LARGEST = Integer.MAX_VALUE;

  private OnnxWriter() {}

  /// Writes a model, whole or not at all.
  ///
  /// @return what goes in and comes out, a line each
  ///
  /// **Errors**: [IllegalArgumentException] for an opset that is not from 17 to 22, for a model of more numbers than a
  /// file of 2 GiB holds, or if Triton is to serve a model without states; [WriteException].
  public static List<String> write(Path file, Model model, ExportOptions options) {
    int opset = opset(options);
    Network network = model.network().withWholeMatrices();
    long bytes = 4 * network.parameters().count();
    if (bytes > LARGEST) {
      throw new Refusal(
          "model", "one of less than 2 GiB, the most that ONNX keeps in a file", bytes);
    }
    NetworkWriter writer = new NetworkWriter(network, opset, options.states());
    GraphProto graph = writer.write();
    if (options.server().isPresent() && writer.states().isEmpty()) {
      throw new Refusal(
          "triton",
          "a model whose states come in and go out",
          "one that needs whole sequences, or --states none");
    }
    ModelProto.Builder all =
        ModelProto.newBuilder()
            .setIrVersion(ir(opset))
            .setProducerName("unfold")
            .setGraph(graph)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(opset));
    new TreeMap<>(ModelFile.metadata(model))
        .forEach((key, text) ->
            all.addMetadataProps(
                StringStringEntryProto.newBuilder()
                    .setKey(OnnxReader.METADATA + key)
                    .setValue(text)));
    byte[] content = all.build().toByteArray();
    AtomicFile.write(file, content);
    if (options.server().isPresent()) {
      AtomicFile.write(
          file.resolveSibling("config.pbtxt"),
          new TritonConfig(graph, writer.states()).text().getBytes(StandardCharsets.UTF_8));
    }
    return lines(graph);
  }

  /// What [#write] writes of a network, read again.
  ///
  /// **Errors**: as [#write].
  public static Graph graph(Network network, ExportOptions options) {
    int opset = opset(options);
    NetworkWriter writer = new NetworkWriter(network.withWholeMatrices(), opset, options.states());
    GraphProto graph = writer.write();
    ModelProto whole =
        ModelProto.newBuilder()
            .setGraph(graph)
            .addOpsetImport(OperatorSetIdProto.newBuilder().setDomain("").setVersion(opset))
            .build();
    return OnnxFile.of(whole).graph();
  }

  private static int opset(ExportOptions options) {
    int opset = options.opset().orElse(FIRST_OPSET);
    if (opset < FIRST_OPSET || opset > LAST_OPSET) {
      throw new Refusal("opset", "%d to %d".formatted(FIRST_OPSET, LAST_OPSET), opset);
    }
    return opset;
  }

  /// The version of the format in which a version of the operators appeared.
  private static int ir(int opset) {
    if (opset <= 18) {
      return 8;
    }
    return opset <= 20 ? 9 : 10;
  }

  private static List<String> lines(GraphProto graph) {
    List<String> lines = new ArrayList<>();
    graph.getInputList().forEach(input -> lines.add("reads  " + line(input)));
    graph.getOutputList().forEach(output -> lines.add("writes " + line(output)));
    return lines;
  }

  private static String line(ValueInfoProto info) {
    String kind =
        info.getType().getTensorType().getElemType() == GraphWriter.Kind.INT64.code
            ? "int64"
            : "float";
    return "%s %s [%s]"
        .formatted(
            info.getName(),
            kind,
            info.getType().getTensorType().getShape().getDimList().stream()
                .map(OnnxWriter::size)
                .collect(Collectors.joining(", ")));
  }

  private static String size(TensorShapeProto.Dimension dimension) {
    return dimension.hasDimParam()
        ? dimension.getDimParam()
        : Long.toString(dimension.getDimValue());
  }
}
