package dev.unfold.model.init;

import dev.unfold.argument.Refusal;
import dev.unfold.argument.Term;
import java.util.List;
import java.util.Locale;

/// How the numbers of a parameter start in a new network.
///
/// A matrix is drawn block by block, a block for each gate: what a formula calls the rows and columns of a matrix are
/// those of a gate's block.
public sealed interface Initializer {
  /// What [#of] reads before the bound of [Uniform].
  String UNIFORM = "uniform";

  /// What [#of] reads before the deviation of [Normal].
  String NORMAL = "normal";

  /// What PyTorch does: uniform in (-1/sqrt(H), 1/sqrt(H)) for all parameters of a recurrent layer.
  record Default() implements Initializer {}

  /// All numbers are `value`.
  record Constant(double value) implements Initializer {
    /// Checks the value.
    public Constant {
      if (!Double.isFinite(value)) {
        throw new Refusal("init", "a finite number", value);
      }
    }
  }

  /// Uniform in (-bound, bound).
  record Uniform(double bound) implements Initializer {
    /// Checks the bound.
    public Uniform {
      expectSpread(bound);
    }
  }

  /// Normal with mean 0.
  record Normal(double deviation) implements Initializer {
    /// Checks the deviation.
    public Normal {
      expectSpread(deviation);
    }
  }

  private static void expectSpread(double spread) {
    if (!(spread > 0 && Double.isFinite(spread))) {
      throw new Refusal("init", "a number above 0", spread);
    }
  }

  /// Zero on average, with a variance of 2 / (rows + columns).
  ///
  /// **Source**: X. Glorot and Y. Bengio, Understanding the difficulty of training deep feedforward neural
  /// networks, AISTATS 2010.
  record Xavier(Distribution distribution) implements Initializer {}

  /// Zero on average, with a variance of 2 / columns, which suits relu.
  ///
  /// **Source**: K. He, X. Zhang, S. Ren and J. Sun, Delving deep into rectifiers, ICCV 2015.
  record He(Distribution distribution) implements Initializer {}

  /// Rows of length 1 that are orthogonal to each other, or columns if there are more rows than columns; all
  /// such matrices are equally likely.
  ///
  /// **Source**: A. Saxe, J. McClelland and S. Ganguli, Exact solutions to the nonlinear dynamics of learning
  /// in deep linear neural networks, ICLR 2014.
  record Orthogonal() implements Initializer {}

  /// 1 on the diagonal, 0 elsewhere.
  ///
  /// **Source**: Q. Le, N. Jaitly and G. Hinton, A simple way to initialize recurrent networks of rectified
  /// linear units, 2015.
  record Identity() implements Initializer {}

  /// How numbers are spread around zero.
  enum Distribution {
    /// All equally likely within a bound.
    UNIFORM,
    /// The normal distribution.
    NORMAL
  }

  /// The names that [#of] knows.
  static List<String> names() {
    return List.of(
        "default",
        UNIFORM + ":BOUND",
        NORMAL + ":DEVIATION",
        "xavier_uniform",
        "xavier_normal",
        "he_uniform",
        "he_normal",
        "orthogonal",
        "identity");
  }

  /// The initialiser that `text` names: one of [#names], or a number for a constant.
  ///
  /// **Errors**: [IllegalArgumentException] that lists the names if it is neither.
  static Initializer of(String text) {
    return switch (text) {
      case "default" -> new Default();
      case "xavier_uniform" -> new Xavier(Distribution.UNIFORM);
      case "xavier_normal" -> new Xavier(Distribution.NORMAL);
      case "he_uniform" -> new He(Distribution.UNIFORM);
      case "he_normal" -> new He(Distribution.NORMAL);
      case "orthogonal" -> new Orthogonal();
      case "identity" -> new Identity();
      default -> {
        Term term = Term.parse(text);
        double number = term.number().orElseThrow(() -> refusal(text));
        yield switch (term.word()) {
          case "" -> new Constant(number);
          case UNIFORM -> new Uniform(number);
          case NORMAL -> new Normal(number);
          default -> throw refusal(text);
        };
      }
    };
  }

  private static Refusal refusal(String text) {
    return new Refusal("init", "one of " + String.join(", ", names()) + " or a number", text);
  }

  /// What [#of] makes this from.
  default String text() {
    return switch (this) {
      case Default d -> "default";
      case Uniform uniform -> Term.of(UNIFORM, uniform.bound()).text();
      case Normal normal -> Term.of(NORMAL, normal.deviation()).text();
      case Constant constant -> Term.of("", constant.value()).text();
      case Xavier xavier -> "xavier_" + name(xavier.distribution());
      case He he -> "he_" + name(he.distribution());
      case Orthogonal o -> "orthogonal";
      case Identity i -> "identity";
    };
  }

  /// Whether it can be asked of numbers that have no rows and columns.
  default boolean suitsVectors() {
    return switch (this) {
      case Default _, Constant _, Uniform _, Normal _ -> true;
      case Xavier _, He _, Orthogonal _, Identity _ -> false;
    };
  }

  private static String name(Distribution distribution) {
    return distribution.name().toLowerCase(Locale.ROOT);
  }
}
