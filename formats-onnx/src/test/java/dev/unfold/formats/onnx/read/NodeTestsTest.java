package dev.unfold.formats.onnx.read;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.unfold.formats.graph.Graph;
import dev.unfold.formats.graph.GraphRunner;
import dev.unfold.formats.graph.GraphTensor;
import dev.unfold.formats.onnx.message.TensorProto;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Some of the operators' tests that come with ONNX.
final class NodeTestsTest {
  /// The expected numbers are rounded to float, and were computed in it.
  private static final double BOUND = 3e-7;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "test_gru_defaults",
        "test_gru_seq_length",
        "test_lstm_defaults",
        "test_lstm_with_peepholes",
        "test_simple_rnn_defaults",
        "test_simple_rnn_with_initial_bias"
      })
  void run_ofNodeTest_givesItsOutputs(String name) throws IOException {
    Path folder = Shared.folder("data", "onnx-node-tests");
    assumeTrue(Files.isDirectory(folder), () -> "SKIPPED: no " + folder);
    Graph graph = OnnxFile.read(folder.resolve(name).resolve("model.onnx")).graph();
    Path data = folder.resolve(name).resolve("test_data_set_0");
    Map<String, GraphTensor> inputs = new LinkedHashMap<>();
    for (int i = 0; i < graph.inputs().size(); i++) {
      inputs.put(graph.inputs().get(i).name(), tensor(data.resolve("input_" + i + ".pb")));
    }
    Map<String, GraphTensor> outputs = new GraphRunner(graph).run(inputs);
    assertEquals(1, outputs.size());
    GraphTensor expected = tensor(data.resolve("output_0.pb"));
    Difference.expectWithin(BOUND, expected, outputs.values().iterator().next(), name);
  }

  private static GraphTensor tensor(Path file) throws IOException {
    return TensorReader.read(
        file.toString(), TensorProto.parser().parseFrom(Files.readAllBytes(file)));
  }
}
