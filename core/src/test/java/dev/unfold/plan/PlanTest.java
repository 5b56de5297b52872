package dev.unfold.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Activation;
import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.cell.ParameterShape;
import dev.unfold.cell.library.Cells;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// What is derived from the standard cells: parameters as PyTorch has them, and no more memory and no more work
/// in the time loop than need be.
final class PlanTest {
  private static final int I = 3;
  private static final int H = 4;

  private static Plan plan(Cell cell) {
    return Plan.of(cell, I, H);
  }

  private static List<String> parameters(Cell cell) {
    return plan(cell).step().parameters().stream()
        .map(parameter -> parameter.name() + parameter.shape())
        .toList();
  }

  private static List<String> gates(Plan plan, int group) {
    return plan.step().groups().get(group).slices().stream().map(Group.Slice::affine).toList();
  }

  @Test
  void parameters_ofElmanLstmAndGru_areThoseOfPyTorch() {
    Cell elman = Cells.elman(Activation.TANH);
    assertEquals(
        List.of("weight_ih[4, 3]", "weight_hh[4, 4]", "bias_ih[4]", "bias_hh[4]"),
        parameters(elman));
    assertEquals(
        List.of("weight_ih[16, 3]", "weight_hh[16, 4]", "bias_ih[16]", "bias_hh[16]"),
        parameters(Cells.lstm()));
    assertEquals(
        List.of("weight_ih[12, 3]", "weight_hh[12, 4]", "bias_ih[12]", "bias_hh[12]"),
        parameters(Cells.gru()));
  }

  @Test
  void parameters_withFewerBiases_areCalledSo() {
    assertEquals(
        List.of("weight_ih[16, 3]", "weight_hh[16, 4]"),
        parameters(Cells.lstm().withBias(Bias.NONE)));
    assertEquals(
        List.of("weight_ih[16, 3]", "weight_hh[16, 4]", "bias[16]"),
        parameters(Cells.lstm().withBias(Bias.PER_AFFINE)));
    // r and z have one bias each, `in` and `hn` one each.
    assertEquals(
        List.of("weight_ih[12, 3]", "weight_hh[12, 4]", "bias[16]"),
        parameters(Cells.gru().withBias(Bias.PER_AFFINE)));
  }

  @Test
  void parameters_ofGruResetBefore_haveAMatrixForTheResetState() {
    assertEquals(
        List.of(
            "weight_ih[12, 3]",
            "weight_hh[8, 4]",
            "weight_rh[4, 4]",
            "bias_ih[12]",
            "bias_hh[8]",
            "bias_rh[4]"),
        parameters(Cells.gruResetBefore()));
  }

  @Test
  void parameters_ofACellsOwn_comeLast() {
    Cell cell =
        Cell.define(
            "peephole",
            step -> {
              Expr c = step.state("c");
              Expr p = step.parameter("peep");
              step.next("c", Expr.tanh(step.affine("net", step.input(), c).plus(p.times(c))));
            });
    assertEquals(
        List.of("weight_ih[4, 3]", "weight_c[4, 4]", "bias_ih[4]", "bias_c[4]", "peep[4]"),
        parameters(cell));
  }

  @Test
  void gates_ofLstmAndGru_standInPyTorchsOrder() {
    Plan lstm = plan(Cells.lstm());
    assertEquals("ih", lstm.step().groups().get(0).name());
    assertEquals(List.of("net_i", "net_f", "net_g", "net_o"), gates(lstm, 0));
    assertEquals(List.of("net_i", "net_f", "net_g", "net_o"), gates(lstm, 1));
    Plan gru = plan(Cells.gru());
    assertEquals(List.of("net_r", "net_z", "in"), gates(gru, 0));
    assertEquals(List.of("net_r", "net_z", "hn"), gates(gru, 1));
  }

  @Test
  void parameters_thatWouldShareAName_areRejected() {
    Cell bias = withParameter("bias").withBias(Bias.PER_AFFINE);
    assertRejected("cell clash: two parameters would be called bias", bias);
    assertRejected(
        "cell clash: two parameters would be called weight_hh", withParameter("weight_hh"));
    assertRejected("cell clash: two parameters would be called bias_ih", withParameter("bias_ih"));
    assertEquals(5, plan(withParameter("bias")).step().parameters().size());
    Cell state =
        Cell.define(
            "clash",
            step -> step.next("ih", Expr.tanh(step.affine("net", step.input(), step.state("ih")))));
    assertRejected("cell clash: two parameters would be called weight_ih", state);
  }

  private static Cell withParameter(String name) {
    return Cell.define(
        "clash",
        step -> {
          Expr net = step.affine("net", step.input(), step.state("h"));
          step.next("h", net.plus(step.parameter(name)));
        });
  }

  private static void assertRejected(String message, Cell cell) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Plan.of(cell, I, H));
    assertEquals(message, e.getMessage());
  }

  @Test
  void sizes_belowOne_areNamed() {
    Cell cell = Cells.lstm();
    assertEquals(
        "input: expected I of 1 or more, got 0",
        assertThrows(IllegalArgumentException.class, () -> Plan.of(cell, 0, H)).getMessage());
    assertEquals(
        "hidden: expected H of 1 or more, got -1",
        assertThrows(IllegalArgumentException.class, () -> Plan.of(cell, I, -1)).getMessage());
  }

  @Test
  void keptValues_ofEveryElman_areNothingButTheStates() {
    for (Activation activation : Activation.values()) {
      Plan plan = plan(Cells.elman(activation));
      assertTrue(
          plan.forward().kept().stream().allMatch(place -> place.kind() == Place.Kind.NEXT),
          activation.name());
      // What the prologue computes and the error signals: no other value lives for all steps.
      assertEquals(List.of(H, H), plan.memory().sequences(), activation.name());
    }
  }

  @Test
  void keptValues_ofGruCells_areGatesCandidateAndItsHiddenPart() {
    // r and z in the places of their sums, with what x gives to n; hn; n; two sets of error
    // signals.
    Plan gru = plan(Cells.gru());
    assertEquals(4, gru.forward().kept().size());
    assertEquals(List.of(3 * H, H, H, 3 * H, 3 * H), gru.memory().sequences());
    // r, z and n in the places of their sums; r h(t-1) lives on as an operand. 1 - z is computed
    // again.
    Plan before = plan(Cells.gruResetBefore());
    assertEquals(3, before.forward().kept().size());
    assertEquals(List.of(3 * H, H, 3 * H, 2 * H, H), before.memory().sequences());
  }

  @Test
  void errorSignals_ofElmanAndLstm_areKeptOnceForBothMatrices() {
    for (Cell cell : List.of(Cells.elman(Activation.TANH), Cells.lstm())) {
      Plan plan = plan(cell);
      assertEquals(
          plan.backward().deltas().getFirst(), plan.backward().deltas().getLast(), cell.name());
    }
    // The reset gate scales what comes from h alone.
    Plan gru = plan(Cells.gru());
    assertNotEquals(gru.backward().deltas().getFirst(), gru.backward().deltas().getLast());
  }

  @Test
  void biasGradients_ofLstm_readTheErrorSignalsInPlace() {
    Plan plan = plan(Cells.lstm());
    Place deltas = plan.backward().deltas().getFirst();
    assertEquals(4, plan.backward().vectorGradients().size());
    for (Plan.VectorGradient vector : plan.backward().vectorGradients()) {
      assertEquals(2, vector.targets().size());
      for (Plan.VectorTarget target : vector.targets()) {
        assertEquals(deltas.slice(target.from(), H), vector.rows());
      }
    }
  }

  @Test
  void timeLoop_ofElmanLstmAndGru_isOneProductAndOneFusedPass() {
    for (Cell cell : List.of(Cells.elman(Activation.TANH), Cells.lstm(), Cells.gru())) {
      Plan plan = plan(cell);
      assertEquals(1, plan.forward().loop().size(), cell.name());
      assertEquals(1, plan.forward().loop().getFirst().products().size(), cell.name());
      assertEquals(1, plan.forward().loop().getFirst().pointwise().size(), cell.name());
      assertEquals(
          1, plan.backward().loop().stream().mapToInt(s -> s.products().size()).sum(), cell.name());
      assertTrue(plan.backward().late().isEmpty(), cell.name());
    }
  }

  @Test
  void prologue_ofAnEncodedInput_takesItsWholeEncodingOutOfTheLoop() {
    Cell cell =
        Cell.define(
            "encoded",
            step -> {
              Expr a = step.named("a", Expr.tanh(step.affine("enc", step.input())));
              step.next("h", Expr.tanh(step.affine("net", a, step.state("h"))));
            });
    Plan plan = plan(cell);
    assertEquals(List.of("ih", "a"), products(plan, plan.forward().prologue()));
    assertEquals(List.of("hh"), products(plan, plan.forward().loop()));
    assertEquals(List.of("hh"), products(plan, plan.backward().loop()));
    assertEquals(List.of("a"), products(plan, plan.backward().late()));
    assertEquals(List.of("ih"), products(plan, plan.backward().epilogue()));
  }

  private static List<String> products(Plan plan, List<Stage> stages) {
    return stages.stream()
        .flatMap(stage -> stage.products().stream())
        .map(product -> plan.step().groups().get(product.group()).name())
        .toList();
  }

  @Test
  void plans_ofOneCell_areEqual() {
    for (Cell cell : Arrays.asList(Cells.lstm(), Cells.gruResetBefore())) {
      assertEquals(plan(cell), plan(cell));
    }
  }

  @Test
  void parameterShape_ofAVector_isASingleRow() {
    ParameterShape vector = new ParameterShape("bias_ih", List.of(7));
    assertEquals(1, vector.rows());
    assertEquals(7, vector.cols());
  }
}
