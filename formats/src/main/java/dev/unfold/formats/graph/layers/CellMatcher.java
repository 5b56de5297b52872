package dev.unfold.formats.graph.layers;

import dev.unfold.cell.Bias;
import dev.unfold.cell.Cell;
import dev.unfold.cell.CellParameter;
import dev.unfold.cell.Expr;
import dev.unfold.cell.Layout;
import dev.unfold.cell.Size;
import dev.unfold.cell.Sizes;
import dev.unfold.cell.library.Cells;
import dev.unfold.formats.graph.layers.Formula.Applied;
import dev.unfold.formats.graph.layers.Formula.Linear;
import dev.unfold.formats.graph.layers.Formula.Mean;
import dev.unfold.formats.graph.layers.Formula.Numbers;
import dev.unfold.formats.graph.layers.Formula.Term;
import dev.unfold.kernels.Pointwise.Op;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Whether formulas are the equations of a standard cell.
final class CellMatcher {
  private static final double CLOSE = 1e-6;

  /// What the equations' names stand for.
  private Map<Object, Formula> found = new HashMap<>();

  private final Map<String, Formula> before;

  private CellMatcher(Map<String, Formula> before) {
    this.before = before;
  }

  /// The layer that computes these states.
  ///
  /// @param before each state before the step, in any order
  /// @param after each state after it
  /// @param output what comes out
  static Optional<Run> match(
      List<Formula> before, List<Formula> after, Formula output, boolean isBack) {
    for (String name : Cells.names()) {
      Cell cell = Cells.named(name).withBias(Bias.PER_AFFINE);
      if (cell.states().size() != before.size()) {
        continue;
      }
      for (List<Integer> order : orders(before.size())) {
        Map<String, Formula> states = new HashMap<>();
        for (int s = 0; s < before.size(); s++) {
          states.put(cell.states().get(s), before.get(order.get(s)));
        }
        CellMatcher matcher = new CellMatcher(states);
        boolean fits = matcher.fits(cell.output(), output);
        for (int s = 0; fits && s < before.size(); s++) {
          fits = matcher.fits(cell.recurrences().get(s).next(), after.get(order.get(s)));
        }
        if (fits) {
          Optional<Run> run = matcher.run(cell, output.width(), isBack);
          if (run.isPresent()) {
            return run;
          }
        }
      }
    }
    return Optional.empty();
  }

  /// All orders of so many states; cells have few.
  private static List<List<Integer>> orders(int count) {
    List<List<Integer>> orders = List.of(List.of());
    for (int each = 0; each < count; each++) {
      List<List<Integer>> longer = new ArrayList<>();
      for (List<Integer> order : orders) {
        for (int at = 0; at <= order.size(); at++) {
          List<Integer> own = new ArrayList<>(order);
          own.add(at, each);
          longer.add(own);
        }
      }
      orders = longer;
    }
    return orders;
  }

  private boolean bound(Object name, Formula formula) {
    Formula known = found.putIfAbsent(name, formula);
    return known == null || known == formula;
  }

  private boolean fits(Expr expr, Formula formula) {
    return switch (expr) {
      case Expr.Input _ -> bound(expr, formula);
      case Expr.State state -> before.get(state.name()) == formula;
      case Expr.Parameter parameter ->
          formula instanceof Numbers && bound(parameter.name(), formula);
      case Expr.Constant constant ->
          formula instanceof Numbers numbers && isAlways(numbers, constant.value());
      case Expr.Named named -> fits(named.value(), formula);
      case Expr.Mean mean -> formula instanceof Mean of && fits(mean.value(), of.of());
      case Expr.Noise _ -> false;
      case Expr.Outer _, Expr.Contraction _, Expr.HeadSum _, Expr.HeadSpread _, Expr.HeadUnits _ ->
          false;
      case Expr.Apply apply -> fits(apply, formula);
      case Expr.Affine affine -> formula instanceof Linear linear && fits(affine, linear);
    };
  }

  private static boolean isAlways(Numbers numbers, double value) {
    for (int i = 0; i < numbers.width(); i++) {
      if (Math.abs(numbers.get(i) - value) > CLOSE * Math.abs(value)) {
        return false;
      }
    }
    return true;
  }

  private boolean fits(Expr.Apply apply, Formula formula) {
    if (!(formula instanceof Applied applied)) {
      return false;
    }
    if (apply.op() == Op.ONE_MINUS && applied.op() == Op.SUBTRACT) {
      return applied.left() instanceof Numbers one
          && isAlways(one, 1)
          && fits(apply.left(), applied.right());
    }
    if (apply.op() != applied.op()) {
      return false;
    }
    if (apply.op().arity() == 1) {
      return fits(apply.left(), applied.left());
    }
    if (bothFit(apply, applied.left(), applied.right())) {
      return true;
    }
    boolean mayTurn = apply.op() == Op.ADD || apply.op() == Op.MULTIPLY;
    return mayTurn && bothFit(apply, applied.right(), applied.left());
  }

  /// Forgets what it has found if they do not.
  private boolean bothFit(Expr.Apply apply, Formula left, Formula right) {
    Map<Object, Formula> kept = new HashMap<>(found);
    boolean fit = fits(apply.left(), left) && fits(apply.right(), right);
    if (!fit) {
      found = kept;
    }
    return fit;
  }

  private boolean fits(Expr.Affine affine, Linear linear) {
    if (affine.operands().size() != linear.terms().size()) {
      return false;
    }
    Formula known = found.get(affine);
    return known == null
        ? fits(affine.operands(), new ArrayList<>(linear.terms())) && bound(affine, linear)
        : known == linear;
  }

  /// Whether each operand is that of one of the terms.
  private boolean fits(List<Expr> operands, List<Term> terms) {
    if (operands.isEmpty()) {
      return true;
    }
    // The input fits whatever is left.
    Expr first =
        operands.stream()
            .filter(each -> !(each instanceof Expr.Input))
            .findFirst()
            .orElse(operands.getFirst());
    for (Term term : terms) {
      Map<Object, Formula> kept = new HashMap<>(found);
      List<Expr> others = new ArrayList<>(operands);
      others.remove(first);
      List<Term> left = new ArrayList<>(terms);
      left.remove(term);
      if (fits(first, term.operand()) && fits(others, left)) {
        return true;
      }
      found = kept;
    }
    return false;
  }

  private Optional<Run> run(Cell cell, int width, boolean isBack) {
    Formula input = null;
    for (Map.Entry<Object, Formula> entry : found.entrySet()) {
      input = entry.getKey() instanceof Expr.Input ? entry.getValue() : input;
    }
    if (input == null) {
      return Optional.empty();
    }
    Cell sized = cell;
    int hidden = size(cell, Size.HIDDEN, width);
    for (String letter : cell.sizeLetters()) {
      sized = sized.withSize(letter, size(cell, new Size(letter), width));
    }
    Sizes sizes = sized.sizes(input.width(), hidden);
    Map<String, double[]> parameters = new HashMap<>();
    for (CellParameter parameter : sized.layout().parameters()) {
      Optional<double[]> numbers = numbers(sized.layout(), parameter, sizes);
      if (numbers.isEmpty()) {
        return Optional.empty();
      }
      parameters.put(parameter.name(), numbers.get());
    }
    String convention =
        "%s, found by its equations%s".formatted(cell.name(), isBack ? ", backward" : "");
    return Optional.of(new Run(sized, hidden, input, parameters, isBack, convention));
  }

  /// What `size` is: the width of an affine map that has it, or that of the output.
  private int size(Cell cell, Size size, int width) {
    return cell.affines().stream()
        .filter(affine -> affine.size().equals(size))
        .map(found::get)
        .filter(formula -> formula != null)
        .mapToInt(Formula::width)
        .findFirst()
        .orElse(width);
  }

  private Optional<double[]> numbers(Layout layout, CellParameter parameter, Sizes sizes) {
    int columns = parameter.role().isMatrix() ? sizes.of(parameter.columns()) : 1;
    double[] all = new double[parameter.rows(sizes) * columns];
    int at = 0;
    for (CellParameter.Block block : parameter.blocks()) {
      int rows = sizes.of(block.size());
      Optional<double[]> own =
          switch (parameter.role()) {
            case INPUT_WEIGHT, RECURRENT_WEIGHT ->
                matrix(operand(layout, parameter), block, rows, columns);
            case BIAS -> bias(block, rows);
            case VECTOR -> vector(block, rows);
          };
      if (own.isEmpty()) {
        return Optional.empty();
      }
      System.arraycopy(own.get(), 0, all, at, own.get().length);
      at += own.get().length;
    }
    return Optional.of(all);
  }

  private static Expr operand(Layout layout, CellParameter parameter) {
    return layout.operands().stream()
        .filter(operand -> operand.weight().equals(parameter.name()))
        .findFirst()
        .orElseThrow()
        .value();
  }

  private Optional<Linear> linear(CellParameter.Block block) {
    return found.entrySet().stream()
        .filter(entry ->
            entry.getKey() instanceof Expr.Affine affine && affine.name().equals(block.name()))
        .map(entry -> (Linear) entry.getValue())
        .findFirst();
  }

  private Optional<double[]> matrix(
      Expr operand, CellParameter.Block block, int rows, int columns) {
    Optional<Linear> linear = linear(block);
    if (linear.isEmpty() || linear.get().width() != rows) {
      return Optional.empty();
    }
    for (Term term : linear.get().terms()) {
      Map<Object, Formula> kept = new HashMap<>(found);
      boolean isIt = fits(operand, term.operand());
      found = kept;
      if (isIt && term.weights().rows() == columns) {
        double[] all = new double[rows * columns];
        Arrays.setAll(all, i -> term.weights().get(i % columns, i / columns));
        return Optional.of(all);
      }
    }
    return Optional.empty();
  }

  private Optional<double[]> bias(CellParameter.Block block, int rows) {
    Optional<Linear> linear = linear(block);
    if (linear.isEmpty() || linear.get().width() != rows) {
      return Optional.empty();
    }
    double[] sum = new double[rows];
    for (Numbers numbers : linear.get().biases()) {
      Arrays.setAll(sum, i -> sum[i] + numbers.get(i));
    }
    return Optional.of(sum);
  }

  private Optional<double[]> vector(CellParameter.Block block, int rows) {
    if (!(found.get(block.name()) instanceof Numbers numbers)
        || (numbers.width() != rows && numbers.width() != 1)) {
      return Optional.empty();
    }
    double[] all = new double[rows];
    Arrays.setAll(all, numbers::get);
    return Optional.of(all);
  }
}
