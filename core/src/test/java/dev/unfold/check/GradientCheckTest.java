package dev.unfold.check;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.cell.library.Cells;
import dev.unfold.head.Head;
import dev.unfold.head.PooledHead;
import dev.unfold.head.Pooling;
import dev.unfold.head.ValueLoss;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.model.Encoder;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.model.Parameters;
import dev.unfold.model.Wiring;
import dev.unfold.proof.Numbers;
import dev.unfold.proof.TestBackends;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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

  private static List<Head> heads() {
    List<Head> heads = new ArrayList<>(List.of(new Head.Tags(3), new Head.Labels(3, 0)));
    for (Pooling pooling : Pooling.values()) {
      heads.add(new PooledHead(new Head.Classes(3), pooling));
      heads.add(new PooledHead(new Head.Values(2, new ValueLoss.StudentT(3)), pooling));
    }
    heads.add(new PooledHead(new Head.Sets(3), Pooling.MEAN));
    return heads;
  }

  @ParameterizedTest
  @MethodSource("heads")
  void check_ofHeadsOfSequences_passesInBothDirections(Head head) {
    NetworkSpec spec = new NetworkSpec(Cells.lstm(), new Encoder.Vectors(3), 4, 2, head);
    for (NetworkSpec own :
        List.of(spec, spec.with(Wiring.BIDIRECTIONAL), spec.with(Wiring.RESIDUAL))) {
      Network network = Network.create(own, TestBackends.scalar(Precision.DOUBLE), 3);
      Random random = new Random(5);
      for (Parameters.Tensor tensor : network.parameters().tensors()) {
        Matrix matrix = network.parameters().matrix(tensor.name());
        for (int i = 0; i < matrix.rows() * matrix.cols(); i++) {
          Numbers.set(matrix, i / matrix.cols(), i % matrix.cols(), random.nextDouble(-0.9, 0.9));
        }
      }
      network.parameters().changed();
      GradientCheck check = GradientCheck.of(network, 7, 3);
      check.expectPassed();
      Set<String> conditions =
          check.rows().stream().map(GradientCheck.Row::condition).collect(Collectors.toSet());
      assertTrue(
          conditions.containsAll(Set.of("plain", "lengths", "masks")), conditions.toString());
      boolean hasBudget = head.pooled().isPresent() && own.directions() == 1;
      assertEquals(hasBudget, conditions.contains("memory"), head + " " + own.wiring());
      if (head instanceof Head.Tags) {
        assertTrue(
            check.rows().stream()
                .map(GradientCheck.Row::tensor)
                .toList()
                .containsAll(List.of("head.transitions", "head.start", "head.end")));
      }
    }
  }

  @Test
  void check_ofCellsWithHeads_passes() {
    for (int heads : new int[] {2, 3, 5}) {
      GradientCheck.of(Cells.lstm().withHeads(heads)).expectPassed();
      GradientCheck.of(Cells.named("gru_reset_before").withHeads(heads)).expectPassed();
    }
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
