package dev.unfold.train;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.gradient.Footprint;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.proof.TestBackends;
import dev.unfold.proof.Told;
import dev.unfold.sequence.Truncation;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// In which order a pass back says that gradients are final. That they are is checked by [ThreadWorkers] too.
final class GradientListenerTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261130L);

  /// The names of the tensors from which on all is final, one time after another.
  private static List<String> told(String name, Engine engine) {
    BlockCase of = BlockCase.all(SEED).get(name);
    Network network = Network.create(of.spec(), TestBackends.scalar(Precision.DOUBLE), SEED);
    Bptt bptt = Bptt.of(network, Team.of(1), BlockCase.T, BlockCase.B, engine);
    Parameters gradients = network.parameters().zeros();
    Told told = new Told(gradients);
    double[] weights = new double[BlockCase.B];
    Arrays.fill(weights, 1);
    bptt.gradient(of.batches().getFirst(), weights, gradients, told);
    told.expectUnchanged();
    return told.names();
  }

  /// A matrix that the embedding shares is final at the end, and so is where sequences start, which comes last.
  @ParameterizedTest
  @CsvSource({
    "classes, head.weight weight_ih_l1 weight_ih_l0",
    "bidirectional, head.weight weight_ih_l1 weight_ih_l0",
    "several, heads.slots.weight weight_ih_l1 weight_ih_l0",
    "tied, head.bias weight_ih_l1 weight_ih_l0",
    "factored, head.weight weight_ih_l1 weight_ih_l0",
    "columns, null null null"
  })
  void gradients_ofLayers_areFinalFromTheReadoutDown(String name, String expected) {
    assertEquals(
        expected,
        String.join(" ", told(name, new Engine.Full()).stream().map(String::valueOf).toList()));
  }

  @Test
  void gradients_ofWindows_areFinalInTheLastOne() {
    Engine engine = new Engine.Truncated(new Truncation(2, 4));
    assertEquals(List.of("head.weight", "weight_ih_l1", "weight_ih_l0"), told("classes", engine));
  }

  @Test
  void gradients_ofMatricesWithMasks_areFinalAtTheEnd() {
    assertEquals(List.of(), told("masks", new Engine.Full()));
  }

  @Test
  void gradients_ofSegments_areFinalAtTheEnd() {
    long least =
        Footprint.leastBudget(
            BlockCase.all(SEED).get("classes").spec(), Precision.DOUBLE, BlockCase.T, BlockCase.B);
    assertEquals(List.of(), told("classes", new Engine.Budgeted(least)));
  }
}
