package dev.unfold.train.update;

import dev.unfold.argument.Clause;
import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.Pointwise;
import dev.unfold.kernels.Pointwise.Op;
import dev.unfold.kernels.Pointwise.Slot;
import java.util.List;
import java.util.Locale;

/// How parameters p are changed by their gradients g. The formulas and the defaults are PyTorch's; lr is the learning
/// rate of the update.
///
/// Weight decay is not among them: it is decoupled for all, `p = p - lr decay p` before the update
/// ([UpdateRule#decay]).
public sealed interface OptimizerSpec {
  /// Stochastic gradient descent with momentum:
  ///
  ///     b = momentum b + (1 - dampening) g        p = p - lr b        with Nesterov: p = p - lr (g + momentum b)
  ///
  /// where the first update has b = g.
  ///
  /// @param momentum from 0 to below 1
  /// @param dampening from 0 to below 1; 0 for Nesterov's momentum
  /// @param form plain or Nesterov's
  record Sgd(double momentum, double dampening, Momentum form) implements OptimizerSpec {
    /// The two forms of momentum.
    public enum Momentum {
      /// The step is the average.
      PLAIN,
      /// The step looks ahead.
      NESTEROV
    }

    /// Checks the numbers.
    public Sgd {
      expect("momentum", momentum, 0, 1);
      expect("dampening", dampening, 0, 1);
      if (dampening > 0 && Expect.given("form", form) == Momentum.NESTEROV) {
        throw new Refusal("optimizer", "a dampening of 0 for Nesterov's momentum", dampening);
      }
    }

    /// Without dampening.
    public Sgd(double momentum, Momentum form) {
      this(momentum, 0, form);
    }

    private boolean isDampened() {
      return momentum > 0 && dampening > 0;
    }

    @Override
    public int slots() {
      return momentum == 0 ? 0 : 1;
    }

    @Override
    public double[] scalars(double rate, long update) {
      return isDampened()
          ? new double[] {rate, update == 1 ? 1 : 1 - dampening}
          : new double[] {rate};
    }

    @Override
    public void program(Pointwise.Builder b, Slot p, Slot g, List<Slot> slots) {
      Slot rate = b.scalar();
      Slot step = g;
      if (momentum > 0) {
        Slot average = slots.getFirst();
        b.emit(Op.MULTIPLY, average, average, b.constant(momentum));
        Slot fresh = isDampened() ? b.compute(Op.MULTIPLY, g, b.scalar()) : g;
        b.emit(Op.ADD, average, average, fresh);
        step =
            form == Momentum.PLAIN
                ? average
                : b.compute(Op.ADD, g, b.compute(Op.MULTIPLY, average, b.constant(momentum)));
      }
      b.emit(Op.SUBTRACT, p, p, b.compute(Op.MULTIPLY, step, rate));
    }

    @Override
    public double defaultRate() {
      return 1;
    }

    @Override
    public String text() {
      Clause plain = Clause.of("sgd");
      if (momentum == 0) {
        return plain.text();
      }
      Clause damped = plain.with("momentum", momentum).withUnusual("dampening", dampening, 0);
      return (form == Momentum.NESTEROV ? damped.with("nesterov", 1) : damped).text();
    }
  }

  /// Adagrad: `v = v + g^2        p = p - lr g / (sqrt(v) + eps)`.
  ///
  /// **Source**: J. Duchi, E. Hazan and Y. Singer, JMLR 12, 2011.
  record Adagrad(double epsilon) implements OptimizerSpec {
    /// eps = 1e-10
    public Adagrad() {
      this(1e-10);
    }

    /// Checks the number.
    public Adagrad {
      expect("eps", epsilon, 0, 1);
    }

    @Override
    public int slots() {
      return 1;
    }

    @Override
    public void program(Pointwise.Builder b, Slot p, Slot g, List<Slot> slots) {
      Slot rate = b.scalar();
      Slot v = slots.getFirst();
      b.emit(Op.ADD, v, v, b.compute(Op.MULTIPLY, g, g));
      stepByRoot(b, p, b.compute(Op.MULTIPLY, g, rate), v, epsilon);
    }

    @Override
    public double defaultRate() {
      return 0.01;
    }

    @Override
    public String text() {
      return Clause.of("adagrad").withUnusual("eps", epsilon, 1e-10).text();
    }
  }

  /// RMSProp: `v = alpha v + (1 - alpha) g^2        p = p - lr g / (sqrt(v) + eps)`.
  ///
  /// **Source**: T. Tieleman and G. Hinton, Lecture 6.5, Coursera 2012.
  record RmsProp(double alpha, double epsilon) implements OptimizerSpec {
    /// alpha = 0.99, eps = 1e-8
    public RmsProp() {
      this(0.99, 1e-8);
    }

    /// Checks the numbers.
    public RmsProp {
      expect("alpha", alpha, 0, 1);
      expect("eps", epsilon, 0, 1);
    }

    @Override
    public int slots() {
      return 1;
    }

    @Override
    public void program(Pointwise.Builder b, Slot p, Slot g, List<Slot> slots) {
      Slot rate = b.scalar();
      Slot v = slots.getFirst();
      b.emit(Op.MULTIPLY, v, v, b.constant(alpha));
      Slot square = b.compute(Op.MULTIPLY, g, g);
      b.emit(Op.ADD, v, v, b.compute(Op.MULTIPLY, square, b.constant(1 - alpha)));
      stepByRoot(b, p, b.compute(Op.MULTIPLY, g, rate), v, epsilon);
    }

    @Override
    public double defaultRate() {
      return 0.001;
    }

    @Override
    public String text() {
      return Clause.of("rmsprop")
          .withUnusual("alpha", alpha, 0.99)
          .withUnusual("eps", epsilon, 1e-8)
          .text();
    }
  }

  /// Adam: steps of a size that adapts to each parameter's gradients.
  ///
  ///     m = b1 m + (1 - b1) g                 v = b2 v + (1 - b2) g^2
  ///     p = p - lr / (1 - b1^n) m / (sqrt(v / (1 - b2^n)) + eps)
  ///
  /// at the n-th update. With decay it is AdamW.
  ///
  /// **Source**: D. Kingma and J. Ba, Adam: a method for stochastic optimization, ICLR 2015; I. Loshchilov and F.
  /// Hutter, Decoupled weight decay regularization, ICLR 2019.
  record Adam(double beta1, double beta2, double epsilon) implements OptimizerSpec {
    /// b1 = 0.9, b2 = 0.999, eps = 1e-8
    public Adam() {
      this(0.9, 0.999, 1e-8);
    }

    /// Checks the numbers.
    public Adam {
      expect("beta1", beta1, 0, 1);
      expect("beta2", beta2, 0, 1);
      expect("eps", epsilon, 0, 1);
    }

    @Override
    public int slots() {
      return 2;
    }

    @Override
    public void program(Pointwise.Builder b, Slot p, Slot g, List<Slot> slots) {
      Slot stepSize = b.scalar();
      Slot rootCorrection = b.scalar();
      Slot m = slots.getFirst();
      Slot v = slots.getLast();
      Slot fresh = b.compute(Op.MULTIPLY, g, b.constant(1 - beta1));
      b.emit(Op.MULTIPLY, m, m, b.constant(beta1));
      b.emit(Op.ADD, m, m, fresh);
      Slot square = b.compute(Op.MULTIPLY, g, g);
      Slot freshSquare = b.compute(Op.MULTIPLY, square, b.constant(1 - beta2));
      b.emit(Op.MULTIPLY, v, v, b.constant(beta2));
      b.emit(Op.ADD, v, v, freshSquare);
      Slot root = b.compute(Op.DIVIDE, b.compute(Op.SQRT, v), rootCorrection);
      Slot divisor = b.compute(Op.ADD, root, b.constant(epsilon));
      Slot step = b.compute(Op.DIVIDE, b.compute(Op.MULTIPLY, m, stepSize), divisor);
      b.emit(Op.SUBTRACT, p, p, step);
    }

    @Override
    public double[] scalars(double rate, long update) {
      return new double[] {
        rate / (1 - StrictMath.pow(beta1, (double) update)),
        Math.sqrt(1 - StrictMath.pow(beta2, (double) update))
      };
    }

    @Override
    public double defaultRate() {
      return 0.002;
    }

    @Override
    public String text() {
      return Clause.of("adam")
          .withUnusual("beta1", beta1, 0.9)
          .withUnusual("beta2", beta2, 0.999)
          .withUnusual("eps", epsilon, 1e-8)
          .text();
    }
  }

  /// How many numbers it keeps for each parameter.
  int slots();

  /// Whether it divides by the root of squares that it keeps.
  default boolean keepsSquares() {
    return !(this instanceof Sgd);
  }

  /// The same with an epsilon of at least `least`: with none, what has no gradient would be 0 / 0, and one whose
  /// square is too small to be kept would be divided by nothing.
  default OptimizerSpec withLeastEpsilon(double least) {
    return switch (this) {
      case Sgd sgd -> sgd;
      case Adagrad own -> new Adagrad(Math.max(own.epsilon(), least));
      case RmsProp own -> new RmsProp(own.alpha(), Math.max(own.epsilon(), least));
      case Adam own -> new Adam(own.beta1(), own.beta2(), Math.max(own.epsilon(), least));
    };
  }

  /// Writes down the update of one number.
  ///
  /// @param g the gradient as it counts; may be changed
  void program(Pointwise.Builder b, Slot p, Slot g, List<Slot> slots);

  /// What the program's own scalars are at the `update`-th update, from 1: the learning rate alone, unless it says
  /// otherwise.
  default double[] scalars(double rate, long update) {
    return new double[] {rate};
  }

  /// The learning rate if none is given.
  double defaultRate();

  /// What [#parse] reads.
  String text();

  /// Reads a name and numbers by name, as `sgd,momentum=0.9,nesterov=1`, `sgd,momentum=0.9,dampening=0.1`, `adagrad`,
  /// `rmsprop,alpha=0.95`, `adam,beta1=0.8`.
  ///
  /// **Errors**: [IllegalArgumentException] for anything else.
  static OptimizerSpec parse(String text) {
    Clause read = Clause.headed("optimizer", text);
    return switch (read.head().toLowerCase(Locale.ROOT)) {
      case "sgd" -> {
        read.only("momentum", "dampening", "nesterov");
        double momentum = read.number("momentum", 0);
        double nesterov = read.number("nesterov", 0);
        if (nesterov != 0 && (nesterov != 1 || momentum == 0)) {
          throw Refusal.within(
              "optimizer",
              "sgd",
              "nesterov of 0, or of 1 beside a momentum above 0",
              "%s and %s".formatted(nesterov, momentum));
        }
        yield new Sgd(
            momentum,
            read.number("dampening", 0),
            nesterov == 0 ? Sgd.Momentum.PLAIN : Sgd.Momentum.NESTEROV);
      }
      case "adagrad" -> new Adagrad(read.only("eps").number("eps", 1e-10));
      case "rmsprop" -> {
        read.only("alpha", "eps");
        yield new RmsProp(read.number("alpha", 0.99), read.number("eps", 1e-8));
      }
      case "adam" -> {
        read.only("beta1", "beta2", "eps");
        yield new Adam(
            read.number("beta1", 0.9), read.number("beta2", 0.999), read.number("eps", 1e-8));
      }
      default -> throw new Refusal("optimizer", "sgd, adagrad, rmsprop or adam", read.head());
    };
  }

  /// `p = p - step / (sqrt(v) + eps)`
  private static void stepByRoot(Pointwise.Builder b, Slot p, Slot step, Slot v, double epsilon) {
    Slot divisor = b.compute(Op.ADD, b.compute(Op.SQRT, v), b.constant(epsilon));
    b.emit(Op.SUBTRACT, p, p, b.compute(Op.DIVIDE, step, divisor));
  }

  private static void expect(String name, double number, double least, double below) {
    if (!(number >= least && number < below)) {
      throw new Refusal(
          "optimizer", "a %s of %s or more and below %s".formatted(name, least, below), number);
    }
  }
}
