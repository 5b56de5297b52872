package dev.unfold.formats.exchange;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Cell;
import dev.unfold.cell.library.Cells;
import dev.unfold.head.Head;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.Wiring;
import dev.unfold.sequence.Inputs;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A network that was read in another program's way is found again from what that program computed.
final class ConventionSearchTest {
  private static final Kernels KERNELS = Backends.named("scalar", Precision.FLOAT);
  private static final int STEPS = 12;

  private static Network network(String cell, Set<Wiring> wiring) {
    Cell named = Cells.named(cell);
    NetworkSpec spec =
        new NetworkSpec(named, new Encoder.Vectors(3), 3, 1, new Head.Classes(2), wiring);
    Network network = Network.create(spec, KERNELS, 3);
    Random random = new Random(1);
    for (Parameters.Tensor tensor : network.parameters().tensors()) {
      Matrix matrix = network.parameters().matrix(tensor.name());
      for (int i = 0; i < tensor.length(); i++) {
        matrix.set(i / matrix.cols(), i % matrix.cols(), random.nextGaussian());
      }
    }
    network.parameters().changed();
    return network;
  }

  private static ConventionSearch.Findings search(Network read, Network meant, GateOrders orders) {
    Inputs inputs = Parity.input(read.spec().encoder(), KERNELS, STEPS, 2);
    return new ConventionSearch(
            orders, Set.of(), other -> Parity.of(meant, other, inputs, STEPS).getLast().relative())
        .of(read, STEPS);
  }

  @ParameterizedTest
  @CsvSource({
    "lstm, gates, ifco, ONNX",
    "lstm, gates, oifc, KERAS",
    "lstm, gates, ogif, TORCH",
    "gru, gates, zrn, TORCH",
    "gru_reset_before, gates, rzh, KERAS",
    "gru, reset, before, TORCH",
    "gru_reset_before, reset, after, ONNX",
    "gru, biases, swapped, TORCH",
    "gru, biases, inside, KERAS",
    "gru, biases, outside, TORCH",
    "lstm, gate_function, hard_sigmoid, KERAS",
    "gru, gate_function, hard_sigmoid_fifth, TORCH",
    "lstm_hard_sigmoid, gate_function, sigmoid, KERAS",
    "lstm, transposed, recurrent, TORCH",
    "gru_reset_before, transposed, recurrent, TORCH",
    "elman, transposed, both, TORCH",
  })
  void search_ofANetworkReadOtherwise_namesTheSetting(
      String cell, String setting, String value, String orders) {
    Network read = network(cell, Set.of());
    GateOrders own =
        Map.of("TORCH", GateOrders.TORCH, "KERAS", GateOrders.KERAS, "ONNX", GateOrders.ONNX)
            .get(orders);
    Network meant = convention(setting).changed(read, own, value);
    ConventionSearch.Guess guess = search(read, meant, own).agreeing().getFirst();
    assertEquals(List.of(setting + "=" + value), guess.settings());
    assertTrue(guess.relative() < 1e-6, guess::toString);
  }

  @Test
  void search_ofDirectionsSwapped_namesThem() {
    Network read = network("gru", Set.of(Wiring.BIDIRECTIONAL));
    Network meant = Convention.DIRECTIONS.changed(read, GateOrders.TORCH, "swapped");
    assertEquals(
        List.of("directions=swapped"),
        search(read, meant, GateOrders.TORCH).agreeing().getFirst().settings());
  }

  @Test
  void search_ofTwoAtOnce_namesBoth() {
    Network read = network("gru", Set.of());
    Network other = Convention.GATES.changed(read, GateOrders.TORCH, "nzr");
    Network meant = Convention.RESET.changed(other, GateOrders.TORCH, "before");
    assertEquals(
        List.of("gates=nzr", "reset=before"),
        search(read, meant, GateOrders.TORCH).agreeing().getFirst().settings());
  }

  @Test
  void search_ofAnotherNetwork_saysWhatWasTried() {
    ConventionSearch.Findings findings =
        search(network("lstm", Set.of()), network("gru", Set.of()), GateOrders.TORCH);
    assertEquals(List.of(), findings.agreeing());
    assertEquals(
        "gates (23), gate_function (2), transposed (3), alone and two at a time", findings.tried());
  }

  @Test
  void search_ofWhatAgreesWithTinyWeights_namesAllThatCannotBeToldApart() {
    Network read = network("lstm", Set.of());
    for (Parameters.Tensor tensor : read.parameters().tensors()) {
      Matrix matrix = read.parameters().matrix(tensor.name());
      for (int i = 0; i < tensor.length(); i++) {
        double tiny = 1e-6 * matrix.get(i / matrix.cols(), i % matrix.cols());
        matrix.set(i / matrix.cols(), i % matrix.cols(), tiny);
      }
    }
    read.parameters().changed();
    Network meant = Convention.GATES.changed(read, GateOrders.TORCH, "ogif");
    List<List<String>> agreeing =
        search(read, meant, GateOrders.TORCH).agreeing().stream()
            .map(ConventionSearch.Guess::settings)
            .toList();
    assertTrue(agreeing.contains(List.of("gates=ogif")) && agreeing.size() > 1, agreeing::toString);
  }

  @Test
  void alike_ofOneStepFromZero_cannotTellRecurrentMatricesTurned() {
    Network network = network("lstm", Set.of());
    Inputs step = Parity.input(network.spec().encoder(), KERNELS, 1, 2);
    List<ConventionSearch.Guess> alike =
        new ConventionSearch(
                GateOrders.TORCH,
                Set.of(),
                other -> Parity.of(network, other, step, 1).getLast().relative())
            .alike(network, 1);
    assertEquals(
        List.of(List.of("transposed=recurrent")),
        alike.stream().map(ConventionSearch.Guess::settings).toList());
  }

  @Test
  void gates_inAnOrder_areTheFilesBlocksInThatOrder() {
    Network read = network("lstm", Set.of());
    Network meant = Convention.GATES.changed(read, GateOrders.TORCH, "fgio");
    // The first block of the file was taken for i, and is f, and so on.
    for (String blocks : List.of("0 1", "1 2", "2 0", "3 3")) {
      int from = 3 * (blocks.charAt(0) - '0');
      int to = 3 * (blocks.charAt(2) - '0');
      for (int i = 0; i < 9; i++) {
        assertEquals(
            read.parameters().matrix("weight_hh_l0").get(from + i / 3, i % 3),
            meant.parameters().matrix("weight_hh_l0").get(to + i / 3, i % 3));
      }
      for (int i = 0; i < 3; i++) {
        assertEquals(
            read.parameters().matrix("bias_ih_l0").get(0, from + i),
            meant.parameters().matrix("bias_ih_l0").get(0, to + i));
      }
    }
  }

  @Test
  void value_thatIsNone_isRefusedByName() {
    Network network = network("lstm", Set.of());
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class,
            () -> Convention.GATES.changed(network, GateOrders.TORCH, "iifo"));
    assertTrue(refusal.getMessage().contains("each of"), refusal::getMessage);
  }

  private static Convention convention(String setting) {
    return List.of(Convention.values()).stream()
        .filter(each -> each.setting().equals(setting))
        .findFirst()
        .orElseThrow();
  }
}
