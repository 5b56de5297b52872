package dev.unfold.cell;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import java.io.StringReader;
import java.util.List;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/// A cell's equations, typeset.
final class EquationMathTest {
  private static List<String> names() {
    return Cells.names();
  }

  /// What a reader sees, row by row, without the marks that are not seen.
  private static List<String> rows(Cell cell) throws Exception {
    Element math =
        DocumentBuilderFactory.newInstance()
            .newDocumentBuilder()
            .parse(new InputSource(new StringReader(cell.mathMl())))
            .getDocumentElement();
    assertEquals("math", math.getTagName());
    NodeList rows = math.getElementsByTagName("mtr");
    return IntStream.range(0, rows.getLength())
        .mapToObj(i -> rows.item(i).getTextContent().replaceAll("[\\u2061\\u2062]", ""))
        .toList();
  }

  @ParameterizedTest
  @MethodSource("names")
  void math_ofEachCell_hasARowForEachEquationAndEachParameter(String name) throws Exception {
    Cell cell = Cells.named(name);
    String math = cell.mathMl();

    List<String> rows = rows(cell);

    assertTrue(rows.size() >= cell.equations().size(), () -> name + ": " + rows);
    for (CellParameter parameter : cell.layout().parameters()) {
      String seen = parameter.name().replace("_", "");
      boolean named =
          math.contains(parameter.name())
              || math.contains(MathSymbols.of(parameter.name()))
              || rows.stream().anyMatch(row -> row.replace(",", "").contains(seen));
      assertTrue(named, () -> name + ": " + parameter.name() + " in " + rows);
    }
  }

  @Test
  void lstm_typeset_saysItsEquations() throws Exception {
    assertEquals(
        List.of(
            "netk=Wkx(t)weight_ih+Ukh(t−1)weight_hh+bkbias_ih + bias_hhk∈{i,f,g,o}",
            "f=σ(netf)",
            "i=σ(neti)",
            "g=tanh(netg)",
            "c(t)=f⊙c(t−1)+i⊙g",
            "o=σ(neto)",
            "h(t)=o⊙tanh(c(t))"),
        rows(Cells.lstm()));
  }

  @Test
  void biases_others_areNamedAsTheyAre() throws Exception {
    Cell elman = Cells.named("elman");

    assertEquals(
        "neth=Wx(t)weight_ih+Uh(t−1)weight_hh+bbias",
        rows(elman.withBias(Bias.PER_AFFINE)).getFirst());
    assertEquals(
        "neth=Wx(t)weight_ih+Uh(t−1)weight_hh", rows(elman.withBias(Bias.NONE)).getFirst());
  }

  @Test
  void names_greekAndWithAccents_areLettersWithMarks() {
    Cell cell =
        Cell.define(
            "accents",
            step -> {
              Expr alpha = step.named("alpha_2", Expr.sigmoid(step.affine("net", step.input())));
              Expr candidate = step.named("c_hat", alpha.times(step.state("c")));
              step.next("c", candidate.dividedBy(alpha).plus(candidate.times(candidate)));
            });

    String math = cell.mathMl();

    assertTrue(math.contains("<msub><mi>α</mi><mrow><mi>2</mi></mrow></msub>"), math);
    assertTrue(math.contains("<mover accent=\"true\"><mi>c</mi><mo>^</mo></mover>"), math);
    assertTrue(math.contains("<mfrac>"), math);
    assertTrue(math.contains("<msup>"), math);
  }

  @Test
  void numbers_areWrittenAsByHand() throws Exception {
    Cell cell =
        Cell.define(
            "numbers",
            step -> {
              Expr net = step.affine("net", step.input());
              Expr sum = net.times(Expr.constant(1.0 / 6)).plus(Expr.constant(1e-5));
              step.next("h", sum.minus(step.state("h").times(Expr.constant(0.25))));
            });

    assertEquals("h(t)=16net+10−5−0.25h(t−1)", rows(cell).getLast());
  }

  @Test
  void operands_thatBindLess_areInParentheses() throws Exception {
    Cell cell =
        Cell.define(
            "sums",
            step -> {
              Expr net = step.affine("net", step.input());
              Expr h = step.state("h");
              step.next("h", net.minus(net.plus(h)).times(Expr.oneMinus(h)).negate());
            });

    assertEquals("h(t)=−((net−(net+h(t−1)))⊙(1−h(t−1)))", rows(cell).getLast());
  }

  @Test
  void name_ofAConstructedCell_isEscaped() {
    Expr.State state = new Expr.State("<h>", Size.HIDDEN);
    Expr.Affine net = new Expr.Affine("net", List.of(state), Size.HIDDEN, Expr.Affine.Offset.NONE);
    Cell cell =
        new Cell(
            "odd",
            Bias.NONE,
            1,
            java.util.Map.of(),
            List.of(new Cell.Recurrence(state, Expr.tanh(net))),
            List.of(net),
            List.of(),
            List.of(),
            net);

    assertFalse(cell.mathMl().contains("<h>"), cell.mathMl());
  }
}
