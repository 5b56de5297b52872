package dev.unfold.formats.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.formats.safetensors.FormatException;
import dev.unfold.formats.safetensors.SafetensorsWriter;
import dev.unfold.formats.safetensors.Tensor;
import dev.unfold.head.Head;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.sequence.Inputs;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Networks are held against arrays that another program computed.
final class ReferenceParityTest {
  private static final Kernels DOUBLES = Backends.named("scalar", Precision.DOUBLE);
  private static final int STEPS = 4;
  private static final int BATCH = 3;

  @TempDir private Path folder;

  private static String shape(JsonNode tensor) {
    StringBuilder text = new StringBuilder();
    tensor.get("shape").forEach(size -> text.append(size.asInt()).append(", "));
    return text.toString();
  }

  /// The sequences of `[layers, B, H]`, layer by layer.
  private static void addStates(Npz npz, JsonNode states, String letter, String end, boolean both) {
    double[] all = GoldenCases.numbers(states);
    int count = states.get("shape").get(0).asInt();
    int each = all.length / count;
    for (int i = 0; i < count; i++) {
      String layer = both ? "l" + i / 2 + (i % 2 == 0 ? "" : "_reverse") : "l" + i;
      npz.add(
          "state.%s.%s%s".formatted(layer, letter, end),
          "%s, %s".formatted(states.get("shape").get(1), states.get("shape").get(2)),
          Arrays.copyOfRange(all, i * each, (i + 1) * each));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"gru", "lstm", "lstm_2layer_bidirectional", "elman_long"})
  void network_ofAGoldenCase_agreesAndIsFoundWhereItIsReadOtherwise(String name)
      throws IOException {
    JsonNode golden = GoldenCases.read(name);
    boolean isBoth = name.endsWith("bidirectional");
    List<Tensor> tensors = GoldenCases.parameters(golden, own -> own);
    Path model = folder.resolve("model.safetensors");
    SafetensorsWriter.write(model, Map.of(), tensors);
    Npz npz = new Npz();
    npz.add("input", shape(golden.get("input")), GoldenCases.numbers(golden.get("input")));
    npz.add("output", shape(golden.get("logits")), GoldenCases.numbers(golden.get("logits")));
    addStates(npz, golden.get("h0"), "h", "", isBoth);
    addStates(npz, golden.get("h_last"), "h", ".next", isBoth);
    if (golden.has("c0")) {
      addStates(npz, golden.get("c0"), "c", "", isBoth);
      addStates(npz, golden.get("c_last"), "c", ".next", isBoth);
    }
    Reference reference = Reference.read(npz.write(folder.resolve("computed.npz")));
    Map<String, String> settings =
        name.startsWith("elman") ? Map.of("nonlinearity", "tanh") : Map.of();
    Network network =
        ModelFormats.read(model, new ImportOptions(settings, DOUBLES)).model().network();
    ReferenceParity parity = new ReferenceParity(reference, network.spec(), Optional.empty());
    assertTrue(parity.of(network).relative() < 1e-10, () -> parity.of(network).toString());
    Convention other = name.startsWith("elman") ? Convention.TRANSPOSED : Convention.GATES;
    String value = name.startsWith("elman") ? "recurrent" : name.equals("gru") ? "zrn" : "ofig";
    Network wrong = other.changed(network, GateOrders.TORCH, value);
    assertFalse(parity.of(wrong).isClose());
    assertFalse(
        new ConventionSearch(GateOrders.TORCH, Set.of(), each -> parity.of(each).relative())
            .of(wrong, 10)
            .agreeing()
            .isEmpty());
  }

  private static Network network(Head head, Encoder encoder) {
    return Network.create(new NetworkSpec(Cells.gru(), encoder, 5, 1, head), DOUBLES, 4);
  }

  private static double[] turned(double[] rows, int width) {
    double[] turned = new double[rows.length];
    for (int t = 0; t < STEPS; t++) {
      for (int b = 0; b < BATCH; b++) {
        System.arraycopy(rows, (t * BATCH + b) * width, turned, (b * STEPS + t) * width, width);
      }
    }
    return turned;
  }

  @Test
  void sequences_ofEitherOrder_areToldApart() throws IOException {
    Network network = network(new Head.Classes(2), new Encoder.Vectors(3));
    Inputs inputs = Parity.input(network.spec().encoder(), DOUBLES, STEPS, BATCH);
    double[] read = Parity.numbers(((Inputs.Vectors) inputs).values());
    Matrix outputs = new Runner(network).runWhole(inputs, STEPS, STEPS, STEPS);
    double[] right = Parity.numbers(outputs);
    double[] shares = new double[right.length];
    for (int row = 0; row < outputs.rows(); row++) {
      System.arraycopy(network.spec().head().prediction(outputs, row), 0, shares, 2 * row, 2);
    }
    Npz first = new Npz().add("input", "4, 3, 3", read).add("output", "4, 3, 2", right);
    first.add("probabilities", "4, 3, 2", shares);
    assertAgrees(network, first, "[T=4, B=3, ..]");
    Npz second = new Npz().add("input", "3, 4, 3", turned(read, 3));
    second.add("output", "3, 4, 2", turned(shares, 2));
    assertAgrees(network, second, "[B=3, T=4, ..]");
    Npz named = new Npz().add("input", "4, 3, 3", read).add("logits", "4, 3, 2", right);
    assertRefused(network, named, "expected arrays named", "layer.0", "got logits");
  }

  @Test
  void tokens_ofASingleSequence_areRead() throws IOException {
    Network network = network(new Head.Classes(6), new Encoder.Embedding(6, 2));
    double[] right =
        Parity.numbers(new Runner(network).runWhole(new Inputs.Tokens(new int[] {5, 0, 3}, 0), 3));
    assertAgrees(
        network,
        new Npz().add("tokens", "3,", 5, 0, 3).add("output", "3, 6", right),
        "one sequence");
    assertRefused(
        network, new Npz().add("tokens", "3,", 6, 0, 3).add("output", "3, 6", right), "0 to 5");
    assertRefused(network, new Npz().add("tokens", "3,", 5, 0, 3), "what came out");
    assertRefused(network, new Npz().add("output", "3, 6", right), "what went in");
  }

  @Test
  void numbers_thatAreNoneOrTooLarge_areRefused() throws IOException {
    Network network = network(new Head.Classes(2), new Encoder.Vectors(1));
    Inputs input = Parity.input(network.spec().encoder(), DOUBLES, 1, 1);
    double[] right = Parity.numbers(new Runner(network).runWhole(input, 1));
    assertRefused(
        network,
        new Npz().add("input", "1, 1, 1", 0.5).add("output", "1, 1, 2", Double.NaN, right[1]),
        "output: expected finite numbers");
    assertRefused(
        network,
        new Npz()
            .add("input", "1, 1, 1", 0.5)
            .add("state.l0.h", "2, 1", 0, 0)
            .add("output", "1, 1, 2", right),
        "state.l0.h: expected [B=1, ");
  }

  private void assertAgrees(Network network, Npz npz, String how) throws IOException {
    ReferenceParity.Result result = result(network, npz);
    assertTrue(result.relative() < 1e-12, result::toString);
    assertTrue(result.how().getFirst().contains(how), result::toString);
  }

  private ReferenceParity.Result result(Network network, Npz npz) throws IOException {
    Reference reference = Reference.read(npz.write(folder.resolve("r.npz")));
    return new ReferenceParity(reference, network.spec(), Optional.empty()).of(network);
  }

  private void assertRefused(Network network, Npz npz, String... words) {
    FormatException refusal = assertThrows(FormatException.class, () -> result(network, npz));
    for (String word : words) {
      assertTrue(refusal.getMessage().contains(word), refusal::getMessage);
    }
    assertEquals(1, refusal.getMessage().lines().count());
  }
}
