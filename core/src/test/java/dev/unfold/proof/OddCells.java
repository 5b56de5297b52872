package dev.unfold.proof;

import static dev.unfold.cell.Expr.constant;
import static dev.unfold.cell.Expr.headMean;
import static dev.unfold.cell.Expr.headSpread;
import static dev.unfold.cell.Expr.headSum;
import static dev.unfold.cell.Expr.mean;
import static dev.unfold.cell.Expr.outer;
import static dev.unfold.cell.Expr.product;
import static dev.unfold.cell.Expr.sigmoid;
import static dev.unfold.cell.Expr.sqrt;
import static dev.unfold.cell.Expr.tanh;
import static dev.unfold.cell.Expr.transposedProduct;
import static dev.unfold.cell.Expr.unitsOfHead;

import dev.unfold.cell.Cell;
import dev.unfold.cell.Expr;
import dev.unfold.cell.Size;
import dev.unfold.cell.Start;
import dev.unfold.cell.Step;
import java.util.List;
import java.util.function.Consumer;

/// Cells that are hard to schedule, each for a reason of its own.
public final class OddCells {
  private static final Size P = Size.own("P");
  private static final Size Q = Size.own("Q");

  private OddCells() {}

  /// The cells.
  public static List<Cell> all() {
    return List.of(
        cell("affine_of_affine", OddCells::affineOfAffine),
        cell("input_value_in_loop", OddCells::inputValueInLoop),
        cell("input_value_across_stages", OddCells::inputValueAcrossStages),
        cell("carry_into_late_signal", OddCells::carryIntoLateSignal),
        cell("back_product_into_late_signal", OddCells::backProductIntoLateSignal),
        cell("late_signal_into_vector", OddCells::lateSignalIntoVector),
        cell("affine_of_next", OddCells::affineOfNext),
        cell("operands_in_disguise", OddCells::operandsInDisguise),
        cell("delay_line", OddCells::delayLine),
        cell("twins", OddCells::twins),
        cell("output_of_the_step_before", OddCells::outputOfTheStepBefore),
        cell("unread_states", OddCells::unreadStates),
        cell("no_input", OddCells::noInput),
        cell("own_sizes", OddCells::ownSizes).withSize("P", 2).withSize("Q", 5),
        cell("normalised", OddCells::normalised),
        cell("means_of_two_sizes", OddCells::meansOfTwoSizes).withSize("P", 2),
        cell("mean_of_the_input", OddCells::meanOfTheInput),
        cell("means_of_means", OddCells::meansOfMeans),
        cell("one_gate_for_all", OddCells::oneGateForAll),
        cell("number_read_twice", OddCells::numberReadTwice),
        cell("output_like_input", OddCells::outputLikeInput),
        cell("input_added_to_state", OddCells::inputAddedToState),
        cell("input_added_to_signal", OddCells::inputAddedToSignal),
        cell("input_added_to_operand", OddCells::inputAddedToOperand),
        cell("no_weights", OddCells::noWeights),
        cell("nothing_to_learn", OddCells::nothingToLearn),
        matrices("matrices_read_both_ways", OddCells::matricesReadBothWays),
        cell("products_within_a_step", OddCells::productsWithinAStep)
            .withSize("P", 6)
            .withSize("N", 2),
        matrices("sums_of_heads", OddCells::sumsOfHeads),
        matrices("matrices_in_affine_maps", OddCells::matricesInAffineMaps),
        cell("one_matrix", OddCells::oneMatrix).withSize("P", 3),
        cell("matrix_of_one_row", OddCells::oneMatrix).withSize("P", 1));
  }

  /// Heads of matrices `[2, 3]`.
  private static Cell matrices(String name, Consumer<Step> equations) {
    return cell(name, equations).withSize("P", 4).withSize("Q", 6).withSize("N", 2);
  }

  private static Cell cell(String name, Consumer<Step> equations) {
    return Cell.define(name, equations);
  }

  /// The operand of the second map is a bare product, without a bias to make it a value of its own.
  private static void affineOfAffine(Step step) {
    Expr a = step.named("a_named", step.affine("a", step.state("h")));
    step.next("h", tanh(step.affine("b", step.input(), a)));
  }

  /// A sum of input values, which no derivative needs, is read both before and in the loop.
  private static void inputValueInLoop(Step step) {
    Expr sum = step.affine("a", step.input()).plus(constant(0.5));
    Expr p = step.named("p", tanh(sum));
    step.next("h", tanh(step.affine("b", p, step.state("h")).plus(sum)));
  }

  /// Before the loop, a value waits for a second product.
  private static void inputValueAcrossStages(Step step) {
    Expr a = step.affine("a", step.input());
    Expr sum = a.plus(sigmoid(a));
    Expr b = step.affine("b", step.named("p", tanh(a)));
    Expr q = step.named("q", tanh(b.plus(sum)));
    step.next("h", tanh(step.affine("c", q, step.state("h"))));
  }

  /// The derivative of p is the sum of what later steps hand over and of a product that left the loop.
  private static void carryIntoLateSignal(Step step) {
    Expr p = tanh(step.affine("a", step.input()));
    Expr b = step.affine("b", step.named("p", p), step.state("h"));
    step.next("h", tanh(b.plus(step.state("c"))));
    step.next("c", p);
  }

  /// The derivative of p is the sum of a product in the loop and of one that left it.
  private static void backProductIntoLateSignal(Step step) {
    Expr h = step.state("h");
    Expr p = tanh(step.affine("a", step.input()));
    Expr b = step.affine("b", step.named("p", p), step.named("q", p.plus(h)));
    step.next("h", tanh(b));
  }

  /// A parameter's derivative leaves the loop.
  private static void lateSignalIntoVector(Step step) {
    Expr scale = step.parameter("p_scale");
    Expr p = step.named("p", scale.times(step.affine("a", step.input())));
    Expr q = step.named("q", step.parameter("p_alone"));
    step.next("h", tanh(step.affine("b", p, q, step.state("h"))));
  }

  /// The output is computed from the next state.
  private static void affineOfNext(Step step) {
    Expr h = step.state("h");
    Expr next = step.next("h", tanh(step.affine("a", step.input(), h)));
    step.output(sigmoid(step.affine("b", step.named("next", next))));
  }

  /// One value under several names, each with a matrix of its own.
  private static void operandsInDisguise(Step step) {
    Expr x = step.input();
    Expr h = step.state("h");
    Expr a = step.affine("a", x, step.named("y", x), h, step.named("k", h));
    step.next("h", tanh(a.plus(step.affine("b", step.named("y2", x)))));
  }

  private static void delayLine(Step step) {
    Expr h = step.state("h");
    step.next("h", tanh(step.affine("a", step.input(), h, step.state("two_before"))));
    step.next("two_before", step.state("before"));
    step.state("before");
    step.next("before", h);
  }

  /// Two states with one next value, and two affine maps whose error signals are the same.
  private static void twins(Step step) {
    Expr h = step.state("h");
    Expr a = step.affine("a", step.input(), h);
    Expr b = step.affine("b", step.input(), step.state("c"));
    Expr next = tanh(a.plus(b));
    step.next("h", next);
    step.next("c", next);
  }

  private static void outputOfTheStepBefore(Step step) {
    Expr h = step.state("h");
    step.next("h", tanh(step.affine("a", step.input(), h)));
    step.output(h);
  }

  /// One state that nothing reads, and one that is only read.
  private static void unreadStates(Step step) {
    Expr h = step.state("h");
    Expr a = step.affine("a", step.input(), h);
    step.next("h", tanh(a.plus(step.state("constant"))));
    step.next("constant", step.state("constant"));
    step.state("unread");
    step.next("unread", sigmoid(a));
  }

  private static void noInput(Step step) {
    step.next("h", tanh(step.affine("a", step.state("h"))));
  }

  /// States, maps, vectors and the output have sizes of their own, one larger than H, some without a bias.
  private static void ownSizes(Step step) {
    Size p = Size.own("P");
    Size q = Size.own("Q");
    Expr x = step.input();
    Expr h = step.state("h", p);
    Expr c = step.state("c");
    Expr net = step.affine("net", x, h).plus(step.linear("rest", c));
    Expr next = step.next("c", tanh(net.plus(c)));
    Expr wide = sigmoid(step.affine("wide", q, step.named("next", next), h));
    Expr scaled = wide.times(step.parameter("p_scale", q, Start.DRAWN));
    step.next("h", step.linear("narrow", p, step.named("scaled", scaled)));
    step.output(scaled);
  }

  /// Layer normalisation of a pre-activation and of a state.
  private static void normalised(Step step) {
    Expr h = step.state("h");
    Expr net = step.linear("a", step.input(), h);
    Expr gain = step.parameter("p_gain");
    Expr c = step.next("h", tanh(normal(net).times(gain).plus(step.parameter("p_shift"))));
    step.output(normal(c.plus(net)));
  }

  private static Expr normal(Expr x) {
    Expr centred = x.minus(mean(x));
    Expr variance = mean(centred.times(centred));
    return centred.times(constant(1).dividedBy(sqrt(variance.plus(constant(0.1)))));
  }

  /// A number of one size's units is read by those of another, both ways in one step.
  private static void meansOfTwoSizes(Step step) {
    Size p = Size.own("P");
    Expr x = step.input();
    Expr a = tanh(step.affine("a", x, step.state("h")));
    Expr b = tanh(step.affine("b", p, x, step.state("c", p)));
    Expr both = mean(a.times(a)).plus(mean(b));
    Expr c = step.next("c", b.times(both).plus(mean(a)));
    step.next("h", a.minus(both.times(mean(c))));
  }

  private static void meanOfTheInput(Step step) {
    Expr x = step.input();
    Expr level = step.named("level", mean(x.times(x)));
    Expr rest = step.named("rest", x.minus(mean(x)));
    step.next("h", tanh(step.affine("a", level, rest, step.state("h")).times(level)));
  }

  /// What is spread is summed again, with and without something that differs from unit to unit.
  private static void meansOfMeans(Step step) {
    Expr h = step.state("h");
    Expr a = step.affine("a", step.input(), h);
    Expr shifted = a.plus(mean(h));
    Expr again = mean(shifted.plus(mean(shifted))).times(mean(shifted.times(shifted)));
    step.next("h", tanh(again.plus(shifted)));
  }

  /// Affine maps, a vector and a state of a single number.
  private static void oneGateForAll(Step step) {
    Expr x = step.input();
    Expr h = step.state("h");
    Expr level = step.state("level", Size.ONE);
    Expr gate = sigmoid(step.affine("gate", Size.ONE, x, h, level));
    Expr scale = step.parameter("p_scale", Size.ONE, Start.DRAWN);
    Expr next = step.next("level", gate.times(scale).plus(level.times(constant(0.5))));
    step.next("h", h.times(gate).plus(tanh(step.affine("a", x)).times(next)));
  }

  /// A number is read by another number first, and by all units after that.
  private static void numberReadTwice(Step step) {
    Expr level = step.state("level", Size.ONE);
    Expr h = step.state("h");
    Expr gate = sigmoid(step.affine("gate", Size.ONE, step.input(), level, h));
    step.next("level", tanh(gate));
    step.next("h", h.times(gate));
    step.output(h.plus(gate));
  }

  /// A residual layer: the output has the size of the input.
  private static void outputLikeInput(Step step) {
    Expr x = step.input();
    Expr h = step.next("h", tanh(step.affine("a", x, step.state("h"))));
    step.output(x.plus(step.affine("back", Size.INPUT, step.named("next", h))));
  }

  /// The input's derivative is what the state hands on.
  private static void inputAddedToState(Step step) {
    Expr h = step.state("h", Size.INPUT);
    step.next("h", h.times(constant(0.5)).plus(step.input()));
    step.output(tanh(step.affine("a", step.named("k", h))));
  }

  /// The input's derivative is an error signal.
  private static void inputAddedToSignal(Step step) {
    Expr h = step.state("h", Size.INPUT);
    step.next("h", tanh(step.affine("a", Size.INPUT, h).plus(step.input())));
    step.output(step.affine("b", step.named("k", h)));
  }

  /// The same, and it comes from a product.
  private static void inputAddedToOperand(Step step) {
    Expr h = step.state("h");
    Expr k = step.named("k", tanh(step.input().plus(step.linear("r", Size.INPUT, h))));
    step.next("h", tanh(step.affine("a", k, h)));
  }

  private static void noWeights(Step step) {
    Expr h = step.state("h");
    step.next("h", tanh(h.times(step.parameter("p_scale")).plus(step.parameter("p_shift"))));
  }

  private static void nothingToLearn(Step step) {
    step.next("h", step.state("h").times(constant(0.5)));
  }

  /// The matrix before the step is multiplied from one side, the one after it from the other.
  private static void matricesReadBothWays(Step step) {
    Expr x = step.input();
    Expr s = step.state("s", Size.matrices(P, Q, Size.HEADS));
    Expr v = tanh(step.affine("v", P, x));
    Expr k = tanh(step.affine("k", Q, x));
    Expr old = product(s, k);
    Expr kept = s.times(constant(0.5));
    Expr next = step.next("s", kept.plus(outer(v.minus(old), k, Size.HEADS)));
    step.output(transposedProduct(next, step.named("read", old.plus(v))));
  }

  /// What a product gives is a row, a column and the operand of another, in one step.
  private static void productsWithinAStep(Step step) {
    Expr s = step.state("s", Size.matrices(P, P, Size.HEADS));
    Expr v = tanh(step.affine("v", P, step.input(), step.state("h")));
    Expr y = product(s, v).times(constant(0.25));
    Expr z = transposedProduct(s, y);
    Expr both =
        outer(y, z, Size.HEADS).plus(outer(z, y, Size.HEADS)).minus(outer(y, y, Size.HEADS));
    Expr kept = s.times(constant(0.25)).minus(outer(v, v, Size.HEADS));
    Expr next = step.next("s", tanh(both.plus(kept)).times(constant(0.5)));
    Expr again = product(next, z).plus(transposedProduct(next, v));
    step.next("h", tanh(step.affine("a", step.named("again", again))));
  }

  /// Numbers of a head from its units and from its matrix, and for both; and one number for all.
  private static void sumsOfHeads(Step step) {
    Size matrices = Size.matrices(P, Q, Size.HEADS);
    Expr x = step.input();
    Expr s = step.state("s", matrices);
    Expr v = tanh(step.affine("v", P, x));
    Expr k = tanh(step.affine("k", Q, x, step.state("h")));
    Expr length = sqrt(headSum(k.times(k), Size.HEADS).plus(constant(1)));
    Expr unit = k.dividedBy(headSpread(length, Q));
    Expr level = tanh(headMean(s.times(s), Size.HEADS).plus(headSum(v, Size.HEADS)));
    Expr kept = s.times(headSpread(sigmoid(level), matrices)).times(mean(unit));
    Expr own = step.parameter("p_own", matrices, Start.DRAWN);
    Expr next = step.next("s", tanh(kept.plus(outer(v, unit, Size.HEADS)).plus(own)));
    Expr scaled = next.times(unitsOfHead(Q, Size.HEADS, -0.5)).plus(mean(next));
    step.next("h", tanh(step.affine("a", step.named("read", product(scaled, unit)))));
    step.output(
        step.affine(
            "b", step.named("levels", level), step.named("sums", headSum(scaled, Size.HEADS))));
  }

  /// All of a matrix is an operand, and all of one is the result of a map.
  private static void matricesInAffineMaps(Step step) {
    Size matrices = Size.matrices(P, Q, Size.HEADS);
    Expr s = step.state("s", matrices);
    Expr net = step.affine("net", matrices, step.input(), step.state("h"));
    Expr next = step.next("s", tanh(net.plus(s.times(constant(0.5)))));
    Expr k = step.affine("k", Q, s);
    step.next(
        "h", tanh(step.affine("a", step.named("y", product(next, k)), step.named("z", next))));
  }

  /// A matrix that belongs to no heads, with a row for each of P and a column for each unit.
  private static void oneMatrix(Step step) {
    Expr x = step.input();
    Expr s = step.state("s", Size.matrices(P, Size.HIDDEN, Size.ONE));
    Expr k = step.affine("k", x);
    Expr v = tanh(step.affine("v", P, x));
    Expr gate = sigmoid(step.affine("gate", Size.ONE, x));
    Expr next = step.next("s", s.times(gate).plus(outer(v, k, Size.ONE)));
    Expr y = step.named("y", tanh(product(next, k)));
    step.output(transposedProduct(next, y).times(headSum(y.plus(v), Size.ONE)));
  }
}
