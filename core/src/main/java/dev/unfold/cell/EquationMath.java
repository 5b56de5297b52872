package dev.unfold.cell;

import static dev.unfold.cell.MathSymbols.identifier;
import static dev.unfold.cell.MathSymbols.indexed;
import static dev.unfold.cell.MathSymbols.label;

import dev.unfold.cell.Equations.Symbol;
import dev.unfold.kernels.Pointwise.Op;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Typesets a cell's equations as MathML, the part of it that all browsers draw. Affine maps are written out: W for the
/// input, U for the first state, V for other operands, with the names of the parameters below.
final class EquationMath {
  /// How tightly operators bind: an operand that binds less is put in parentheses.
  private static final int SUM = 1;

  private static final int PRODUCT = 2;
  private static final int FACTOR = 3;

  /// The index that stands for several: the first that means nothing else in the cell.
  private static final List<String> INDICES = List.of("k", "j", "q", "m", "index");

  private static final String UNIT_BY_UNIT = "<mo>⊙</mo>";

  /// Between terms with names below, which may be wider than they are.
  private static final String PLUS = "<mo lspace=\"0.3em\" rspace=\"0.3em\">+</mo>";

  private static final String TIMES = "<mo>&#x2062;</mo>";

  private final Cell cell;
  private final Equations equations;
  private final Layout layout;

  /// The symbol whose equation is being written: on its right it is not named but written out.
  private Symbol own;

  private EquationMath(Cell cell) {
    this.cell = cell;
    equations = Equations.of(cell);
    layout = cell.layout();
  }

  /// A `math` element with a row for each of the equations of `cell`.
  static String of(Cell cell) {
    EquationMath math = new EquationMath(cell);
    return math.equations.lines().stream()
        .flatMap(math::rows)
        .collect(
            Collectors.joining(
                "\n",
                "<math xmlns=\"http://www.w3.org/1998/Math/MathML\" display=\"block\">"
                    + "<mtable displaystyle=\"true\">\n",
                "\n</mtable></math>"));
  }

  private Stream<String> rows(Equations.Line line) {
    return switch (line) {
      case Equations.Value value -> {
        own = value.symbol();
        yield Stream.of(row(symbol(own), math(value.value(), 0)));
      }
      case Equations.Maps maps -> rows(maps.maps());
    };
  }

  /// One row with an index for maps that differ in that alone, else a row each.
  private Stream<String> rows(List<Expr.Affine> maps) {
    List<List<String>> names = maps.stream().map(map -> MathSymbols.split(map.name())).toList();
    boolean indexed =
        names.size() > 1
            && names.stream().allMatch(name -> name.size() == 2)
            && names.stream().map(List::getFirst).distinct().count() == 1;
    if (!indexed) {
      return maps.stream()
          .map(map -> row(MathSymbols.of(map.name()), map(map, MathSymbols.of(index(map)))));
    }
    String index = identifier(free());
    String all =
        names.stream()
            .map(name -> MathSymbols.of(name.getLast()))
            .collect(Collectors.joining("<mo>,</mo>", "<mo>{</mo>", "<mo>}</mo>"));
    String right = map(maps.getFirst(), index);
    return Stream.of(
        row(
            indexed(MathSymbols.of(names.getFirst().getFirst()), index),
            right
                + "<mspace width=\"2em\"/><mrow>"
                + index
                + "<mo>∈</mo><mrow>"
                + all
                + "</mrow></mrow>"));
  }

  private static String row(String left, String right) {
    return "<mtr><mtd style=\"text-align: right\">"
        + left
        + "</mtd><mtd style=\"text-align: left\"><mrow><mo form=\"infix\">=</mo>"
        + right
        + "</mrow></mtd></mtr>";
  }

  /// What a map's name says of it: the i of net_i, else all of it.
  private static String index(Expr.Affine map) {
    return MathSymbols.split(map.name()).getLast();
  }

  private String free() {
    List<String> taken =
        Stream.concat(
                cell.affines().stream().map(EquationMath::index),
                equations.names().values().stream().map(Symbol::name))
            .toList();
    return INDICES.stream()
        .filter(index -> !taken.contains(index))
        .findFirst()
        .orElse(INDICES.getLast());
  }

  private static String symbol(Symbol symbol) {
    String name = MathSymbols.of(symbol.name());
    return symbol.kind() == Symbol.Kind.NEXT ? at(name, "<mi>t</mi>") : name;
  }

  /// A function of time.
  private static String at(String name, String time) {
    return call(name, time);
  }

  private static String call(String function, String argument) {
    return "<mrow>" + function + "<mo>&#x2061;</mo>" + parenthesised(argument) + "</mrow>";
  }

  /// Parentheses grow with fractions alone: where they could grow, fonts leave more room around them.
  private static String parenthesised(String math) {
    boolean grow = math.contains("<mfrac>");
    return "<mrow><mo stretchy=\"%1$s\">(</mo>%2$s<mo stretchy=\"%1$s\">)</mo></mrow>"
        .formatted(grow, math);
  }

  /// W x(t) + U h(t-1) + b, of the rows that belong to `index`.
  private String map(Expr.Affine map, String index) {
    List<String> terms =
        map.operands().stream()
            .map(operand ->
                named(
                    symbolOf(layout.operand(operand), index) + TIMES + math(operand, PRODUCT),
                    layout.operand(operand).weight()))
            .collect(Collectors.toList());
    if (map.hasBias() && cell.bias() != Bias.NONE) {
      terms.add(named(ofMap("b", index), biases(map)));
    }
    return String.join(PLUS, terms);
  }

  private String biases(Expr.Affine map) {
    return cell.bias() == Bias.PER_AFFINE
        ? "bias"
        : map.operands().stream()
            .map(operand -> layout.operand(operand).bias())
            .collect(Collectors.joining(" + "));
  }

  private static String named(String math, String name) {
    return "<munder><mrow>" + math + "</mrow>" + label(name) + "</munder>";
  }

  private String symbolOf(Layout.Operand operand, String index) {
    if (operand.value() instanceof Expr.Input) {
      return ofMap("W", index);
    }
    List<Layout.Operand> others =
        layout.operands().stream().filter(each -> !(each.value() instanceof Expr.Input)).toList();
    boolean first = others.getFirst().equals(operand) && operand.value() instanceof Expr.State;
    if (first) {
      return ofMap("U", index);
    }
    return others.size() <= 2
        ? ofMap("V", index)
        : indexed(identifier("V"), MathSymbols.of(operand.name()) + "<mo>,</mo>" + index);
  }

  /// A cell of one map needs no index.
  private String ofMap(String letter, String index) {
    return cell.affines().size() == 1 ? identifier(letter) : indexed(identifier(letter), index);
  }

  /// `expr` as an operand of an operator that binds as `binding` says.
  private String math(Expr expr, int binding) {
    Symbol name = equations.names().get(expr);
    if (name != null && !name.equals(own)) {
      return symbol(name);
    }
    return switch (expr) {
      case Expr.Input input -> at(identifier("x"), "<mi>t</mi>");
      case Expr.State state -> at(MathSymbols.of(state.name()), "<mi>t</mi><mo>−</mo><mn>1</mn>");
      case Expr.Noise noise -> at(MathSymbols.of(noise.name()), "<mi>t</mi>");
      case Expr.Constant constant -> number(constant.value());
      case Expr.Mean mean -> call(identifier("mean"), math(mean.value(), 0));
      case Expr.Apply apply -> math(apply, binding);
      case Expr.Outer outer ->
          inside(
              PRODUCT,
              binding,
              math(outer.rows(), FACTOR) + TIMES + transposed(math(outer.columns(), FACTOR)));
      case Expr.Contraction product -> {
        String matrices = math(product.matrices(), FACTOR);
        boolean right = product.side() == Expr.Contraction.Side.RIGHT;
        yield inside(
            PRODUCT,
            binding,
            (right ? matrices : transposed(matrices)) + TIMES + math(product.vector(), FACTOR));
      }
      case Expr.HeadSum sum -> call(identifier("sum"), math(sum.value(), 0));
      case Expr.HeadSpread spread -> math(spread.value(), binding);
      case Expr.HeadUnits units -> math(units);
      case Expr.Parameter parameter -> MathSymbols.of(parameter.name());
      case Expr.Affine affine -> MathSymbols.of(affine.name());
      case Expr.Named named -> MathSymbols.of(named.name());
    };
  }

  private String math(Expr.Apply apply, int binding) {
    Expr x = apply.left();
    Expr y = apply.right();
    return switch (apply.op()) {
      case ADD -> inside(SUM, binding, math(x, SUM) + "<mo>+</mo>" + math(y, SUM));
      case SUBTRACT -> inside(SUM, binding, math(x, SUM) + "<mo>−</mo>" + math(y, PRODUCT));
      case ONE_MINUS -> inside(SUM, binding, "<mn>1</mn><mo>−</mo>" + math(x, PRODUCT));
      case MULTIPLY -> product(x, y, binding);
      case DIVIDE -> fraction(math(x, 0), math(y, 0));
      case NEGATE -> inside(SUM, binding, "<mo form=\"prefix\">−</mo>" + math(x, FACTOR));
      case SQRT -> "<msqrt>" + math(x, 0) + "</msqrt>";
      case COPY, SIGMOID, TANH, RELU, STEP, EXP, LOG, SOFTPLUS, SUM, SPREAD ->
          call(identifier(function(apply.op())), math(x, 0));
    };
  }

  @SuppressWarnings("ReferenceEquality")
  private String product(Expr x, Expr y, int binding) {
    if (x == y) {
      return "<msup><mrow>" + math(x, FACTOR) + "</mrow><mn>2</mn></msup>";
    }
    if (y instanceof Expr.Constant) {
      return product(y, x, binding);
    }
    boolean unitByUnit =
        !x.size().equals(Size.ONE)
            && !y.size().equals(Size.ONE)
            && !(x instanceof Expr.HeadSpread)
            && !(y instanceof Expr.HeadSpread);
    return inside(
        PRODUCT,
        binding,
        math(x, PRODUCT) + (unitByUnit ? UNIT_BY_UNIT : TIMES) + math(y, PRODUCT));
  }

  private static String transposed(String math) {
    return "<msup><mrow>" + math + "</mrow><mi>T</mi></msup>";
  }

  private static String math(Expr.HeadUnits units) {
    String count =
        units.heads().equals(Size.ONE)
            ? identifier(units.of().letter())
            : parenthesised(
                identifier(units.of().letter())
                    + "<mo>/</mo>"
                    + identifier(units.heads().letter()));
    return "<msup><mrow>" + count + "</mrow><mrow>" + number(units.power()) + "</mrow></msup>";
  }

  private static String inside(int own, int binding, String math) {
    return own < binding ? parenthesised(math) : "<mrow>" + math + "</mrow>";
  }

  private static String function(Op op) {
    return switch (op) {
      case SIGMOID -> "sigma";
      case LOG -> "ln";
      default -> op.name().toLowerCase(Locale.ROOT);
    };
  }

  private static String fraction(String above, String below) {
    return "<mfrac><mrow>" + above + "</mrow><mrow>" + below + "</mrow></mfrac>";
  }

  /// Whole numbers, parts such as 1/6, and powers of ten as they are written by hand.
  private static String number(double value) {
    if (value == Math.rint(value) && Math.abs(value) < 1e6) {
      return "<mn>" + (long) value + "</mn>";
    }
    String text = Double.toString(value);
    double inverse = 1 / value;
    if (text.length() > 8 && inverse == Math.rint(inverse) && Math.abs(inverse) < 1000) {
      return fraction("<mn>1</mn>", "<mn>" + (long) inverse + "</mn>");
    }
    int exponent = text.indexOf('E');
    if (exponent < 0) {
      return "<mn>" + text + "</mn>";
    }
    String factor = text.substring(0, exponent).replaceAll("\\.0$", "");
    String power = "<msup><mn>10</mn>" + signed(text.substring(exponent + 1)) + "</msup>";
    return factor.equals("1") ? power : "<mn>" + factor + "</mn><mo>×</mo>" + power;
  }

  private static String signed(String number) {
    return number.startsWith("-")
        ? "<mrow><mo>−</mo><mn>" + number.substring(1) + "</mn></mrow>"
        : "<mn>" + number + "</mn>";
  }
}
