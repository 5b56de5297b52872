package dev.unfold.flow;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.flow.TruncationMeter.Point;
import dev.unfold.gradient.Bptt;
import dev.unfold.gradient.Engine;
import dev.unfold.head.Reduction;
import dev.unfold.head.Targets;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.Wiring;
import dev.unfold.proof.TestBackends;
import dev.unfold.sequence.Batch;
import dev.unfold.sequence.Inputs;
import dev.unfold.sequence.Truncation;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class TruncationMeterTest {
  private static final long SEED = Long.getLong("unfold.seed", 20261128L);
  private static final int STEPS = 20;

  TruncationMeterTest() {
    System.out.println("TruncationMeterTest: seed " + SEED + "; repeat with -Dunfold.seed=" + SEED);
  }

  private static Network network() {
    NetworkSpec spec = new NetworkSpec(Cells.gru(), new Encoder.Embedding(4, 3), 6, 2, 4);
    return Network.create(spec, TestBackends.scalar(Precision.DOUBLE), SEED);
  }

  private static List<Batch> batches(int count) {
    Random random = new Random(SEED);
    List<Batch> all = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      int[] tokens = random.ints((STEPS + 1) * 2, 0, 4).toArray();
      all.add(Batch.of(STEPS, 2, new Inputs.Tokens(tokens, 0), new Targets.Classes(tokens, 2)));
    }
    return all;
  }

  @Test
  void points_ofAllWindows_areTheBiasOfTheirGradients() {
    Network network = network();
    List<Batch> batches = batches(1);
    TruncationMeter meter = TruncationMeter.of(network, Team.of(2), batches);
    assertEquals(List.of(1, 2, 4, 8, 16, 20), meter.points().stream().map(Point::window).toList());
    double[] exact = gradient(network, batches.getFirst(), new Engine.Full());
    for (Point point : meter.points()) {
      Truncation cut = new Truncation(point.window(), point.window());
      double[] own = gradient(network, batches.getFirst(), new Engine.Truncated(cut));
      double difference = 0;
      double product = 0;
      for (int i = 0; i < own.length; i++) {
        difference += (own[i] - exact[i]) * (own[i] - exact[i]);
        product += own[i] * exact[i];
      }
      double norm = Math.sqrt(square(exact));
      assertEquals(Math.sqrt(difference) / norm, point.error().mean(), 1e-12);
      assertEquals(product / norm / Math.sqrt(square(own)), point.cosine().mean(), 1e-12);
      assertTrue(Double.isNaN(point.error().halfWidth()));
    }
    assertEquals(Math.sqrt(square(exact)), meter.norm().mean(), 1e-12);
    assertEquals(0, meter.points().getLast().error().mean());
    assertEquals(OptionalInt.of(20), meter.least(1e-12));
  }

  private static double[] gradient(Network network, Batch batch, Engine engine) {
    Parameters to = network.parameters().zeros();
    Bptt.of(network, Team.of(1), STEPS, 2, engine).gradient(batch, Reduction.MEAN, to);
    return to.buffer().toArray();
  }

  private static double square(double[] of) {
    double sum = 0;
    for (double value : of) {
      sum += value * value;
    }
    return sum;
  }

  /// For three values Student's t is 4.303.
  @Test
  void estimate_ofThreeBatches_hasTheInterval() {
    Estimate estimate = Estimate.of(1, 2, 6);
    assertEquals(3, estimate.mean());
    assertEquals(4.303 * Math.sqrt((4 + 1 + 9) / 2.0 / 3), estimate.halfWidth(), 1e-12);
  }

  @Test
  void least_ofErrorsThatRiseAgain_isAboveAllThatAreTooLarge() {
    Estimate one = new Estimate(1, 0, 8);
    TruncationMeter meter =
        new TruncationMeter(
            List.of(
                new Point(1, one, new Estimate(0.05, 0.01, 8)),
                new Point(2, one, new Estimate(0.09, 0.02, 8)),
                new Point(4, one, new Estimate(0.08, 0.01, 8)),
                new Point(8, one, new Estimate(0, 0, 8))),
            one);
    assertEquals(OptionalInt.of(4), meter.least(0.1));
    assertEquals(OptionalInt.of(8), meter.least(0.01));
    assertEquals(OptionalInt.empty(), meter.least(-1));
  }

  @Test
  void of_bothDirections_hasTheNormAlone() {
    assertThrows(
        IllegalArgumentException.class, () -> TruncationMeter.of(network(), Team.of(1), List.of()));
    Network both =
        Network.create(network().spec().with(Wiring.BIDIRECTIONAL), network().kernels(), 1);
    TruncationMeter meter = TruncationMeter.of(both, Team.of(1), batches(1));
    assertEquals(List.of(), meter.points());
    assertTrue(meter.norm().mean() > 0, meter::toString);
  }
}
