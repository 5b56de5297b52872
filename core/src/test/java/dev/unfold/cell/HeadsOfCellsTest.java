package dev.unfold.cell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.cell.library.Cells;
import dev.unfold.model.LayerSpec;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which cells can have heads, and what their parameters are then.
final class HeadsOfCellsTest {
  private static void assertRefused(String message, Executable attempt) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, attempt).getMessage());
  }

  private static List<ParameterShape> shapes(Cell cell) {
    Sizes sizes = cell.sizes(3, 8);
    return cell.layout().parameters().stream().map(own -> own.shape(sizes)).toList();
  }

  @Test
  void parameters_ofRecurrentMatrices_haveTheColumnsOfAHead() {
    assertEquals(
        List.of(
            new ParameterShape("weight_ih", List.of(32, 3)),
            new ParameterShape("weight_hh", List.of(32, 2)),
            new ParameterShape("bias_ih", List.of(32)),
            new ParameterShape("bias_hh", List.of(32))),
        shapes(Cells.lstm().withHeads(4)));
  }

  /// The product with r h depends on the state as well.
  @Test
  void parameters_ofProductsWithinTheStep_haveHeadsToo() {
    assertEquals(
        List.of(
            new ParameterShape("weight_ih", List.of(24, 3)),
            new ParameterShape("weight_hh", List.of(16, 4)),
            new ParameterShape("weight_rh", List.of(8, 4))),
        shapes(Cells.gruResetBefore().withBias(Bias.NONE).withHeads(2)));
  }

  @Test
  void oneHead_ofAnyCell_changesNothing() {
    for (String name : Cells.names()) {
      Cell cell = Cells.named(name);
      assertEquals(cell, cell.withHeads(1));
      assertEquals(cell.toString(), cell.withHeads(1).toString());
    }
  }

  @Test
  void heads_fewerThanOne_areRefused() {
    assertRefused(
        "heads: cell lstm: expected N of 1 or more, got 0", () -> Cells.lstm().withHeads(0));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "indrnn | expected a matrix that multiplies a state, for N of more than 1, got none",
        "lstm_projected | expected recurrent matrices from H units to H, for N of more than 1, got"
            + " h [P]",
        "cfc | expected recurrent matrices from H units to H, for N of more than 1, got net_u [P]",
      })
  void heads_ofACellWithoutSuchMatrices_areRefused(String cell, String reason) {
    assertRefused(
        "heads: cell %s: %s".formatted(cell, reason), () -> Cells.named(cell).withHeads(2));
  }

  @Test
  void hidden_thatHeadsDoNotDivide_isRefused() {
    Cell cell = Cells.lstm().withHeads(3);
    String message = "hidden: cell lstm: expected H that is a multiple of its N=3 heads, got H=8";
    assertRefused(message, () -> cell.sizes(2, 8));
    assertRefused(message, () -> new LayerSpec(cell, 8));
  }
}
