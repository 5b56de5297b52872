package dev.unfold.cell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

final class CellTest {
  @Test
  void lstm_asText_showsItsEquations() {
    assertEquals(
        """
        lstm
          net_i = affine(x, h)
          net_f = affine(x, h)
          net_g = affine(x, h)
          net_o = affine(x, h)
          h(t) = sigmoid(net_o) * tanh((sigmoid(net_f) * c + sigmoid(net_i) * tanh(net_g)))
          c(t) = (sigmoid(net_f) * c + sigmoid(net_i) * tanh(net_g))
          output = sigmoid(net_o) * tanh((sigmoid(net_f) * c + sigmoid(net_i) * tanh(net_g)))\
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
    for (String name :
        List.of(
            "elman",
            "elman_relu",
            "elman_sigmoid",
            "elman_identity",
            "lstm",
            "gru",
            "gru_reset_before")) {
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
