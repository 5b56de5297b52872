package dev.unfold.proof;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.cell.ParameterShape;
import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.layer.UnrolledLayer;
import dev.unfold.plan.Node;
import dev.unfold.plan.Plan;
import dev.unfold.plan.TangentStep;
import dev.unfold.plan.walk.GraphWalk;
import dev.unfold.proof.LayerProblem.Shape;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The tangent of every value of a step and of its adjoint is its derivative along the direction of the leaves.
///
///     |tangent - (a(p + h v) - a(p - h v)) / 2h| <= 1e-6 max(1, |tangent|)
///
/// *Tolerance*: with h = 1e-5 a difference in double is good to some 1e-10, times third derivatives.
final class TangentTest {
  private static final double H = 1e-5;
  private static final double TOLERANCE = 1e-6;
  private static final int ROWS = 2;
  private static final Shape SHAPE = new Shape(1, ROWS, 2, 4);
  private static final Kernels KERNELS = TestBackends.scalar(Precision.DOUBLE);

  private final Random random = new Random(3);

  static Stream<Cell> cells() {
    return Stream.of(
            Cells.names().stream().map(Cells::named),
            OddCells.all().stream(),
            Stream.of(ofExponentials()),
            LongStream.range(0, 40).mapToObj(RandomCell::draw),
            HeadedCells.all(40))
        .flatMap(all -> all);
  }

  /// Of the others none has an exp.
  private static Cell ofExponentials() {
    return Cell.define(
        "of_exponentials",
        step -> {
          Expr h = step.state("h");
          step.next("h", Expr.tanh(Expr.exp(step.affine("a", step.input(), h)).times(h)));
        });
  }

  @ParameterizedTest
  @MethodSource("cells")
  void tangent_ofEveryValueOfStepAndAdjoint_isItsDifference(Cell cell) {
    LayerProblem problem = new LayerProblem(cell, KERNELS, SHAPE, 5);
    Plan plan = Plan.of(cell, SHAPE.input(), SHAPE.hidden());
    TangentStep tangent = TangentStep.of(plan.step(), plan.adjoint());
    List<Matrix> values = new ArrayList<>(problem.parameters());
    List<Matrix> directions = new ArrayList<>();
    for (ParameterShape shape : plan.step().parameters()) {
      directions.add(draw(shape.rows(), shape.cols(), 1));
    }
    Map<Node, Matrix> leaves = leaves(problem, plan);
    Map<Node, Matrix> ofLeaves = new LinkedHashMap<>();
    leaves.forEach((leaf, value) -> ofLeaves.put(leaf, draw(ROWS, value.cols(), 1)));

    List<Matrix> both = new ArrayList<>(values);
    both.addAll(directions);
    GraphWalk walk =
        new GraphWalk(KERNELS, tangent.graph(), tangent.groups(), tangent.deltas(), both, ROWS);
    leaves.forEach(walk::put);
    ofLeaves.forEach((leaf, direction) -> walk.put(new Node.Tangent(leaf), direction));
    walk.run();
    GraphWalk above = moved(plan, values, directions, leaves, ofLeaves, H);
    GraphWalk below = moved(plan, values, directions, leaves, ofLeaves, -H);

    int nodes = plan.adjoint().graph().size();
    assertEquals(nodes, tangent.tangents().size());
    int compared = 0;
    for (int node = 0; node < nodes; node++) {
      if (walk.value(node) == null) {
        assertNull(above.value(node));
        continue;
      }
      double[] high = Bits.toArray(above.value(node));
      double[] low = Bits.toArray(below.value(node));
      int own = tangent.of(node);
      double[] got = own == Node.NONE ? new double[high.length] : Bits.toArray(walk.value(own));
      for (int i = 0; i < high.length; i++) {
        double difference = (high[i] - low[i]) / (2 * H);
        double bound = TOLERANCE * Math.max(1, Math.abs(difference));
        assertEquals(
            difference, got[i], bound, cell.name() + ": " + plan.adjoint().graph().get(node));
      }
      compared++;
    }
    assertTrue(compared > 5, () -> cell.name());
  }

  @Test
  void cells_together_haveEveryOperation() {
    Set<Op> missing = EnumSet.allOf(Op.class);
    cells()
        .flatMap(
            cell -> Plan.of(cell, SHAPE.input(), SHAPE.hidden()).adjoint().graph().nodes().stream())
        .forEach(node -> {
          if (node instanceof Node.Apply apply) {
            missing.remove(apply.op());
          }
        });
    assertEquals(Set.of(), missing);
  }

  private static Map<Node, Matrix> leaves(LayerProblem problem, Plan plan) {
    UnrolledLayer unrolled = problem.unroll(Team.of(1));
    Map<Node, Matrix> leaves = new LinkedHashMap<>();
    leaves.put(new Node.Input(SHAPE.input()), problem.input().rows(ROWS));
    Matrix arriving = unrolled.outputGradient().rows(ROWS);
    leaves.put(new Node.OutputGradient(arriving.cols()), arriving);
    for (int s = 0; s < plan.step().states().size(); s++) {
      int width = plan.step().states().get(s).width();
      leaves.put(new Node.State(s, width), unrolled.initialState(s));
      leaves.put(new Node.Carry(s, width), unrolled.finalStateGradient(s));
    }
    return leaves;
  }

  private static GraphWalk moved(
      Plan plan,
      List<Matrix> values,
      List<Matrix> directions,
      Map<Node, Matrix> leaves,
      Map<Node, Matrix> ofLeaves,
      double by) {
    List<Matrix> parameters = new ArrayList<>();
    for (int p = 0; p < values.size(); p++) {
      parameters.add(moved(values.get(p), directions.get(p), by));
    }
    GraphWalk walk =
        new GraphWalk(
            KERNELS,
            plan.adjoint().graph(),
            plan.step().groups(),
            plan.adjoint().deltas(),
            parameters,
            ROWS);
    leaves.forEach((leaf, value) -> walk.put(leaf, moved(value, ofLeaves.get(leaf), by)));
    walk.run();
    return walk;
  }

  private static Matrix moved(Matrix value, Matrix direction, double by) {
    Matrix moved = Matrix.allocate(KERNELS.type(), value.rows(), value.cols());
    for (int r = 0; r < moved.rows(); r++) {
      for (int c = 0; c < moved.cols(); c++) {
        moved.set(r, c, Numbers.get(value, r, c) + by * direction.get(r, c));
      }
    }
    return moved;
  }

  private Matrix draw(int rows, int cols, double radius) {
    Matrix matrix = Matrix.allocate(KERNELS.type(), rows, cols);
    for (int r = 0; r < rows; r++) {
      for (int c = 0; c < cols; c++) {
        matrix.set(r, c, random.nextDouble(-radius, radius));
      }
    }
    return matrix;
  }
}
