package dev.unfold.cell;

import static dev.unfold.cell.Expr.constant;
import static dev.unfold.cell.Expr.tanh;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.unfold.cell.library.Cells;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

/// A cell that does not fit together says which cell, which expression, and what was expected.
final class CellErrorsTest {

  private static void assertRejected(String message, Consumer<Step> equations) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Cell.define("mine", equations));
    assertEquals("cell mine: " + message, e.getMessage());
  }

  @Test
  void operation_onInputAndState_namesBothSizes() {
    assertRejected(
        "(x + h): expected operands of one size, got x [I] and h [H]",
        step -> step.next("h", step.input().plus(step.state("h"))));
  }

  @Test
  void operation_deepInside_showsTheWholeExpression() {
    assertRejected(
        "(1 - sigmoid(h)) * tanh(x): expected operands of one size, got (1 - sigmoid(h)) [H] and"
            + " tanh(x) [I]",
        step -> {
          Expr left = Expr.oneMinus(Expr.sigmoid(step.state("h")));
          step.next("h", left.times(tanh(step.input())));
        });
  }

  @Test
  void operation_onConstantsAlone_asksForTheNumber() {
    assertRejected(
        "(2.0 / 3.0): expected an operand that is not a constant, got constants alone; write the"
            + " number itself",
        step -> step.next("h", constant(2).dividedBy(constant(3))));
    assertRejected(
        "tanh(0.5): expected an operand that is not a constant, got constants alone; write the"
            + " number itself",
        step -> step.next("h", tanh(constant(0.5))));
  }

  @Test
  void matrices_withVectorsOfOtherSizes_nameBoth() {
    Size matrices = Size.matrices(Size.HIDDEN, Size.INPUT, Size.HEADS);
    assertRejected(
        "product(h): expected [I], got h [H]",
        step -> Expr.product(step.state("s", matrices), step.state("h")));
    assertRejected(
        "transposed_product(x): expected [H], got x [I]",
        step -> Expr.transposedProduct(step.state("s", matrices), step.input()));
    assertRejected(
        "product(h): expected matrices, got h [H]",
        step -> Expr.product(step.state("h"), step.input()));
    assertRejected(
        "next s: expected [N, H/N, I/N], got outer(x, h) [N, I/N, H/N]",
        step -> {
          step.state("s", matrices);
          step.next("s", Expr.outer(step.input(), step.state("h"), Size.HEADS));
        });
    assertRejected(
        "matrices: expected sizes of a letter, got [N, H/N, I/N]",
        step -> Expr.outer(step.state("s", matrices), step.input(), Size.HEADS));
  }

  @Test
  void heads_ofWhatHasNone_areRefused() {
    assertRejected(
        "head_sum(m): expected a value of several numbers a head, got m [N]",
        step -> Expr.headSum(step.state("m", Size.HEADS), Size.HEADS));
    assertRejected(
        "head_spread(2.0): expected no constant, which stands for all as it is, got 2.0",
        step -> Expr.headSpread(constant(2), Size.HIDDEN));
    assertRejected(
        "head_spread(m): expected a size of several numbers a head, got [N]",
        step -> Expr.headSpread(step.state("m", Size.HEADS), Size.HEADS));
    assertRejected(
        "head_spread(h): expected [N], got h [H]",
        step ->
            Expr.headSpread(step.state("h"), Size.matrices(Size.HIDDEN, Size.HIDDEN, Size.HEADS)));
    assertRejected(
        "head_sum(s): expected heads [N], got [1]",
        step ->
            Expr.headSum(
                step.state("s", Size.matrices(Size.HIDDEN, Size.HIDDEN, Size.HEADS)), Size.ONE));
  }

  @Test
  void affine_ofAnUnnamedValue_asksForAName() {
    assertRejected(
        "affine net: expected the input, a state or a named value as operand, got h * h",
        step -> step.affine("net", step.state("h").times(step.state("h"))));
  }

  @Test
  void affine_withoutOperands_isRejected() {
    assertRejected("affine net: expected an operand, got none", step -> step.affine("net"));
  }

  @Test
  void affine_withAnOperandTwice_namesIt() {
    assertRejected(
        "affine net: the operand h stands there twice",
        step -> step.affine("net", step.state("h"), step.input(), step.state("h")));
  }

  @Test
  void names_usedTwice_areRejectedWhateverTheyName() {
    assertRejected(
        "affine net: the name is taken",
        step -> {
          step.affine("net", step.input());
          step.affine("net", step.state("h"));
        });
    assertRejected(
        "parameter h: the name is taken",
        step -> {
          step.state("h");
          step.parameter("h");
        });
    assertRejected(
        "value p: the name is taken",
        step -> {
          step.parameter("p");
          step.named("p", step.state("h"));
        });
    assertRejected("state x: the name is taken", step -> step.state("x"));
  }

  @Test
  void names_thatNoFileCouldKeep_areRejected() {
    for (String name : List.of("", "1h", "h t", "h.t", "_h", "h-t", "gewicht_ü")) {
      assertRejected(
          "state: expected a name of letters, digits and _, got '" + name + "'",
          step -> step.state(name));
    }
  }

  @Test
  void named_constant_isRejected() {
    assertRejected(
        "value one: expected no constant, got 1.0", step -> step.named("one", constant(1)));
  }

  @Test
  void next_ofNoState_listsTheStates() {
    assertRejected(
        "next c: expected one of the states [h, s], got none of them",
        step -> {
          step.state("h");
          step.state("s");
          step.next("c", step.state("h"));
        });
  }

  @Test
  void next_setTwice_isRejected() {
    assertRejected(
        "next h: set twice",
        step -> {
          step.next("h", tanh(step.state("h")));
          step.next("h", step.state("h"));
        });
  }

  @Test
  void next_ofAnotherSize_namesBoth() {
    assertRejected(
        "next h: expected [H], got tanh(x) [I]",
        step -> {
          step.state("h");
          step.next("h", tanh(step.input()));
        });
    assertRejected(
        "next h: expected [H], got 0.0 [1]",
        step -> {
          step.state("h");
          step.next("h", constant(0));
        });
  }

  @Test
  void next_neverSet_namesTheState() {
    assertRejected(
        "state c: its next value is not set",
        step -> step.next("h", step.state("h").plus(step.state("c"))));
  }

  @Test
  void output_setTwiceOrOfAnotherSize_isRejected() {
    assertRejected(
        "output: set twice",
        step -> {
          step.output(step.state("h"));
          step.output(step.state("h"));
        });
    assertRejected("output: expected no constant, got 1.0", step -> step.output(constant(1)));
  }

  @Test
  void mean_ofASingleNumber_namesTheExpression() {
    assertRejected(
        "mean(mean(h)): expected a value of several units, got mean(h) [1]",
        step -> Expr.mean(Expr.mean(step.state("h"))));
    assertRejected(
        "mean(0.5): expected a value of several units, got 0.5 [1]",
        step -> Expr.mean(constant(0.5)));
  }

  @Test
  void mean_asNextValue_namesBothSizes() {
    assertRejected(
        "next h: expected [H], got mean(h) * 2.0 [1]",
        step -> step.next("h", Expr.mean(step.state("h")).times(constant(2))));
  }

  @Test
  void operation_onOtherSizes_namesThem() {
    assertRejected(
        "(p + c): expected operands of one size, got p [P] and c [H]",
        step -> {
          Expr p = step.state("p", Size.own("P"));
          step.next("p", p.plus(step.state("c")));
        });
    assertRejected(
        "next p: expected [P], got net [Q]",
        step -> {
          Expr p = step.state("p", Size.own("P"));
          step.next("p", step.affine("net", Size.own("Q"), p));
        });
  }

  @Test
  void state_declaredTwice_isRejected() {
    assertRejected(
        "state h: the name is taken",
        step -> {
          step.state("h");
          step.state("h", Size.own("P"));
        });
  }

  @Test
  void size_thatIsTakenOrNoLetter_isRejected() {
    assertRejected("size H: the letter is taken", step -> Size.own("H"));
    assertRejected(
        "size: expected a capital letter and letters or digits, got 'p'", step -> Size.own("p"));
  }

  @Test
  void size_thatTheCellDoesNotHave_listsThoseThatItHas() {
    Cell cell =
        Cell.define(
            "mine", step -> step.next("s", step.state("s", Size.own("P")).times(constant(0.5))));
    assertEquals(
        "size: cell mine: expected one of its own sizes, [P], got H",
        assertThrows(IllegalArgumentException.class, () -> cell.withSize("H", 3)).getMessage());
    assertEquals(
        "size: cell mine: expected P of 1 or more, got 0",
        assertThrows(IllegalArgumentException.class, () -> cell.withSize("P", 0)).getMessage());
  }

  @Test
  void forgetBias_ofNothing_isRejected() {
    assertRejected(
        "forget bias f: expected an affine map or a parameter of that name, got none",
        step -> step.forgetBias("f"));
  }

  @Test
  void cell_withoutAState_isRejected() {
    assertRejected(
        "expected a state, got none", step -> step.output(step.affine("a", step.input())));
  }

  @Test
  void expression_ofAnotherCell_isNamed() {
    List<Expr> leaked = new ArrayList<>();
    Cell.define(
        "other",
        step -> {
          leaked.add(step.state("h"));
          leaked.add(step.affine("net", step.input(), step.state("h")));
          leaked.add(step.named("k", step.state("h")));
          leaked.add(step.parameter("p"));
          leaked.add(step.input());
          step.next("h", leaked.get(1).plus(leaked.get(3)));
        });
    List<String> names = List.of("h", "net", "h", "p");
    for (int i = 0; i < names.size(); i++) {
      Expr foreign = leaked.get(i);
      assertRejected(
          names.get(i) + ": belongs to another cell",
          step -> {
            step.state("h");
            step.next("h", tanh(foreign));
          });
    }
    assertRejected(
        "h: belongs to another cell",
        step -> {
          step.state("h");
          step.next("h", step.affine("net", leaked.get(2)));
        });
    assertRejected(
        "x: belongs to another cell",
        step -> step.next("h", step.state("h").plus(step.affine("net", leaked.get(4)))));
  }

  @Test
  void affine_thatNothingUses_isNamed() {
    assertRejected(
        "affine forgotten: is never used",
        step -> {
          step.affine("forgotten", step.input());
          step.next("h", tanh(step.affine("net", step.state("h"))));
        });
  }

  @Test
  void parameter_thatNothingUses_isNamed() {
    assertRejected(
        "parameter forgotten: is never used",
        step -> {
          step.parameter("forgotten");
          step.next("h", step.state("h"));
        });
  }

  @Test
  void cells_ofAnUnknownName_areListed() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> Cells.named("rnn"));
    assertEquals(
        "cell: expected one of cfc, cornn, elman, elman_identity, elman_relu, elman_sigmoid,"
            + " fastgrnn, gated_delta, gru, gru_reset_before, hgrn, indrnn, janet, ligru, lru,"
            + " lstm, lstm_coupled, lstm_layer_norm, lstm_peephole, lstm_projected, mgu, mingru,"
            + " minlstm, mlstm, qrnn, rg_lru, slstm, unicornn, got rnn",
        e.getMessage());
  }
}
