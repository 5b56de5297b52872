package dev.unfold.cell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.cell.library.Cells;
import java.util.List;
import org.junit.jupiter.api.Test;

final class CellTest {
  @Test
  void lstm_asText_showsItsEquations() {
    assertEquals(
        """
        lstm
          net_i, net_f, net_g, net_o = affine(x(t), h(t-1))
          f = sigmoid(net_f)
          i = sigmoid(net_i)
          g = tanh(net_g)
          c(t) = f * c(t-1) + i * g
          o = sigmoid(net_o)
          h(t) = o * tanh(c(t))\
        """,
        Cells.lstm().toString());
  }

  @Test
  void output_ifNotSet_isTheNextValueOfTheFirstState() {
    Cell lstm = Cells.lstm();
    assertEquals(List.of("h", "c"), lstm.states());
    assertEquals(lstm.recurrences().getFirst().next(), lstm.output());
  }

  @Test
  void named_everyStandardCell_isThatCell() {
    assertEquals(28, Cells.names().size());
    for (String name : Cells.names()) {
      assertEquals(name, Cells.named(name).name());
    }
  }

  @Test
  void withBias_keepsTheEquations() {
    Cell gru = Cells.gru().withBias(Bias.NONE);
    assertEquals(Bias.NONE, gru.bias());
    assertEquals(Bias.PER_OPERAND, Cells.gru().bias());
    assertEquals(Cells.gru().toString(), gru.toString());
  }

  @Test
  void lists_ofACell_cannotBeChanged() {
    Cell cell = Cells.lstm();
    assertThrows(UnsupportedOperationException.class, () -> cell.affines().clear());
    assertThrows(UnsupportedOperationException.class, () -> cell.recurrences().clear());
  }
}
