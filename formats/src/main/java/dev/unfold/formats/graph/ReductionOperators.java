package dev.unfold.formats.graph;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.function.ToLongFunction;
import java.util.function.UnaryOperator;

/// Operators that make one number of many, or see many for each.
final class ReductionOperators {
  private ReductionOperators() {}

  static void addTo(Map<String, Operator> all) {
    reduction(
        all,
        "ReduceSum",
        some -> Arrays.stream(some).reduce(0, Double::sum),
        ReductionOperators::sum);
    reduction(
        all,
        "ReduceMean",
        ReductionOperators::mean,
        some -> some.length == 0 ? 0 : sum(some) / some.length);
    reduction(
        all,
        "ReduceMax",
        some -> some.length == 0 ? Double.NEGATIVE_INFINITY : max(some),
        some -> Arrays.stream(some).reduce(Long.MIN_VALUE, Math::max));
    reduction(
        all,
        "ReduceMin",
        some -> Arrays.stream(some).reduce(Double.POSITIVE_INFINITY, Math::min),
        some -> Arrays.stream(some).reduce(Long.MAX_VALUE, Math::min));
    reduction(
        all,
        "ReduceProd",
        some -> Arrays.stream(some).reduce(1, (a, b) -> a * b),
        some -> Arrays.stream(some).reduce(1, (a, b) -> a * b));
    reduction(
        all,
        "ReduceL1",
        some -> Arrays.stream(some).map(Math::abs).reduce(0, Double::sum),
        some -> Arrays.stream(some).map(Math::abs).sum());
    reduction(
        all,
        "ReduceSumSquare",
        ReductionOperators::squares,
        some -> Arrays.stream(some).map(number -> number * number).sum());
    reduction(all, "ReduceL2", some -> Math.sqrt(squares(some)));
    reduction(all, "ReduceLogSum", some -> Math.log(Arrays.stream(some).reduce(0, Double::sum)));
    reduction(all, "ReduceLogSumExp", ReductionOperators::logSumExp);
    all.put("ArgMax", Operator.of(1, 1, call -> best(call, 1)));
    all.put("ArgMin", Operator.of(1, 1, call -> best(call, -1)));
    all.put("Softmax", Operator.of(1, 1, call -> softmax(call, ReductionOperators::softmax)));
    all.put("LogSoftmax", Operator.of(1, 1, call -> softmax(call, ReductionOperators::logSoftmax)));
    all.put("LayerNormalization", new Operator(2, 3, 3, ReductionOperators::layerNormalization));
    all.put("BatchNormalization", Operator.of(5, 5, ReductionOperators::batchNormalization));
  }

  private static long sum(long... some) {
    return Arrays.stream(some).sum();
  }

  private static double max(double... some) {
    double max = some[0];
    for (double number : some) {
      max = Math.max(max, number);
    }
    return max;
  }

  private static double mean(double... some) {
    return Arrays.stream(some).reduce(0, Double::sum) / some.length;
  }

  private static double squares(double... some) {
    return Arrays.stream(some).map(number -> number * number).reduce(0, Double::sum);
  }

  private static double logSumExp(double... some) {
    if (some.length == 0) {
      return Double.NEGATIVE_INFINITY;
    }
    double max = max(some);
    return Double.isInfinite(max)
        ? max
        : max + Math.log(Arrays.stream(some).map(a -> Math.exp(a - max)).sum());
  }

  private static void reduction(
      Map<String, Operator> all, String name, ToDoubleFunction<double[]> function) {
    reduction(
        all,
        name,
        function,
        some -> (long) function.applyAsDouble(Arrays.stream(some).asDoubleStream().toArray()));
  }

  /// @param whole of whole numbers, which may have more digits than a double
  private static void reduction(
      Map<String, Operator> all,
      String name,
      ToDoubleFunction<double[]> real,
      ToLongFunction<long[]> whole) {
    all.put(name, Operator.of(1, 2, call -> reduced(call, real, whole)));
  }

  private static GraphTensor reduced(
      Call call, ToDoubleFunction<double[]> real, ToLongFunction<long[]> whole) {
    GraphTensor of = call.input(0);
    if (of.type() == NumberType.BOOL) {
      throw call.refuse("input 0", "numbers", of);
    }
    long[] axes = call.wholes(1, "axes");
    boolean isNone = axes == null || axes.length == 0;
    boolean[] gone = isNone ? new boolean[of.rank()] : call.axes(axes, of.rank());
    if (isNone) {
      // Else each number is reduced by itself.
      Arrays.fill(gone, !call.flag("noop_with_empty_axes"));
    }
    Groups groups = new Groups(call, of, gone);
    int[] shape = groups.shape(call.whole("keepdims", 1) != 0);
    if (of.type().isReal()) {
      double[] numbers = new double[groups.count()];
      Arrays.setAll(numbers, g -> real.applyAsDouble(groups.numbers(g)));
      return GraphTensor.ofReals(of.type(), shape, numbers);
    }
    long[] numbers = new long[groups.count()];
    Arrays.setAll(numbers, g -> whole.applyAsLong(groups.wholes(g)));
    return GraphTensor.ofWholes(of.type(), shape, numbers);
  }

  /// The numbers of a tensor that differ in some axes only.
  private static final class Groups {
    private final GraphTensor of;
    private final boolean[] gone;
    private final int[] first;
    private final int[] within;

    Groups(Call call, GraphTensor of, boolean... gone) {
      this.of = of;
      this.gone = gone;
      int[] own = Places.strides(of.sizes());
      int[] outer = of.sizes().clone();
      int[] inner = of.sizes().clone();
      for (int d = 0; d < gone.length; d++) {
        (gone[d] ? outer : inner)[d] = 1;
      }
      call.room(outer);
      call.room(inner);
      first = Places.of(outer, own, 0);
      within = Places.of(inner, own, 0);
    }

    int count() {
      return first.length;
    }

    double[] numbers(int group) {
      double[] numbers = new double[within.length];
      Arrays.setAll(numbers, i -> of.real(first[group] + within[i]));
      return numbers;
    }

    /// How many are in each.
    int size() {
      return within.length;
    }

    long[] wholes(int group) {
      long[] numbers = new long[within.length];
      Arrays.setAll(numbers, i -> of.whole(first[group] + within[i]));
      return numbers;
    }

    int place(int group, int i) {
      return first[group] + within[i];
    }

    /// Whether number `i` is more than number `j` (1) or less (-1); a NaN is neither.
    int compare(int group, int i, int j) {
      int a = place(group, i);
      int b = place(group, j);
      if (!of.type().isReal()) {
        return Long.compare(of.whole(a), of.whole(b));
      }
      return of.real(a) > of.real(b) ? 1 : of.real(a) < of.real(b) ? -1 : 0;
    }

    /// The shape of one number for each group.
    int[] shape(boolean keeps) {
      int[] shape = new int[gone.length];
      int rank = 0;
      for (int d = 0; d < gone.length; d++) {
        if (!gone[d] || keeps) {
          shape[rank++] = gone[d] ? 1 : of.size(d);
        }
      }
      return Arrays.copyOf(shape, rank);
    }
  }

  private static GraphTensor best(Call call, int sign) {
    GraphTensor of = call.input(0);
    boolean[] gone = new boolean[of.rank()];
    int axis = call.axis(call.whole("axis", 0), of.rank());
    gone[axis] = true;
    if (of.size(axis) == 0) {
      throw call.refuse("input 0", "a number or more along axis " + axis, of);
    }
    boolean isLast = call.flag("select_last_index");
    Groups groups = new Groups(call, of, gone);
    long[] best = new long[groups.count()];
    for (int g = 0; g < best.length; g++) {
      for (int i = 1; i < groups.size(); i++) {
        int lead = sign * groups.compare(g, i, (int) best[g]);
        if (lead > 0 || (isLast && lead == 0)) {
          best[g] = i;
        }
      }
    }
    return GraphTensor.ofWholes(
        NumberType.INT64, groups.shape(call.whole("keepdims", 1) != 0), best);
  }

  /// Older versions see all axes from one on as a single one, which `flattened` says.
  private static GraphTensor softmax(Call call, UnaryOperator<double[]> function) {
    GraphTensor of = call.real(0);
    boolean isFlattened = call.flag("flattened");
    int axis = call.axis(call.whole("axis", isFlattened ? 1 : -1), of.rank());
    boolean[] gone = new boolean[of.rank()];
    for (int d = axis; d < (isFlattened ? of.rank() : axis + 1); d++) {
      gone[d] = true;
    }
    Groups groups = new Groups(call, of, gone);
    double[] result = new double[of.count()];
    for (int g = 0; g < groups.count() && result.length > 0; g++) {
      double[] numbers = function.apply(groups.numbers(g));
      for (int i = 0; i < numbers.length; i++) {
        result[groups.place(g, i)] = numbers[i];
      }
    }
    return GraphTensor.ofReals(of.type(), of.sizes(), result);
  }

  private static double[] softmax(double... numbers) {
    double max = max(numbers);
    double[] exps = Arrays.stream(numbers).map(a -> Math.exp(a - max)).toArray();
    double sum = Arrays.stream(exps).sum();
    return Arrays.stream(exps).map(a -> a / sum).toArray();
  }

  private static double[] logSoftmax(double... numbers) {
    double sum = logSumExp(numbers);
    return Arrays.stream(numbers).map(a -> a - sum).toArray();
  }

  private static List<GraphTensor> layerNormalization(Call call) {
    GraphTensor of = call.real(0);
    int axis = call.axis(call.whole("axis", -1), of.rank());
    boolean[] gone = new boolean[of.rank()];
    Arrays.fill(gone, axis, of.rank(), true);
    int[] inner = Arrays.copyOfRange(of.sizes(), axis, of.rank());
    double[] scale = stretched(call, 1, of.type(), inner);
    double[] offset = call.has(2) ? stretched(call, 2, of.type(), inner) : new double[scale.length];
    double epsilon = call.real("epsilon", 1e-5f);
    Groups groups = new Groups(call, of, gone);
    double[] result = new double[of.count()];
    double[] means = new double[groups.count()];
    double[] inverses = new double[groups.count()];
    for (int g = 0; g < groups.count(); g++) {
      double[] numbers = groups.numbers(g);
      double mean = mean(numbers);
      double variance = mean(Arrays.stream(numbers).map(a -> (a - mean) * (a - mean)).toArray());
      means[g] = mean;
      inverses[g] = 1 / Math.sqrt(variance + epsilon);
      for (int i = 0; i < numbers.length; i++) {
        result[groups.place(g, i)] = (numbers[i] - mean) * inverses[g] * scale[i] + offset[i];
      }
    }
    int[] outer = groups.shape(true);
    return List.of(
        GraphTensor.ofReals(of.type(), of.sizes(), result),
        GraphTensor.ofReals(NumberType.FLOAT32, outer, means),
        GraphTensor.ofReals(NumberType.FLOAT32, outer, inverses));
  }

  /// An input of that type in a shape that it is stretched to.
  private static double[] stretched(Call call, int i, NumberType type, int... shape) {
    GraphTensor of = call.real(i);
    int[] common = Places.common(of.sizes(), shape);
    if (of.type() != type || common == null || !Arrays.equals(common, shape)) {
      throw call.refuse("input " + i, type + " that stretches to " + Arrays.toString(shape), of);
    }
    return of.at(Places.of(shape, Places.stretched(of.sizes(), shape.length), 0), shape).reals();
  }

  private static GraphTensor batchNormalization(Call call) {
    GraphTensor of = call.real(0);
    if (call.flag("training_mode")) {
      throw call.refuse("training_mode", "0: it is not trained here", 1);
    }
    if (of.rank() < 2) {
      throw call.refuse("input 0", "[N, C, ...]", of);
    }
    int channels = of.size(1);
    double[][] by = new double[5][];
    for (int i = 1; i < by.length; i++) {
      by[i] = call.shaped(i, of.type(), "[C]", channels).reals();
    }
    double epsilon = call.real("epsilon", 1e-5f);
    int inner = Places.product(of.sizes(), 2, of.rank());
    double[] result = call.reals(of.sizes());
    for (int i = 0; i < result.length; i++) {
      int c = i / inner % channels;
      result[i] = by[1][c] * (of.real(i) - by[3][c]) / Math.sqrt(by[4][c] + epsilon) + by[2][c];
    }
    return GraphTensor.ofReals(of.type(), of.sizes(), result);
  }
}
