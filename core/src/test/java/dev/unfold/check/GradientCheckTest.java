package dev.unfold.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.cell.library.Cells;
import dev.unfold.kernels.Precision;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Wiring;
import dev.unfold.proof.TestBackends;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

final class GradientCheckTest {
  private static List<String> cells() {
    return Cells.names();
  }

  @ParameterizedTest
  @MethodSource("cells")
  void check_ofEachCell_passesUnderAllConditions(String name) {
    GradientCheck check = GradientCheck.of(Cells.named(name), 5, 2);
    check.expectPassed();
    assertEquals(
        Set.of("plain", "lengths", "masks", "windows", "memory"),
        check.rows().stream().map(GradientCheck.Row::condition).collect(Collectors.toSet()));
    assertTrue(check.rows().stream().anyMatch(row -> row.tensor().equals("input")));
    assertTrue(check.rows().stream().anyMatch(row -> row.tensor().startsWith("initial state")));
  }

  @Test
  void check_ofAUsersCell_isOneLine() {
    Cell cell =
        Cell.define(
            "leaky",
            step -> {
              Expr h = step.state("h");
              step.next(
                  "h",
                  h.times(Expr.sigmoid(step.affine("k", step.input())))
                      .plus(Expr.tanh(step.affine("n", step.input(), h))));
            });
    GradientCheck.of(cell).expectPassed();
  }

  @Test
  void check_ofTokensInBothDirections_hasWhatApplies() {
    NetworkSpec spec =
        new NetworkSpec(
            Cells.gru(), new Encoder.Embedding(5, 3), 4, 1, 5, Set.of(Wiring.BIDIRECTIONAL));
    GradientCheck check = GradientCheck.of(spec, 4, 2);
    check.expectPassed();
    assertFalse(check.rows().stream().anyMatch(row -> row.condition().equals("windows")));
    assertTrue(check.rows().stream().anyMatch(row -> row.tensor().equals("embedding.weight")));
  }

  @Test
  void check_thatFailed_namesTheTensors() {
    GradientCheck check =
        new GradientCheck(
            List.of(
                new GradientCheck.Row("plain", "weight_ih_l0", 3, 1e-9),
                new GradientCheck.Row("plain", "weight_hh_l0", 3, 1e-2)));
    assertFalse(check.passed());
    String message = assertThrows(AssertionError.class, check::expectPassed).getMessage();
    assertTrue(message.contains("weight_hh_l0") && !message.contains("weight_ih_l0"), message);
  }

  @Test
  void check_ofFloats_isRefused() {
    NetworkSpec spec = new NetworkSpec(Cells.gru(), new Encoder.Vectors(2), 3, 1, 2);
    Network network = Network.create(spec, TestBackends.scalar(Precision.FLOAT), 1);
    assertThrows(IllegalArgumentException.class, () -> GradientCheck.of(network, 2, 1));
  }
}
