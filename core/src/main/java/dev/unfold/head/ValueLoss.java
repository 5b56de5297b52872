package dev.unfold.head;

import dev.unfold.argument.Decimal;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// How far a network's output is from N numbers z: y is the output itself, not a softmax. The errors are averaged over
/// the N numbers of a step, the negative logarithms of likelihoods are summed over them.
///
/// A number that is NaN is missing: it adds nothing to the sums below, and its outputs have a slope of 0. What that is
/// in an average over steps, [Targets#amounts] says. Losses and slopes are right wherever they can be represented,
/// however far apart outputs and numbers are.
///
/// A loss with P outputs for each z has K = P N outputs: first one for each number, then the next for each.
///
/// The negative logarithms of likelihoods, and quantiles, say how each number is distributed: [#distribution].
public sealed interface ValueLoss permits PointwiseLoss, LearnedStudentT, LearnedNegativeBinomial {
  /// In the place of a parameter that is an output.
  String LEARNED = "learned";

  /// `1/N sum_n (y_n - z_n)^2`
  record SquaredError() implements PointwiseLoss {
    @Override
    public Terms terms(Pointwise.Builder b, List<Slot> y, Slot z) {
      Slot d = b.compute(Op.SUBTRACT, y.getFirst(), z);
      return new Terms(
          b.compute(Op.MULTIPLY, d, d), List.of(b.compute(Op.MULTIPLY, d, b.constant(2))));
    }
  }

  /// `1/N sum_n |y_n - z_n|`
  record AbsoluteError() implements PointwiseLoss {
    @Override
    public Terms terms(Pointwise.Builder b, List<Slot> y, Slot z) {
      Slot d = b.compute(Op.SUBTRACT, y.getFirst(), z);
      Slot opposite = b.compute(Op.NEGATE, d);
      Slot error = b.compute(Op.ADD, b.compute(Op.RELU, d), b.compute(Op.RELU, opposite));
      Slot sign = b.compute(Op.SUBTRACT, b.compute(Op.STEP, d), b.compute(Op.STEP, opposite));
      return new Terms(error, List.of(sign));
    }
  }

  /// Huber's loss: `1/N sum_n` of `d^2 / 2` where `|d| <= delta`, and `delta (|d| - delta / 2)` beyond, with d = y_n -
  /// z_n.
  ///
  /// @param delta above 0
  ///
  /// **Source**: P. J. Huber, Robust estimation of a location parameter, 1964.
  record Huber(double delta) implements PointwiseLoss {
    /// Checks the number.
    public Huber {
      if (!(delta > 0 && delta < Double.POSITIVE_INFINITY)) {
        throw new Refusal("delta", "a number above 0", delta);
      }
    }

    @Override
    public Terms terms(Pointwise.Builder b, List<Slot> y, Slot z) {
      Slot d = b.compute(Op.SUBTRACT, y.getFirst(), z);
      Slot slope = b.clamp(d, delta);
      Slot half = b.compute(Op.MULTIPLY, slope, b.constant(0.5));
      return new Terms(
          b.compute(Op.MULTIPLY, slope, b.compute(Op.SUBTRACT, d, half)), List.of(slope));
    }
  }

  /// The quantile (pinball) loss: `1/N sum_n max(q (z_n - y_n), (q - 1) (z_n - y_n))`, least where y is the q-quantile
  /// of z.
  ///
  /// @param quantile q, above 0 and below 1
  ///
  /// **Source**: R. Koenker and G. Bassett, Regression quantiles, 1978.
  record Quantile(double quantile) implements PointwiseLoss {
    /// Checks the number.
    public Quantile {
      if (!(quantile > 0 && quantile < 1)) {
        throw new Refusal("quantile", "a number above 0 and below 1", quantile);
      }
    }

    @Override
    public Terms terms(Pointwise.Builder b, List<Slot> y, Slot z) {
      Slot above = b.compute(Op.SUBTRACT, z, y.getFirst());
      Slot below = b.compute(Op.NEGATE, above);
      Slot q = b.constant(quantile);
      Slot rest = b.constant(1 - quantile);
      Slot error =
          b.compute(
              Op.ADD,
              b.compute(Op.MULTIPLY, b.compute(Op.RELU, above), q),
              b.compute(Op.MULTIPLY, b.compute(Op.RELU, below), rest));
      Slot slope =
          b.compute(
              Op.SUBTRACT,
              b.compute(Op.MULTIPLY, b.compute(Op.STEP, below), rest),
              b.compute(Op.MULTIPLY, b.compute(Op.STEP, above), q));
      return new Terms(error, List.of(slope));
    }
  }

  /// Sigmoid cross-entropy: N yes-or-no questions, o_n = 1 / (1 + exp(-y_n)) the probability of yes, z_n from 0 to 1:
  /// `-sum_n (z_n ln o_n + (1 - z_n) ln (1 - o_n))`.
  record SigmoidCrossEntropy() implements PointwiseLoss {
    /// What speaks for yes and what for no, apart: the difference of their sum and y would cancel where the answer is
    /// nearly sure.
    @Override
    public Terms terms(Pointwise.Builder b, List<Slot> outputs, Slot z) {
      Slot y = outputs.getFirst();
      return ofSides(b, y, b.compute(Op.ONE_MINUS, z), z, b.constant(1));
    }
  }

  /// A normal distribution of each number, with mean m_n and variance exp(s_n): `-sum_n ln p(z_n)`. The outputs are the
  /// m, then the s.
  record Gaussian() implements PointwiseLoss {
    @Override
    public Terms terms(Pointwise.Builder b, List<Slot> y, Slot z) {
      Slot d = b.compute(Op.SUBTRACT, y.getFirst(), z);
      Slot s = y.getLast();
      Slot precision = b.compute(Op.EXP, b.compute(Op.NEGATE, s));
      Slot scaled = b.compute(Op.MULTIPLY, d, precision);
      Slot square = b.compute(Op.MULTIPLY, scaled, d);
      Slot half = b.constant(0.5);
      Slot error =
          b.compute(
              Op.ADD,
              b.compute(Op.MULTIPLY, b.compute(Op.ADD, square, s), half),
              b.constant(0.5 * Math.log(2 * Math.PI)));
      Slot ofScale = b.compute(Op.SUBTRACT, half, b.compute(Op.MULTIPLY, square, half));
      return new Terms(error, List.of(scaled, ofScale));
    }
  }

  /// Student's t distribution of each number, with location m_n and scale exp(s_n): `-sum_n ln p(z_n)`, which outliers
  /// move less than the normal one. The outputs are the m, then the s.
  ///
  /// @param degrees of freedom, above 0
  record StudentT(double degrees) implements PointwiseLoss {
    /// Checks the number.
    public StudentT {
      if (!(degrees > 0 && degrees < Double.POSITIVE_INFINITY)) {
        throw new Refusal("degrees", "a number above 0", degrees);
      }
    }

    @Override
    public Terms terms(Pointwise.Builder b, List<Slot> y, Slot z) {
      Slot s = y.getLast();
      Slot inverse = b.compute(Op.EXP, b.compute(Op.NEGATE, s));
      Slot d = b.compute(Op.MULTIPLY, b.compute(Op.SUBTRACT, y.getFirst(), z), inverse);
      Slot square = b.compute(Op.MULTIPLY, d, d);
      Slot share = b.compute(Op.MULTIPLY, square, b.constant(1 / degrees));
      Slot grown = b.compute(Op.ADD, share, b.constant(1));
      Slot error =
          b.compute(
              Op.ADD,
              b.compute(Op.MULTIPLY, b.compute(Op.LOG, grown), b.constant((degrees + 1) / 2)),
              b.compute(Op.ADD, s, b.constant(constant())));
      Slot weight = b.compute(Op.DIVIDE, b.constant((degrees + 1) / degrees), grown);
      Slot ofLocation = b.compute(Op.MULTIPLY, b.compute(Op.MULTIPLY, weight, d), inverse);
      Slot ofScale = b.compute(Op.SUBTRACT, b.constant(1), b.compute(Op.MULTIPLY, weight, square));
      return new Terms(error, List.of(ofLocation, ofScale));
    }

    /// The loss of z = m where s is 0: `ln(sqrt(n pi) Gamma(n / 2) / Gamma((n + 1) / 2))`.
    double constant() {
      return 0.5 * Math.log(degrees * Math.PI) - Gamma.logOfRatio(degrees / 2, 0.5);
    }
  }

  /// The negative binomial distribution of counts z_n = 0, 1, 2, ..., with mean exp(m_n) and a variance of mean +
  /// mean^2 / r: `-sum_n ln p(z_n)`. The outputs are the m.
  ///
  /// @param shape r, above 0; the larger, the closer to a Poisson distribution
  record NegativeBinomial(double shape) implements PointwiseLoss {
    /// Checks the number.
    public NegativeBinomial {
      if (!(shape > 0 && shape < Double.POSITIVE_INFINITY)) {
        throw new Refusal("shape", "a number above 0", shape);
      }
    }

    /// With u = m - ln r: `r ln(1 + exp(u)) + z ln(1 + exp(-u))`, and what does not depend on m.
    @Override
    public Terms terms(Pointwise.Builder b, List<Slot> y, Slot z) {
      Slot u = b.compute(Op.SUBTRACT, y.getFirst(), b.constant(Math.log(shape)));
      Slot r = b.constant(shape);
      return ofSides(b, u, r, z, b.compute(Op.ADD, z, r));
    }

    /// `ln(Gamma(r) z! / Gamma(z + r))`: nothing for z = 0, and else with the ratio of the two that are nearest to
    /// each other.
    @Override
    public double constant(double z) {
      if (z == 0) {
        return 0;
      }
      return shape >= z + 1
          ? Gamma.log(z + 1) - Gamma.logOfRatio(shape, z)
          : Gamma.log(shape) - Gamma.logOfRatio(z + 1, shape - 1);
    }
  }

  /// `upper ln(1 + exp(y)) + lower ln(1 + exp(-y))` and its derivative, with y turned round where lower is the larger:
  ///
  ///     (upper + lower) ln(1 + exp(y)) - lower y        (upper + lower) / (1 + exp(-y)) - lower
  ///
  /// which cancels no more than the two sides do, as lower is at most half of the sum.
  ///
  /// @param both upper + lower
  private static PointwiseLoss.Terms ofSides(
      Pointwise.Builder b, Slot y, Slot upper, Slot lower, Slot both) {
    Slot turns = b.compute(Op.STEP, b.compute(Op.SUBTRACT, lower, upper));
    Slot stays = b.compute(Op.ONE_MINUS, turns);
    Slot sign = b.compute(Op.SUBTRACT, stays, turns);
    Slot less = sum(b, turns, upper, stays, lower);
    Slot turned = b.compute(Op.MULTIPLY, y, sign);
    Slot logarithm = b.compute(Op.MULTIPLY, both, b.compute(Op.SOFTPLUS, turned));
    Slot error = b.compute(Op.SUBTRACT, logarithm, b.compute(Op.MULTIPLY, less, turned));
    Slot share = b.compute(Op.MULTIPLY, both, b.compute(Op.SIGMOID, turned));
    Slot slope = b.compute(Op.SUBTRACT, share, less);
    return new PointwiseLoss.Terms(error, List.of(b.compute(Op.MULTIPLY, slope, sign)));
  }

  /// a x + c y
  private static Slot sum(Pointwise.Builder b, Slot a, Slot x, Slot c, Slot y) {
    return b.compute(Op.ADD, b.compute(Op.MULTIPLY, a, x), b.compute(Op.MULTIPLY, c, y));
  }

  /// Whether the numbers are counts.
  default boolean isOfCounts() {
    return this instanceof NegativeBinomial || this instanceof LearnedNegativeBinomial;
  }

  /// Whether a number can be compared: counts are 0 or more, all others any finite number.
  default boolean takes(double z) {
    return Double.isFinite(z) && (z >= 0 || !isOfCounts());
  }

  /// How many outputs there are for each number: P.
  default int outputsPerNumber() {
    return switch (this) {
      case SquaredError _, AbsoluteError _, Huber _, Quantile _ -> 1;
      case SigmoidCrossEntropy _, NegativeBinomial _ -> 1;
      case Gaussian _, StudentT _, LearnedNegativeBinomial _ -> 2;
      case LearnedStudentT _ -> 3;
      case Quantiles quantiles -> quantiles.levels().size();
    };
  }

  /// Whether it is the negative logarithm of a probability, summed over the numbers, and not an average.
  default boolean isLikelihood() {
    return switch (this) {
      case SquaredError _, AbsoluteError _, Huber _, Quantile _, Quantiles _ -> false;
      case SigmoidCrossEntropy _, Gaussian _, StudentT _, NegativeBinomial _ -> true;
      case LearnedStudentT _, LearnedNegativeBinomial _ -> true;
    };
  }

  /// What it is counted in.
  default String unit() {
    return switch (this) {
      case SquaredError _ -> "squared error";
      case AbsoluteError _ -> "absolute error";
      case Huber _ -> "Huber loss";
      case Quantile _, Quantiles _ -> "quantile loss";
      case SigmoidCrossEntropy _, Gaussian _, StudentT _, NegativeBinomial _ -> "nats";
      case LearnedStudentT _, LearnedNegativeBinomial _ -> "nats";
    };
  }

  /// Which of the P outputs for a number [#value] is of.
  default int valueOutput() {
    return this instanceof Quantiles quantiles ? quantiles.middle() : 0;
  }

  /// What an output says of its number: the output itself, a probability of yes, a location, a mean, the quantile in
  /// the middle.
  ///
  /// @param output that of [#valueOutput]
  default double value(double output) {
    return switch (this) {
      case SigmoidCrossEntropy _ -> 1 / (1 + Math.exp(-output));
      case NegativeBinomial _, LearnedNegativeBinomial _ -> Math.exp(output);
      case SquaredError _, AbsoluteError _, Huber _, Quantile _, Quantiles _ -> output;
      case Gaussian _, StudentT _, LearnedStudentT _ -> output;
    };
  }

  /// How a number is distributed, as its outputs say; empty if the loss knows a single value alone, or an answer of yes
  /// or no.
  ///
  /// @param own the P outputs for the number
  default Optional<Distribution> distribution(double... own) {
    if (own.length != outputsPerNumber()) {
      throw new Refusal(
          "own", "the %d outputs of %s".formatted(outputsPerNumber(), text()), own.length);
    }
    return switch (this) {
      case SquaredError _, AbsoluteError _, Huber _, Quantile _, SigmoidCrossEntropy _ ->
          Optional.empty();
      case Gaussian _ -> Optional.of(new NormalDistribution(own[0], own[1]));
      case StudentT student ->
          Optional.of(new StudentTDistribution(own[0], own[1], student.degrees));
      case LearnedStudentT _ ->
          Optional.of(new StudentTDistribution(own[0], own[1], LearnedStudentT.degrees(own[2])));
      case NegativeBinomial counts ->
          Optional.of(new NegativeBinomialDistribution(own[0], Math.log(counts.shape)));
      case LearnedNegativeBinomial _ ->
          Optional.of(new NegativeBinomialDistribution(own[0], own[1]));
      case Quantiles quantiles -> quantiles.spread(own);
    };
  }

  /// Its name, and its number if it has one: `squared_error`, `huber,delta=1.0`, `student_t,degrees=learned`,
  /// `quantiles,levels=0.1:0.5:0.9`.
  default String text() {
    return switch (this) {
      case SquaredError _ -> "squared_error";
      case AbsoluteError _ -> "absolute_error";
      case Huber huber -> "huber,delta=" + huber.delta;
      case Quantile quantile -> "quantile,quantile=" + quantile.quantile;
      case SigmoidCrossEntropy _ -> "sigmoid_cross_entropy";
      case Gaussian _ -> "gaussian";
      case StudentT student -> "student_t,degrees=" + student.degrees;
      case NegativeBinomial counts -> "negative_binomial,shape=" + counts.shape;
      case LearnedStudentT _ -> "student_t,degrees=" + LEARNED;
      case LearnedNegativeBinomial _ -> "negative_binomial,shape=" + LEARNED;
      case Quantiles quantiles -> "quantiles,levels=" + quantiles.levelsText();
    };
  }

  /// The loss that `text` says, as [#text] writes it.
  ///
  /// **Errors**: [IllegalArgumentException] if it says none.
  static ValueLoss parse(String text) {
    int equals = text.indexOf('=');
    String name = equals < 0 ? text : text.substring(0, equals + 1);
    String parameter = text.substring(name.length());
    return switch (name) {
      case "squared_error" -> new SquaredError();
      case "absolute_error" -> new AbsoluteError();
      case "huber,delta=" -> new Huber(number(text, parameter));
      case "quantile,quantile=" -> new Quantile(number(text, parameter));
      case "quantiles,levels=" ->
          new Quantiles(
              Arrays.stream(parameter.split(":", -1)).map(each -> number(text, each)).toList());
      case "sigmoid_cross_entropy" -> new SigmoidCrossEntropy();
      case "gaussian" -> new Gaussian();
      case "student_t,degrees=" ->
          parameter.equals(LEARNED) ? new LearnedStudentT() : new StudentT(number(text, parameter));
      case "negative_binomial,shape=" ->
          parameter.equals(LEARNED)
              ? new LearnedNegativeBinomial()
              : new NegativeBinomial(number(text, parameter));
      default -> throw refusal(text);
    };
  }

  private static double number(String text, String parameter) {
    return Decimal.parse(parameter).orElseThrow(() -> refusal(text));
  }

  private static Refusal refusal(String text) {
    return new Refusal(
        "loss",
        "squared_error, absolute_error, huber,delta=D, quantile,quantile=Q, quantiles,levels=Q:Q:Q,"
            + " sigmoid_cross_entropy, gaussian, student_t,degrees=N or =learned, or"
            + " negative_binomial,shape=R or =learned",
        text);
  }
}
