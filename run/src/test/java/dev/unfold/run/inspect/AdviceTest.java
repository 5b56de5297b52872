package dev.unfold.run.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.unfold.cell.library.Cells;
import dev.unfold.flow.Saturation;
import dev.unfold.flow.Saturation.Function;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Precision;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is advised, and what is not, for numbers that are given.
final class AdviceTest {
  private static final int STEPS = 100;

  private static Saturation values(Function function, double low, double high, int stuck) {
    return new Saturation(
        "l0",
        "v",
        function,
        0,
        1,
        Collections.nCopies(Saturation.BINS, 0.05),
        low,
        high,
        50,
        stuck);
  }

  /// How far off a gradient is that was cut.
  private static Inspection.Cuts reach(int within) {
    return new Inspection.Cuts(8, 4, List.of(), List.of(), new Inspection.Within(3, 9, 40, within));
  }

  private static List<String> lines(double gain, Inspection.Need need, Saturation... saturation) {
    return advice(gain, need, 0.1, reach(9), List.of(), null, saturation);
  }

  private static List<String> advice(
      double gain,
      Inspection.Need need,
      double tolerance,
      Inspection.Cuts reach,
      List<Inspection.Cut> truncation,
      Integer sufficient,
      Saturation... saturation) {
    Inspection.Shares shares = new Inspection.Shares(new double[0], 1, 2, 5);
    Network network =
        Network.create(
            NetworkSpec.tokens(Cells.named("elman"), 4, 2, 3),
            Backends.named("scalar", Precision.FLOAT),
            1);
    Double[] gains = new Double[STEPS - 1];
    Arrays.fill(gains, gain);
    Inspection.LayerFlow layer =
        new Inspection.LayerFlow(
            "l0",
            new double[0][],
            new double[0][],
            List.of(gains),
            List.of(),
            6,
            reach,
            shares,
            null);
    Inspection inspection =
        new Inspection(
            "m",
            "elman",
            3,
            "d",
            STEPS,
            1,
            List.of(),
            List.of(layer),
            reach,
            shares,
            truncation,
            List.of(),
            List.of(),
            List.of(),
            tolerance,
            sufficient,
            2.5,
            List.of(saturation),
            need,
            List.of(),
            null);
    return new Advice(network, inspection).lines();
  }

  @Test
  void network_thatIsWell_getsNoAdvice() {
    List<String> lines =
        lines(
            1,
            new Inspection.Need(9, 0.1, 1),
            values(Function.RELU, 0.4, 0, 0),
            values(Function.SIGMOID, 0.4, 0.4, 4),
            values(Function.TANH, 0.5, 0.5, 4));
    assertEquals(
        List.of(
            "reach: cut at lag 9, of 100 steps, the gradient is within 10 % of the exact one, at"
                + " lag 40 within 1 %"),
        lines);
  }

  @Test
  void errors_thatExplode_areToBeClippedAtTheirNorm() {
    assertEquals(
        "l0: errors explode: a step back multiplies the error by 1.300 on average -> clip: the norm"
            + " of the gradient is 2.50 here, try --clip 2.5",
        lines(1.3, null).getFirst());
  }

  @Test
  void errors_thatVanish_needAGate() {
    assertEquals(
        "l0: errors vanish: a step back leaves 0.700 of the error on average, half of it is gone"
            + " after 6 steps -> elman has no gate that keeps its state, try --cell lstm or --cell"
            + " gru",
        lines(0.7, null).getFirst());
  }

  @Test
  void units_thatAreStuck_areTold() {
    List<String> lines =
        lines(
            1,
            null,
            values(Function.RELU, 0.9, 0, 7),
            values(Function.SIGMOID, 0.5, 0.4, 5),
            values(Function.TANH, 0.5, 0.45, 50));
    String constants =
        "l0 v: units that are saturated at the same end at all steps: %d of 50; they are constants,"
            + " and hardly learn -> try a smaller --lr";
    assertEquals(
        List.of(
            "l0 v: relus that are 0 at all steps: 7 of 50; no error reaches them, they are dead ->"
                + " try a smaller --lr",
            constants.formatted(5),
            constants.formatted(50)),
        lines.subList(0, 3));
  }

  @Test
  void data_thatTellMoreThanTheGradientReaches_areTold() {
    assertEquals(
        "need: what was read 40 steps before still tells 0.0200 nats about what comes next (the"
            + " last: 1.000), but what comes from lags above 9 is at most 10 % of the gradient ->"
            + " elman has no gate that keeps its state, try --cell lstm or --cell gru",
        lines(1, new Inspection.Need(40, 0.02, 1)).getLast());
  }

  /// Both lines are about the same error, and the tolerance is the user's.
  @Test
  void truncation_withinAnyTolerance_isThatOfTheReach() {
    List<Inspection.Cut> cuts = List.of(new Inspection.Cut(1, 0.5, 0.1, 0.9, 0.1));
    assertEquals(
        List.of(
            "reach: cut at lag 60, of 100 steps, the gradient is within 0.5 % of the exact one",
            "truncation: windows of 64 steps give gradients within 0.5 % of the exact ones ->"
                + " --steps 64 is enough"),
        advice(1, new Inspection.Need(60, 0.1, 1), 0.005, reach(60), cuts, 64));
    assertEquals(
        List.of(
            "reach: cut at any lag below 90 of 100 steps the gradient is more than 10 % off: longer"
                + " sequences may hold more",
            "truncation: no windows shorter than 100 steps give gradients within 10 % of the exact"
                + " ones: an error goes back to the start of its window only"),
        advice(1, null, 0.1, reach(90), cuts, 100));
    assertEquals(List.of(), advice(1, new Inspection.Need(60, 0.1, 1), 0.1, null, List.of(), null));
  }
}
