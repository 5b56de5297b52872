package dev.unfold.formats.graph;

import java.util.Arrays;
import java.util.Map;
import java.util.function.DoubleBinaryOperator;
import java.util.function.DoubleUnaryOperator;
import java.util.function.LongBinaryOperator;
import java.util.function.LongUnaryOperator;

/// Operators of each number by itself, and of pairs of numbers, whose shapes are stretched to a common one.
final class PointwiseOperators {
  private PointwiseOperators() {}

  static void addTo(Map<String, Operator> all) {
    unary(all);
    activations(all);
    binary(all);
    logic(all);
    all.put("Cast", Operator.of(1, 1, PointwiseOperators::cast));
    all.put("Clip", Operator.of(1, 3, PointwiseOperators::clip));
    all.put("Where", Operator.of(3, 3, PointwiseOperators::where));
  }

  private static void unary(Map<String, Operator> all) {
    all.put("Neg", Operator.of(1, 1, call -> mapped(call, a -> -a, a -> -a)));
    all.put("Abs", Operator.of(1, 1, call -> mapped(call, Math::abs, Math::abs)));
    all.put("Sign", Operator.of(1, 1, call -> mapped(call, Math::signum, Long::signum)));
    all.put("Sqrt", real(Math::sqrt));
    all.put("Exp", real(Math::exp));
    all.put("Log", real(Math::log));
    all.put("Sin", real(Math::sin));
    all.put("Cos", real(Math::cos));
    all.put("Tan", real(Math::tan));
    all.put("Atan", real(Math::atan));
    all.put("Floor", real(Math::floor));
    all.put("Ceil", real(Math::ceil));
    all.put("Round", real(Math::rint));
    all.put("Reciprocal", real(a -> 1 / a));
    all.put("Erf", real(Functions::erf));
  }

  private static void activations(Map<String, Operator> all) {
    all.put("Sigmoid", real(Functions::sigmoid));
    all.put("Tanh", real(Math::tanh));
    all.put("Relu", Operator.of(1, 1, call -> mapped(call, Functions::relu, a -> Math.max(a, 0))));
    all.put("Softplus", real(Functions::softplus));
    all.put("Softsign", real(Functions::softsign));
    all.put("HardSwish", real(a -> a * Functions.hardSigmoid(a, 1.0 / 6, 0.5)));
    all.put(
        "HardSigmoid",
        Operator.of(
            1,
            1,
            call -> {
              double alpha = call.real("alpha", 0.2f);
              double beta = call.real("beta", 0.5);
              return mapped(call, a -> Functions.hardSigmoid(a, alpha, beta));
            }));
    all.put(
        "LeakyRelu",
        Operator.of(
            1,
            1,
            call -> {
              double alpha = call.real("alpha", 0.01f);
              return mapped(call, a -> a < 0 ? alpha * a : a);
            }));
    all.put(
        "ThresholdedRelu",
        Operator.of(
            1,
            1,
            call -> {
              double alpha = call.real("alpha", 1);
              return mapped(call, a -> a > alpha ? a : 0);
            }));
    all.put(
        "Elu",
        Operator.of(
            1,
            1,
            call -> {
              double alpha = call.real("alpha", 1);
              return mapped(call, a -> a < 0 ? alpha * Math.expm1(a) : a);
            }));
    all.put(
        "Selu",
        Operator.of(
            1,
            1,
            call -> {
              double alpha = call.real("alpha", 1.6732631921768188);
              double gamma = call.real("gamma", 1.0507010221481323);
              return mapped(call, a -> gamma * (a > 0 ? a : alpha * Math.expm1(a)));
            }));
    all.put(
        "Gelu",
        Operator.of(
            1,
            1,
            call -> {
              boolean isTanh = call.text("approximate", "none").equals("tanh");
              return mapped(call, isTanh ? Functions::geluByTanh : Functions::gelu);
            }));
  }

  private static void binary(Map<String, Operator> all) {
    all.put("Add", pair(Double::sum, Long::sum));
    all.put("Sub", pair((a, b) -> a - b, (a, b) -> a - b));
    all.put("Mul", pair((a, b) -> a * b, (a, b) -> a * b));
    all.put("Div", Operator.of(2, 2, PointwiseOperators::divided));
    all.put("Mod", Operator.of(2, 2, PointwiseOperators::remainder));
    all.put("Pow", Operator.of(2, 2, PointwiseOperators::power));
    all.put(
        "PRelu", pair((a, slope) -> a < 0 ? slope * a : a, (a, slope) -> a < 0 ? slope * a : a));
    all.put("Max", folded(Math::max, Math::max));
    all.put("Min", folded(Math::min, Math::min));
    all.put("Sum", folded(Double::sum, Long::sum));
    all.put("Mean", Operator.of(1, Operator.MANY, PointwiseOperators::mean));
  }

  private static void logic(Map<String, Operator> all) {
    all.put("Equal", comparison((a, b) -> a == b));
    all.put("Less", comparison((a, b) -> a < b));
    all.put("LessOrEqual", comparison((a, b) -> a <= b));
    all.put("Greater", comparison((a, b) -> a > b));
    all.put("GreaterOrEqual", comparison((a, b) -> a >= b));
    all.put("And", bools((a, b) -> a & b));
    all.put("Or", bools((a, b) -> a | b));
    all.put("Xor", bools((a, b) -> a ^ b));
    all.put(
        "Not",
        Operator.of(
            1,
            1,
            call -> {
              expectBool(call, 0);
              return mapped(call, null, a -> 1 - a);
            }));
  }

  private static Operator real(DoubleUnaryOperator function) {
    return Operator.of(1, 1, call -> mapped(call, function));
  }

  private static GraphTensor mapped(Call call, DoubleUnaryOperator function) {
    call.real(0);
    return mapped(call, function, null);
  }

  private static GraphTensor mapped(Call call, DoubleUnaryOperator real, LongUnaryOperator whole) {
    GraphTensor of = call.input(0);
    call.room(of.sizes());
    return of.type().isReal()
        ? GraphTensor.ofReals(
            of.type(), of.sizes(), Arrays.stream(of.ownReals()).map(real).toArray())
        : GraphTensor.ofWholes(
            of.type(), of.sizes(), Arrays.stream(of.wholes()).map(whole).toArray());
  }

  private static Operator pair(DoubleBinaryOperator real, LongBinaryOperator whole) {
    return Operator.of(2, 2, call -> combined(call, call.input(0), call.input(1), real, whole));
  }

  private static Operator folded(DoubleBinaryOperator real, LongBinaryOperator whole) {
    return Operator.of(1, Operator.MANY, call -> folded(call, real, whole));
  }

  private static GraphTensor folded(
      Call call, DoubleBinaryOperator real, LongBinaryOperator whole) {
    GraphTensor sum = call.input(0);
    for (int i = 1; i < call.inputCount(); i++) {
      sum = combined(call, sum, call.input(i), real, whole);
    }
    return sum;
  }

  private static GraphTensor mean(Call call) {
    GraphTensor sum = folded(call, Double::sum, Long::sum);
    if (!sum.type().isReal()) {
      throw call.refuse("input 0", "floating-point numbers", sum);
    }
    int count = call.inputCount();
    double[] mean = Arrays.stream(sum.ownReals()).map(number -> number / count).toArray();
    return GraphTensor.ofReals(sum.type(), sum.sizes(), mean);
  }

  private static GraphTensor combined(
      Call call,
      GraphTensor a,
      GraphTensor b,
      DoubleBinaryOperator real,
      LongBinaryOperator whole) {
    if (a.type() != b.type() || a.type() == NumberType.BOOL) {
      throw call.refuse("inputs", "numbers of one type", a + " and " + b);
    }
    int[] shape = common(call, a, b);
    int count = call.room(shape);
    Stretched left = new Stretched(a, shape);
    Stretched right = new Stretched(b, shape);
    if (a.type().isReal()) {
      double[] numbers = new double[count];
      Arrays.setAll(numbers, i -> real.applyAsDouble(left.real(i), right.real(i)));
      return GraphTensor.ofReals(a.type(), shape, numbers);
    }
    long[] numbers = new long[count];
    Arrays.setAll(numbers, i -> whole.applyAsLong(left.whole(i), right.whole(i)));
    return GraphTensor.ofWholes(a.type(), shape, numbers);
  }

  private static int[] common(Call call, GraphTensor... of) {
    int[] shape = Places.common(Arrays.stream(of).map(GraphTensor::sizes).toArray(int[][]::new));
    if (shape == null) {
      throw call.refuse("inputs", "shapes that can be stretched to one", Arrays.toString(of));
    }
    return shape;
  }

  private static GraphTensor divided(Call call) {
    expectNoZero(call);
    return combined(call, call.input(0), call.input(1), (a, b) -> a / b, (a, b) -> a / b);
  }

  private static GraphTensor remainder(Call call) {
    expectNoZero(call);
    return call.flag("fmod")
        ? combined(call, call.input(0), call.input(1), (a, b) -> a % b, (a, b) -> a % b)
        : combined(
            call,
            call.input(0),
            call.input(1),
            (a, b) -> a - Math.floor(a / b) * b,
            Math::floorMod);
  }

  private static void expectNoZero(Call call) {
    GraphTensor divisor = call.input(1);
    if (!divisor.type().isReal() && Arrays.stream(divisor.wholes()).anyMatch(b -> b == 0)) {
      throw call.refuse("input 1", "whole numbers other than 0", "0");
    }
  }

  /// The exponent may be of another type than the base.
  private static GraphTensor power(Call call) {
    GraphTensor base = call.input(0);
    GraphTensor exponent = call.input(1);
    if (base.type() == NumberType.BOOL || exponent.type() == NumberType.BOOL) {
      throw call.refuse("inputs", "numbers", base + " and " + exponent);
    }
    int[] shape = common(call, base, exponent);
    Stretched left = new Stretched(base, shape);
    Stretched right = new Stretched(exponent, shape);
    if (!base.type().isReal() && !exponent.type().isReal()) {
      long[] whole = new long[call.room(shape)];
      Arrays.setAll(whole, i -> power(left.whole(i), right.whole(i)));
      return GraphTensor.ofWholes(base.type(), shape, whole);
    }
    double[] numbers = call.reals(shape);
    Arrays.setAll(numbers, i -> Math.pow(left.real(i), right.real(i)));
    return stored(base.type(), shape, numbers);
  }

  /// A power that wraps as products do; without its fraction if the exponent is negative.
  private static long power(long base, long exponent) {
    if (exponent < 0) {
      return (long) Math.pow((double) base, (double) exponent);
    }
    long power = 1;
    long square = base;
    for (long left = exponent; left > 0; left >>= 1) {
      power *= (left & 1) == 0 ? 1 : square;
      square *= square;
    }
    return power;
  }

  /// Numbers of any type, without their fractions for whole ones.
  private static GraphTensor stored(NumberType type, int[] shape, double[] numbers) {
    return type.isReal()
        ? GraphTensor.ofReals(type, shape, numbers)
        : GraphTensor.ofWholes(
            type, shape, Arrays.stream(numbers).mapToLong(number -> (long) number).toArray());
  }

  private static Operator comparison(Stretched.Comparison comparison) {
    return Operator.of(
        2,
        2,
        call -> {
          GraphTensor a = call.input(0);
          GraphTensor b = call.input(1);
          if (a.type() != b.type()) {
            throw call.refuse("inputs", "numbers of one type", a + " and " + b);
          }
          int[] shape = common(call, a, b);
          long[] holds = new long[call.room(shape)];
          Stretched left = new Stretched(a, shape);
          Stretched right = new Stretched(b, shape);
          Arrays.setAll(holds, i -> left.compare(right, i, comparison) ? 1 : 0);
          return GraphTensor.ofWholes(NumberType.BOOL, shape, holds);
        });
  }

  private static Operator bools(LongBinaryOperator operation) {
    return Operator.of(
        2,
        2,
        call -> {
          expectBool(call, 0);
          expectBool(call, 1);
          int[] shape = common(call, call.input(0), call.input(1));
          long[] numbers = new long[call.room(shape)];
          Stretched left = new Stretched(call.input(0), shape);
          Stretched right = new Stretched(call.input(1), shape);
          Arrays.setAll(numbers, i -> operation.applyAsLong(left.whole(i), right.whole(i)));
          return GraphTensor.ofWholes(NumberType.BOOL, shape, numbers);
        });
  }

  private static void expectBool(Call call, int i) {
    if (call.input(i).type() != NumberType.BOOL) {
      throw call.refuse("input " + i, "bools", call.input(i));
    }
  }

  private static GraphTensor cast(Call call) {
    GraphTensor of = call.input(0);
    long code = call.whole("to", -1);
    NumberType type;
    try {
      type = NumberType.of(code);
    } catch (IllegalArgumentException e) {
      throw call.refuse("to", "1 (float), 6 (int32), 7 (int64), 9 (bool) or 11 (double)", code);
    }
    call.room(of.sizes());
    if (type.isReal()) {
      return GraphTensor.ofReals(type, of.sizes(), of.reals());
    }
    if (type == NumberType.BOOL) {
      long[] isTrue = Arrays.stream(of.reals()).mapToLong(number -> number == 0 ? 0 : 1).toArray();
      return GraphTensor.ofWholes(type, of.sizes(), isTrue);
    }
    return GraphTensor.ofWholes(type, of.sizes(), of.wholes());
  }

  private static GraphTensor clip(Call call) {
    double least = call.real("min", Double.NEGATIVE_INFINITY);
    double most = call.real("max", Double.POSITIVE_INFINITY);
    GraphTensor first = call.has(1) ? number(call, 1) : reals(least);
    GraphTensor last = call.has(2) ? number(call, 2) : reals(most);
    return mapped(
        call,
        a -> Math.min(Math.max(a, first.real(0)), last.real(0)),
        a -> Math.min(Math.max(a, first.whole(0)), last.whole(0)));
  }

  private static GraphTensor reals(double number) {
    return GraphTensor.ofReals(NumberType.FLOAT64, new int[0], new double[] {number});
  }

  private static GraphTensor number(Call call, int i) {
    if (call.input(i).count() != 1) {
      throw call.refuse("input " + i, "one number", call.input(i));
    }
    return call.input(i);
  }

  private static GraphTensor where(Call call) {
    expectBool(call, 0);
    GraphTensor a = call.input(1);
    GraphTensor b = call.input(2);
    if (a.type() != b.type()) {
      throw call.refuse("inputs", "numbers of one type", a + " and " + b);
    }
    int[] shape = common(call, call.input(0), a, b);
    int count = call.room(shape);
    Stretched isFirst = new Stretched(call.input(0), shape);
    Stretched first = new Stretched(a, shape);
    Stretched second = new Stretched(b, shape);
    if (a.type().isReal()) {
      double[] numbers = new double[count];
      Arrays.setAll(numbers, i -> isFirst.whole(i) != 0 ? first.real(i) : second.real(i));
      return GraphTensor.ofReals(a.type(), shape, numbers);
    }
    long[] numbers = new long[count];
    Arrays.setAll(numbers, i -> isFirst.whole(i) != 0 ? first.whole(i) : second.whole(i));
    return GraphTensor.ofWholes(a.type(), shape, numbers);
  }
}
