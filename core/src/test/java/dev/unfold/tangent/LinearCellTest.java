package dev.unfold.tangent;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.cell.Step;
import dev.unfold.cell.library.Cells;
import dev.unfold.infer.Runner;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.Coupling;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.State;
import dev.unfold.proof.Bits;
import dev.unfold.sequence.Inputs;
import dev.unfold.tangent.NewtonInTime.LinearPart;
import dev.unfold.tangent.NewtonInTime.Slopes;
import java.util.List;
import java.util.Random;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Cells that are linear in their states: which they are, and all their steps at once.
final class LinearCellTest {
  private static final int STEPS = 77;
  private static final int BATCH = 2;
  private static final int INPUT = 3;

  static Stream<String> linear() {
    return Cells.names().stream().filter(name -> Coupling.of(Cells.named(name), 3, 4).isLinear());
  }

  private static Cell cell(BiFunction<Step, Expr, Expr> next) {
    return Cell.define("own", step -> step.next("h", next.apply(step, step.state("h"))));
  }

  private static boolean isLinear(BiFunction<Step, Expr, Expr> next) {
    return Coupling.of(cell(next), INPUT, 4).isLinear();
  }

  @Test
  void isLinear_ofEquations_isFoundFromTheDegreeInTheStates() {
    assertTrue(isLinear((step, h) -> step.affine("a", step.input(), h)));
    assertTrue(isLinear((step, h) -> h.dividedBy(Expr.exp(step.affine("a", step.input())))));
    assertTrue(isLinear((step, h) -> Expr.oneMinus(h.negate()).minus(h)));
    assertTrue(
        isLinear((step, h) ->
            step.affine("a", step.named("m", h.times(step.affine("b", step.input()))))));
    assertEquals(false, isLinear((step, h) -> h.times(h)));
    assertEquals(false, isLinear((step, h) -> Expr.tanh(h)));
    assertEquals(false, isLinear((step, h) -> step.affine("b", step.input()).dividedBy(h)));
    assertEquals(false, isLinear((step, h) -> h.times(step.affine("a", step.input(), h)).times(h)));
  }

  /// The whole recurrence in one scan, against the same step after step as inference runs it.
  @ParameterizedTest
  @MethodSource("linear")
  void scan_ofALinearCell_givesAllStatesInOneRound(String name) {
    NetworkSpec spec =
        new NetworkSpec(Cells.named(name), new Encoder.Vectors(INPUT), 6, 1, Study.CLASSES);
    Network network = Network.create(spec, Study.KERNELS, 4);
    Random random = new Random(9);
    Matrix x = Matrix.allocate(Study.KERNELS.type(), STEPS * BATCH, INPUT);
    draw(x, random);
    State start = State.zeros(spec, Study.KERNELS.precision(), BATCH);
    start.layers().getFirst().forEach(state -> draw(state, random));
    NewtonInTime newton =
        NewtonInTime.of(
            network,
            new Inputs.Vectors(x),
            STEPS,
            start,
            Slopes.WHOLE,
            LinearPart.SCAN,
            Team.of(2));
    newton.round();
    Runner runner = new Runner(network);
    State state = start;
    for (int t = 0; t < STEPS; t++) {
      state = runner.run(new Inputs.Vectors(x.rows(t * BATCH, BATCH)), state).state();
      List<Matrix> expected = state.layers().getFirst();
      for (int s = 0; s < expected.size(); s++) {
        assertArrayEquals(
            Bits.toArray(expected.get(s)),
            Bits.toArray(newton.states(s).rows(t * BATCH, BATCH)),
            1e-10);
      }
    }
  }

  private static void draw(Matrix matrix, Random random) {
    for (int r = 0; r < matrix.rows(); r++) {
      for (int c = 0; c < matrix.cols(); c++) {
        matrix.set(r, c, random.nextDouble(-1, 1));
      }
    }
  }
}
