package dev.unfold.formats.torch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.formats.exchange.GoldenCases;
import dev.unfold.formats.exchange.ImportOptions;
import dev.unfold.formats.safetensors.SafetensorsWriter;
import dev.unfold.formats.safetensors.Tensor;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.State;
import dev.unfold.unroll.UnrolledNetwork;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Networks that PyTorch ran, from their parameters by PyTorch's names: the outputs are PyTorch's.
final class TorchGoldenTest {
  private static final Kernels KERNELS = Backends.named("scalar", Precision.DOUBLE);

  /// As the golden cases say for numbers of 64 bits.
  private static final double TOLERANCE = 1e-10;

  @TempDir private Path temporary;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "gru",
        "lstm",
        "lstm_2layer_bidirectional",
        "elman_relu",
        "elman_tanh_no_bias",
        "elman_long"
      })
  void stateDict_ofAGoldenCase_givesItsOutputs(String name) {
    JsonNode golden = GoldenCases.read(name);
    List<Tensor> tensors =
        GoldenCases.parameters(golden, own -> own.startsWith("head.") ? own : "rnn." + own);
    Path safetensors = temporary.resolve("case.safetensors");
    SafetensorsWriter.write(safetensors, Map.of(), tensors);
    check(golden, safetensors);
    Path pickled = temporary.resolve("case.pt");
    PickleFile.write(pickled, tensors, Map.of());
    check(golden, pickled);
  }

  private static void check(JsonNode golden, Path file) {
    String nonlinearity = golden.get("options").path("nl").asString("tanh");
    Network network =
        new TorchFormat()
            .read(file, new ImportOptions(Map.of("nonlinearity", nonlinearity), KERNELS))
            .model()
            .network();
    int steps = golden.get("T").asInt();
    int batch = golden.get("B").asInt();
    UnrolledNetwork unrolled = UnrolledNetwork.of(network, Team.of(1), steps, batch);
    fill(unrolled.input(), golden.get("input").get("data"), 0);
    State state = network.zeroState(batch);
    for (int l = 0; l < state.layers().size(); l++) {
      List<Matrix> own = state.layers().get(l);
      for (int s = 0; s < own.size(); s++) {
        Matrix into = own.get(s);
        fill(into, golden.get(s == 0 ? "h0" : "c0").get("data"), l * into.rows() * into.cols());
      }
    }
    unrolled.start(state);
    unrolled.allPresent();
    unrolled.forward();
    Matrix logits = unrolled.logits();
    JsonNode expected = golden.get("logits").get("data");
    assertEquals(expected.size(), logits.rows() * logits.cols());
    double largest = 0;
    for (int i = 0; i < expected.size(); i++) {
      double got = logits.get(i / logits.cols(), i % logits.cols());
      largest = Math.max(largest, Math.abs(got - expected.get(i).asDouble()));
    }
    assertTrue(largest < TOLERANCE, file + ": " + largest);
  }

  private static void fill(Matrix into, JsonNode data, int from) {
    for (int r = 0; r < into.rows(); r++) {
      for (int c = 0; c < into.cols(); c++) {
        into.set(r, c, data.get(from + r * into.cols() + c).asDouble());
      }
    }
  }
}
