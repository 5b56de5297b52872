package dev.unfold.formats.onnx.read;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import dev.unfold.argument.Expect;
import dev.unfold.formats.graph.Graph;
import dev.unfold.formats.graph.GraphCheck;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.onnx.message.ModelProto;
import dev.unfold.formats.onnx.message.OperatorSetIdProto;
import dev.unfold.formats.onnx.message.TensorProto;
import dev.unfold.formats.safetensors.FormatException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;

/// What an ONNX file holds.
///
/// @param graph all that it computes
/// @param producer the program that wrote it, as it says; may be empty
/// @param producerVersion of that program; may be empty
/// @param opset the version of the operators
/// @param metadata what else is said of the model, by key
public record OnnxFile(
    Graph graph, String producer, String producerVersion, int opset, Map<String, String> metadata) {
  /// The oldest version of the operators that is read: those before stretch shapes otherwise.
  public static final int OLDEST = 7;

  /// The newest version of the operators that is read.
  public static final int NEWEST = 27;

  private static final int DEEPEST_MESSAGE = 64;

  /// Checks that they are given.
  public OnnxFile {
    Expect.given("graph", graph);
    Expect.given("producer", producer);
    Expect.given("producerVersion", producerVersion);
    metadata = Map.copyOf(Expect.given("metadata", metadata));
  }

  /// Reads a file, which may come from anybody.
  ///
  /// **Memory**: some times the size of the file, and never an amount that it only claims.
  ///
  /// **Errors**: [FormatException] for a file that is missing, damaged, or has what is not known here, by node and
  /// reason.
  public static OnnxFile read(Path path) {
    return read(
        path,
        "an ONNX model",
        ModelProto.getDescriptor(),
        coded -> of(whole(ModelProto.parser(), coded)));
  }

  /// Reads a file with a single tensor, as ONNX's own tests come with.
  ///
  /// @return the tensor by its name, which may be empty
  ///
  /// **Memory** and **Errors** as [#read].
  public static Map<String, GraphTensor> readTensor(Path path) {
    return read(
        path,
        "a tensor of ONNX",
        TensorProto.getDescriptor(),
        coded -> {
          TensorProto tensor = whole(TensorProto.parser(), coded);
          return Map.of(tensor.getName(), TensorReader.read("tensor", tensor));
        });
  }

  @FunctionalInterface
  private interface Reading<T> {
    T read(CodedInputStream coded) throws IOException;
  }

  private static <T> T whole(Parser<T> parser, CodedInputStream coded) throws IOException {
    T message = parser.parseFrom(coded);
    coded.checkLastTagWas(0);
    return message;
  }

  private static <T> T read(Path path, String what, Descriptor message, Reading<T> reading) {
    String file = Expect.given("path", path).toString();
    if (!Files.isRegularFile(path)) {
      throw new FormatException(
          file + ": expected a file, " + (Files.exists(path) ? "got another thing" : "found none"));
    }
    try {
      long bytes = Files.size(path);
      if (bytes > Integer.MAX_VALUE) {
        throw new IllegalArgumentException("expected less than 2^31 bytes, got " + bytes);
      }
      PartCount.expectFew(path, bytes, message, DEEPEST_MESSAGE);
      try (InputStream input = Files.newInputStream(path)) {
        CodedInputStream coded = CodedInputStream.newInstance(input);
        coded.setSizeLimit((int) bytes);
        coded.setRecursionLimit(DEEPEST_MESSAGE);
        return reading.read(coded);
      }
    } catch (InvalidProtocolBufferException e) {
      throw new FormatException(
          "%s: expected %s, got one that is cut, or none".formatted(file, what), e);
    } catch (IOException e) {
      throw new FormatException(file + ": cannot be read: " + e.getMessage(), e);
    } catch (IllegalArgumentException e) {
      throw new FormatException(file + ": " + e.getMessage(), e);
    }
  }

  /// What a message holds.
  ///
  /// **Errors**: [IllegalArgumentException] as for files.
  public static OnnxFile of(ModelProto model) {
    if (!model.hasGraph()) {
      throw new IllegalArgumentException("expected an ONNX model, found no graph in it");
    }
    if (model.getFunctionsCount() > 0) {
      throw new IllegalArgumentException(
          "functions: expected none, got " + model.getFunctions(0).getName());
    }
    int opset = opset(model);
    Graph graph = new GraphReader(opset).read(model.getGraph());
    GraphCheck.expectWhole(graph);
    Map<String, String> metadata = new TreeMap<>();
    model.getMetadataPropsList().forEach(each -> metadata.put(each.getKey(), each.getValue()));
    return new OnnxFile(
        graph, model.getProducerName(), model.getProducerVersion(), opset, metadata);
  }

  private static int opset(ModelProto model) {
    for (OperatorSetIdProto set : model.getOpsetImportList()) {
      if (GraphReader.isStandard(set.getDomain())) {
        if (set.getVersion() < OLDEST || set.getVersion() > NEWEST) {
          throw new IllegalArgumentException(
              "opset: expected %d to %d, got %d".formatted(OLDEST, NEWEST, set.getVersion()));
        }
        return (int) set.getVersion();
      }
    }
    throw new IllegalArgumentException("opset: expected that of ONNX's own operators, found none");
  }
}
