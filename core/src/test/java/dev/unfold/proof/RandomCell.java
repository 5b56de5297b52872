package dev.unfold.proof;

import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.cell.Size;
import dev.unfold.cell.Start;
import dev.unfold.cell.Step;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Random;
import java.util.Set;

/// Draws a cell that nobody would write: every operation, named operands that are states, parameters,
/// affine maps or values of the input alone, affine maps of next values, states that only repeat
/// another's value, states that nothing reads, subexpressions used in several places, means over units and what
/// is made from them, states and maps of a size of their own, matrices of several heads.
///
/// Every value has an [Interval], so that quotients, logarithms and roots stay where they are smooth, and
/// the argument of every relu keeps a distance from the kink.
public final class RandomCell {
  /// Weights and biases are drawn within this radius.
  static final double WEIGHTS = 0.4;

  /// Own parameter vectors are drawn with a magnitude from here...
  static final double VECTORS_FROM = 0.5;

  /// ... to here, of either sign.
  static final double VECTORS_TO = 1.0;

  /// Inputs and states stay within this radius.
  static final double VALUES = 2.0;

  /// The most columns of a matrix that the bounds hold for.
  static final int WIDTH = 3;

  /// The same for a cell with heads.
  static final int WIDTH_OF_HEADS = 4;

  private static final Size P = Size.own("P");

  /// The numbers of the matrices' heads: each of N heads has `ROWS` rows and `COLUMNS` columns.
  private static final Size R = Size.own("R");

  private static final Size C = Size.own("C");
  private static final Size MATRICES = Size.matrices(R, C, Size.HEADS);
  private static final int ROWS = 2;
  private static final int COLUMNS = 3;

  private final Random random;
  private final Step step;
  private final IdentityHashMap<Expr, Interval> bounds = new IdentityHashMap<>();

  /// Whether recurrent matrices are from H units to H, so that they may have heads.
  private final boolean hasHeads;

  /// Values of the input alone, size I.
  private final List<Expr> inputs = new ArrayList<>();

  /// Values of size H.
  private final List<Expr> values = new ArrayList<>();

  /// Those of them that no state has a part in.
  private final List<Expr> early = new ArrayList<>();

  /// Values of size P.
  private final List<Expr> others = new ArrayList<>();

  /// Matrices, and vectors of their sizes.
  private final List<Expr> matrices = new ArrayList<>();

  private final List<Expr> rows = new ArrayList<>();
  private final List<Expr> columns = new ArrayList<>();

  /// Values of one number a head.
  private final List<Expr> heads = new ArrayList<>();

  /// Values of a single number.
  private final List<Expr> numbers = new ArrayList<>();

  private final List<Expr> operands = new ArrayList<>();
  private final List<Expr> earlyOperands = new ArrayList<>();
  private final List<Expr> mustBeUsed = new ArrayList<>();
  private int names;

  private RandomCell(Step step, long seed, boolean hasHeads) {
    this.step = step;
    this.hasHeads = hasHeads;
    random = new Random(seed);
  }

  /// The cell that belongs to `seed`.
  public static Cell draw(long seed) {
    Cell cell = Cell.define("random_" + seed, step -> new RandomCell(step, seed, false).write());
    return sized(cell, 1 + (int) Math.floorMod(seed, (long) WIDTH));
  }

  private static Cell sized(Cell cell, int width) {
    Cell sized = cell;
    for (String letter : cell.sizeLetters()) {
      sized =
          sized.withSize(
              letter,
              switch (letter) {
                case "P", "N" -> width;
                case "R" -> ROWS * width;
                default -> COLUMNS * width;
              });
    }
    return sized;
  }

  /// A cell of two heads, or of one if it draws no recurrent matrix.
  public static Cell drawWithHeads(long seed) {
    Cell cell = Cell.define("headed_" + seed, step -> new RandomCell(step, seed, true).write());
    boolean isRecurrent =
        cell.layout().operands().stream().anyMatch(operand -> operand.dependsOnState());
    return sized(cell, 3).withHeads(isRecurrent ? 2 : 1);
  }

  private void write() {
    List<String> states = List.of("h", "c", "s").subList(0, 1 + random.nextInt(3));
    // Recurrent matrices of heads are drawn beside vectors alone.
    boolean hasMatrices = !hasHeads && random.nextInt(3) == 0;
    inputs.add(known(step.input(), Interval.around(VALUES)));
    operands.add(step.input());
    earlyOperands.add(step.input());
    for (String state : states) {
      boolean other = state.equals("s") && random.nextBoolean();
      Expr value = known(step.state(state, other ? P : Size.HIDDEN), Interval.around(VALUES));
      poolOf(value).add(value);
      operands.add(value);
    }
    if (hasMatrices) {
      matrices.add(known(step.state("m", MATRICES), Interval.around(VALUES)));
      states = new ArrayList<>(states);
      states.add("m");
      affine(operands, R);
      affine(operands, C);
      affine(operands, Size.HEADS);
    }
    int count = 4 + random.nextInt(14);
    for (int i = 0; i < count; i++) {
      grow();
      if (hasMatrices) {
        growMatrices();
      }
    }
    setNext(states);
  }

  private List<Expr> poolOf(Expr value) {
    Size size = value.size();
    if (size.isOfMatrices()) {
      return matrices;
    }
    if (size.equals(R) || size.equals(C)) {
      return size.equals(R) ? rows : columns;
    }
    if (size.equals(Size.HEADS)) {
      return heads;
    }
    return size.equals(Size.HIDDEN) ? values : size.equals(P) ? others : numbers;
  }

  private void grow() {
    switch (random.nextInt(18)) {
      case 0, 1, 2 -> affine(operands, Size.HIDDEN);
      case 3 -> early.add(affine(earlyOperands, Size.HIDDEN));
      case 4 -> early.add(parameter(Size.HIDDEN));
      case 13 -> affine(operands, random.nextBoolean() ? P : Size.ONE);
      case 14 -> parameter(random.nextBoolean() ? P : Size.ONE);
      case 15 -> numbers.add(mean(oneOf(random.nextInt(4) == 0 ? inputs : values)));
      case 16 -> growNumbers();
      case 17 -> growOthers();
      case 5 -> name(inputs, true);
      case 6, 7 -> name(early, true);
      case 8 -> name(values, false);
      case 9 -> inputs.add(tame(combine(inputs)));
      case 10 -> combineEarly();
      default -> values.add(tame(combine(values)));
    }
  }

  private void growMatrices() {
    Expr v = oneOf(rows);
    Expr k = oneOf(columns);
    Expr s = oneOf(matrices);
    switch (random.nextInt(12)) {
      case 0, 1 -> add(Expr.outer(v, k, Size.HEADS), bounds.get(v).times(bounds.get(k)));
      case 2, 3 -> add(Expr.product(s, k), bounds.get(s).times(bounds.get(k)).times(COLUMNS));
      case 4 -> add(Expr.transposedProduct(s, v), bounds.get(s).times(bounds.get(v)).times(ROWS));
      case 5 -> add(Expr.headSum(v, Size.HEADS), bounds.get(v).times(ROWS));
      case 6 -> add(Expr.headMean(s, Size.HEADS), bounds.get(s));
      case 7 -> add(Expr.headSpread(oneOf(heads), MATRICES), null);
      case 8 -> add(Expr.headSpread(oneOf(heads), random.nextBoolean() ? R : C), null);
      case 9 -> {
        List<Expr> from = List.of(rows, columns, heads).get(random.nextInt(3));
        from.add(tame(combine(from)));
        name(from, false);
      }
      case 10 -> numbers.add(tame(mean(s)));
      default -> matrices.add(tame(combine(matrices)));
    }
  }

  /// @param bound of the value; null for that of what is spread
  private void add(Expr value, Interval bound) {
    Interval own = bound != null ? bound : bounds.get(((Expr.HeadSpread) value).value());
    poolOf(value).add(tame(known(value, own)));
  }

  private void growNumbers() {
    if (!numbers.isEmpty()) {
      numbers.add(tame(combine(numbers)));
      name(numbers, false);
    }
  }

  private void growOthers() {
    if (!others.isEmpty()) {
      others.add(tame(combine(others)));
      numbers.add(mean(oneOf(others)));
      name(others, false);
    }
  }

  private void combineEarly() {
    if (!early.isEmpty()) {
      Expr value = tame(combine(early));
      early.add(value);
      values.add(value);
    }
  }

  /// A large value would only saturate what comes after it.
  private Expr tame(Expr value) {
    double magnitude = bounds.get(value).magnitude();
    return magnitude < 5 ? value : times(value, constant(2 / magnitude));
  }

  private Expr affine(List<Expr> from, Size size) {
    Set<Expr> chosen = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Expr> distinct = new ArrayList<>();
    Interval sum = Interval.of(0);
    int count = 1 + random.nextInt(3);
    for (int i = 0; i < count; i++) {
      Expr operand = oneOf(from);
      if (hasHeads && isRecurrent(operand)) {
        size = Size.HIDDEN;
        if (!operand.size().equals(Size.HIDDEN)) {
          continue;
        }
      }
      if (chosen.add(operand)) {
        distinct.add(operand);
        int width = hasHeads ? WIDTH_OF_HEADS : WIDTH;
        double products = width * WEIGHTS * bounds.get(operand).magnitude();
        sum = sum.plus(Interval.around(products + WEIGHTS));
      }
    }
    if (distinct.isEmpty()) {
      Expr input = step.input();
      distinct.add(input);
      sum = Interval.around(WIDTH_OF_HEADS * WEIGHTS * bounds.get(input).magnitude() + WEIGHTS);
    }
    Expr[] all = distinct.toArray(Expr[]::new);
    String name = newName("a");
    boolean offset = random.nextInt(4) > 0;
    Expr affine = known(offset ? step.affine(name, size, all) : step.linear(name, size, all), sum);
    mustBeUsed.add(affine);
    poolOf(affine).add(affine);
    return affine;
  }

  private static boolean isRecurrent(Expr operand) {
    Set<Expr> madeFrom = Collections.newSetFromMap(new IdentityHashMap<>());
    collect(operand, madeFrom);
    return madeFrom.stream().anyMatch(Expr.State.class::isInstance);
  }

  private Expr parameter(Size size) {
    Expr parameter =
        known(step.parameter(newName("p"), size, Start.DRAWN), Interval.around(VECTORS_TO));
    mustBeUsed.add(parameter);
    poolOf(parameter).add(parameter);
    return parameter;
  }

  private void name(List<Expr> pool, boolean isEarly) {
    if (pool.isEmpty()) {
      return;
    }
    Expr value = oneOf(pool);
    Expr named = known(step.named(newName("n"), value), bounds.get(value));
    operands.add(named);
    if (isEarly) {
      earlyOperands.add(named);
    }
    pool.add(named);
  }

  private Expr combine(List<Expr> from) {
    Expr left = oneOf(from);
    Expr right = oneOf(!numbers.isEmpty() && random.nextInt(4) == 0 ? numbers : from);
    return switch (random.nextInt(16)) {
      case 0 -> plus(left, right);
      case 1 -> minus(left, right);
      case 2 -> times(left, right);
      case 3 -> divide(left, right);
      case 4 -> known(left.negate(), bounds.get(left).negate());
      case 5 -> known(Expr.sigmoid(left), new Interval(0, 1));
      case 6 -> known(Expr.tanh(left), Interval.around(1));
      case 7 -> relu(left);
      case 8 -> exp(left);
      case 9 -> log(left);
      case 10 -> softplus(left);
      case 11 -> sqrt(left);
      case 12 -> oneMinus(left);
      case 13 -> plus(constant(), left);
      case 14 -> random.nextBoolean() ? minus(left, constant()) : minus(constant(), left);
      default -> random.nextBoolean() ? times(left, constant()) : divide(constant(), left);
    };
  }

  private Expr mean(Expr value) {
    return known(Expr.mean(value), bounds.get(value));
  }

  private Expr plus(Expr left, Expr right) {
    return known(left.plus(right), bounds.get(left).plus(bounds.get(right)));
  }

  private Expr minus(Expr left, Expr right) {
    return known(left.minus(right), bounds.get(left).minus(bounds.get(right)));
  }

  private Expr times(Expr left, Expr right) {
    return known(left.times(right), bounds.get(left).times(bounds.get(right)));
  }

  private Expr divide(Expr left, Expr right) {
    Expr divisor = bounds.get(right).isAwayFromZero(0.3) ? right : positive(right);
    Interval quotient = bounds.get(left).times(bounds.get(divisor).inverse());
    return known(left.dividedBy(divisor), quotient);
  }

  private Expr oneMinus(Expr value) {
    return known(Expr.oneMinus(value), Interval.of(1).minus(bounds.get(value)));
  }

  private Expr exp(Expr value) {
    Expr small =
        bounds.get(value).high() < 1.5 ? value : known(Expr.tanh(value), Interval.around(1));
    return known(Expr.exp(small), bounds.get(small).map(Math::exp));
  }

  private Expr log(Expr value) {
    Expr argument = bounds.get(value).low() > 0.3 ? value : positive(value);
    return known(Expr.log(argument), bounds.get(argument).map(Math::log));
  }

  private Expr sqrt(Expr value) {
    Expr argument = bounds.get(value).low() > 0.3 ? value : positive(value);
    return known(Expr.sqrt(argument), bounds.get(argument).map(Math::sqrt));
  }

  private Expr softplus(Expr value) {
    return known(Expr.softplus(value), bounds.get(value).map(x -> Math.log1p(Math.exp(x))));
  }

  private Expr positive(Expr value) {
    return plus(softplus(value), constant(0.4 + random.nextInt(4) / 4.0));
  }

  /// A relu whose units are open or closed for good: the sign of a parameter of magnitude 0.5 or more
  /// decides, since what is added to it is smaller by 0.2. Of the input alone, where no parameter fits, a
  /// constant does.
  private Expr relu(Expr value) {
    double magnitude = bounds.get(value).magnitude();
    Expr small = magnitude < 0.3 ? value : times(value, constant(0.3 / magnitude));
    boolean hidden = value.size().equals(Size.HIDDEN);
    Expr shift = hidden ? parameter(Size.HIDDEN) : constant(random.nextInt(4) == 0 ? -0.5 : 0.5);
    Expr shifted = plus(small, shift);
    return known(Expr.relu(shifted), new Interval(0, bounds.get(shifted).high()));
  }

  private Expr constant() {
    return constant((random.nextBoolean() ? 1 : -1) * (1 + random.nextInt(6)) / 4.0);
  }

  private Expr constant(double value) {
    return known(Expr.constant(value), Interval.of(value));
  }

  /// Sets next values and output, so that everything that must be used is.
  private void setNext(List<String> states) {
    List<Expr> nexts = new ArrayList<>();
    for (String state : states) {
      List<Expr> pool = poolOf(step.state(state));
      List<Expr> again =
          nexts.stream().filter(next -> next.size().equals(step.state(state).size())).toList();
      nexts.add(bounded(oneOf(!again.isEmpty() && random.nextInt(5) == 0 ? again : pool)));
    }
    Expr output = random.nextBoolean() ? null : oneOf(oneOfPools(nexts));
    for (Expr expr : mustBeUsed) {
      Set<Expr> used = Collections.newSetFromMap(new IdentityHashMap<>());
      nexts.forEach(next -> collect(next, used));
      if (output != null) {
        collect(output, used);
      }
      if (!used.contains(expr)) {
        int s = random.nextInt(nexts.size());
        boolean fits = expr.size().equals(Size.ONE) || expr.size().equals(nexts.get(s).size());
        nexts.set(s, bounded(plus(nexts.get(s), fits ? expr : mean(expr))));
      }
    }
    for (int s = 0; s < states.size(); s++) {
      step.next(states.get(s), nexts.get(s));
    }
    if (output != null) {
      step.output(bounded(output));
    }
  }

  private List<Expr> oneOfPools(List<Expr> nexts) {
    return switch (random.nextInt(8)) {
      case 0, 1 -> nexts;
      case 2 -> others.isEmpty() ? values : others;
      case 3 -> numbers.isEmpty() ? values : numbers;
      case 4 -> inputs;
      default -> values;
    };
  }

  /// `value` itself if a state may have it.
  private Expr bounded(Expr value) {
    if (bounds.get(value).magnitude() <= VALUES) {
      return value;
    }
    return known(Expr.tanh(value), Interval.around(1));
  }

  private static void collect(Expr expr, Set<Expr> seen) {
    if (!seen.add(expr)) {
      return;
    }
    switch (expr) {
      case Expr.Apply apply -> {
        collect(apply.left(), seen);
        collect(apply.right(), seen);
      }
      case Expr.Mean mean -> collect(mean.value(), seen);
      case Expr.Outer outer -> {
        collect(outer.rows(), seen);
        collect(outer.columns(), seen);
      }
      case Expr.Contraction product -> {
        collect(product.matrices(), seen);
        collect(product.vector(), seen);
      }
      case Expr.HeadSum sum -> collect(sum.value(), seen);
      case Expr.HeadSpread spread -> collect(spread.value(), seen);
      case Expr.Named named -> collect(named.value(), seen);
      case Expr.Affine affine -> affine.operands().forEach(operand -> collect(operand, seen));
      default -> {}
    }
  }

  private Expr oneOf(List<Expr> from) {
    // Late ones more often than early ones: deep expressions, not wide ones.
    int a = random.nextInt(from.size());
    int b = random.nextInt(from.size());
    return from.get(random.nextInt(3) == 0 ? Math.min(a, b) : Math.max(a, b));
  }

  private String newName(String prefix) {
    names++;
    return prefix + names;
  }

  private Expr known(Expr expr, Interval interval) {
    bounds.put(expr, interval);
    return expr;
  }
}
