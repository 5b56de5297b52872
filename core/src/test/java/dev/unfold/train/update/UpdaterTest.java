package dev.unfold.train.update;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import dev.unfold.train.TinyText;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// What changes the parameters, and what it keeps of them.
final class UpdaterTest {
  private static final UpdateRule RULE = UpdateRule.defaults().with(new Averaging.Always(1));

  private static Network network() {
    return TinyText.network("gru", Precision.DOUBLE);
  }

  private static double[] numbers(Parameters parameters) {
    return parameters.buffer().toArray();
  }

  /// Gradients that are the same for each update `update`.
  private static Updater.Made update(Updater updater, long update, long averaged) {
    SplittableRandom random = new SplittableRandom(update);
    Parameters gradients = updater.gradients();
    for (Parameters.Tensor tensor : gradients.tensors()) {
      for (long i = 0; i < tensor.length(); i++) {
        Numbers.set(gradients.buffer(), tensor.offset() + i, random.nextDouble(-1, 1));
      }
    }
    return updater.update(new Schedule.Point(update, 0, 0, 0), 1, 2, averaged);
  }

  @Test
  void update_ofARule_tellsNormRateAndAverage() {
    UpdateRule rule = RULE.with(new Schedule.Cosine(0, 3)).withRate(0.1);
    Updater updater = new Updater(rule, network(), Team.of(1));
    Updater.Made first = update(updater, 0, 0);
    double squares = 0;
    for (double g : numbers(updater.gradients())) {
      squares += g * g;
    }
    assertEquals(Math.sqrt(squares) / 2, first.norm(), 1e-12);
    assertEquals(0.1 / 4, first.rate(), 1e-15);
    assertEquals(0, first.averaged());
    assertTrue(updater.average().isEmpty());
    Updater.Made second = update(updater, 1, first.averaged());
    assertEquals(0.1 / 2, second.rate(), 1e-15);
    assertEquals(1, second.averaged());
    assertTrue(updater.average().isPresent());
  }

  @Test
  void kept_givenToAnother_letsItGoOnWithTheSameBits() {
    Network network = network();
    Updater whole = new Updater(RULE, network, Team.of(1));
    long averaged = 0;
    for (int update = 0; update < 3; update++) {
      averaged = update(whole, update, averaged).averaged();
    }
    Network other = network();
    other.parameters().set(network.parameters());
    Map<String, Parameters> kept = whole.kept();
    assertEquals(List.of("slot0", "slot1", "average"), List.copyOf(kept.keySet()));
    Updater after = new Updater(RULE, other, Team.of(1));
    after.restore(3, kept);
    update(whole, 3, averaged);
    update(after, 3, averaged);
    assertArrayEquals(numbers(network.parameters()), numbers(other.parameters()));
    whole
        .kept()
        .forEach((name, values) ->
            assertArrayEquals(numbers(values), numbers(after.kept().get(name)), name));
  }

  @Test
  void restore_ofAnotherRule_isRefusedAndChangesNothing() {
    Updater updater = new Updater(RULE, network(), Team.of(1));
    update(updater, 0, 0);
    double[] before = numbers(updater.kept().get("slot0"));
    Network other = network();
    Updater momentum =
        new Updater(RULE.with(OptimizerSpec.parse("sgd,momentum=0.9")), other, Team.of(1));
    assertEquals(
        "state: expected [slot0, slot1] of the optimizer for each parameter, got [slot0]",
        assertThrows(IllegalArgumentException.class, () -> updater.restore(1, momentum.kept()))
            .getMessage());
    Map<String, Parameters> wrong = updater.kept();
    wrong.put("slot1", TinyText.network("lstm", Precision.DOUBLE).parameters());
    String message =
        assertThrows(IllegalArgumentException.class, () -> updater.restore(1, wrong)).getMessage();
    assertTrue(message.startsWith("state: slot1: expected "), message);
    assertArrayEquals(before, numbers(updater.kept().get("slot0")));
  }

  @Test
  void restore_ofAnAverageThatNobodyWants_isRefused() {
    Updater averaging = new Updater(RULE, network(), Team.of(1));
    update(averaging, 1, update(averaging, 0, 0).averaged());
    Updater plain = new Updater(RULE.with(new Averaging.None()), network(), Team.of(1));
    assertEquals(
        "state: expected one without an average, got one with an average",
        assertThrows(IllegalArgumentException.class, () -> plain.restore(2, averaging.kept()))
            .getMessage());
  }

  /// A limit that large saves no square.
  @Test
  void update_ofNumbersWithinAHugeLimit_isRefusedIfTheirSquaresAreInfinite() {
    UpdateRule rule = UpdateRule.defaults().with(new Clip.Value(1e30));
    NetworkSpec spec = NetworkSpec.tokens(Cells.gru(), 5, 3, 4);
    Network floats = Network.create(spec, TestBackends.scalar(Precision.FLOAT), 1);
    Updater updater = new Updater(rule, floats, Team.of(1));
    Numbers.set(updater.gradients().buffer(), 0, 1e25);
    assertThrows(
        ArithmeticException.class, () -> updater.update(new Schedule.Point(0, 0, 0, 0), 1, 1, 0));
  }

  @Test
  void update_ofNumbersThatAreNotFinite_changesNothing() {
    Network network = network();
    Updater updater = new Updater(RULE, network, Team.of(1));
    double[] before = numbers(network.parameters());
    Schedule.Point at = new Schedule.Point(0, 0, 0, 0);
    Numbers.set(updater.gradients().matrix("head.bias"), 0, 1, Double.NaN);
    assertEquals(
        "expected a finite loss and gradient, got loss 1.0 and gradient norm NaN (first in"
            + " head.bias); try a smaller learning rate or clip",
        assertThrows(ArithmeticException.class, () -> updater.update(at, 1, 2, 0)).getMessage());
    updater.gradients().buffer().clear();
    assertEquals(
        "expected a finite loss and gradient, got loss Infinity and gradient norm 0.0; try a"
            + " smaller learning rate or clip",
        assertThrows(
                ArithmeticException.class, () -> updater.update(at, Double.POSITIVE_INFINITY, 2, 0))
            .getMessage());
    assertArrayEquals(before, numbers(network.parameters()));
    updater.kept().forEach((name, values) -> assertEquals(0, sum(values), name));
  }

  private static double sum(Parameters values) {
    double sum = 0;
    for (double number : numbers(values)) {
      sum += Math.abs(number);
    }
    return sum;
  }
}
