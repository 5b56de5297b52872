package dev.unfold.run.series;

import dev.unfold.argument.Decimal;
import dev.unfold.argument.Refusal;
import dev.unfold.head.Distribution;
import dev.unfold.head.Head;
import dev.unfold.head.LearnedStudentT;
import dev.unfold.head.Quantiles;
import dev.unfold.head.ValueLoss;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.DoubleUnaryOperator;

/// What a network says of a value to come.
///
/// @param loss of the head
/// @param levels of the quantiles that forecasts are told by, rising, 0.5 among them
public record Output(ValueLoss loss, List<Double> levels) {
  /// The levels unless others are asked for: those of 95 % and of 80 % intervals, and tenths.
  public static final List<Double> LEVELS =
      List.of(0.025, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.975);

  private static final int SHARES = 100;

  private static final String QUANTILES = "quantiles";

  /// Copies the levels.
  public Output {
    levels = List.copyOf(levels);
  }

  /// Quantiles at [#LEVELS].
  public static Output quantiles() {
    return new Output(new Quantiles(LEVELS), LEVELS);
  }

  /// That of a head of values.
  ///
  /// **Errors**: [Refusal] for another head.
  static Output of(Head head) {
    ValueLoss loss =
        head.valueLoss().orElseThrow(() -> new Refusal("network", "a head of values", head.text()));
    if (loss instanceof Quantiles quantiles) {
      return new Output(loss, quantiles.levels());
    }
    boolean isPoint = loss instanceof ValueLoss.AbsoluteError;
    return new Output(loss, isPoint ? List.of(0.5) : LEVELS);
  }

  /// Whether the numbers are counts, which are not scaled.
  boolean isOfCounts() {
    return loss.isOfCounts();
  }

  /// Whether numbers as far above the median as others are below it are as likely.
  boolean isSymmetric() {
    return loss instanceof ValueLoss.Gaussian || loss instanceof LearnedStudentT;
  }

  /// The head of a network that says it.
  public Head head() {
    return new Head.Values(1, loss);
  }

  /// The quantiles, and at last the mean, that the outputs for a value say, on the network's scale.
  double[] say(double... own) {
    double[] all = new double[levels.size() + 1];
    Optional<Distribution> said = loss.distribution(own);
    for (int q = 0; q < levels.size(); q++) {
      double level = levels.get(q);
      all[q] = said.map(each -> each.quantile(level)).orElse(own[0]);
    }
    all[levels.size()] = said.map(Distribution::mean).orElse(own[0]);
    return all;
  }

  /// The mean of what `back` makes of values that are distributed as the outputs say: of their quantiles in the middles
  /// of [#SHARES] equal shares. Where nothing is said but a point, what it makes of that.
  double mean(DoubleUnaryOperator back, double... own) {
    Optional<Distribution> said = loss.distribution(own);
    if (said.isEmpty()) {
      return back.applyAsDouble(own[0]);
    }
    double sum = 0;
    for (int i = 0; i < SHARES; i++) {
      sum += back.applyAsDouble(said.get().quantile((i + 0.5) / SHARES));
    }
    return sum / SHARES;
  }

  /// As people write it.
  public String text() {
    return switch (loss) {
      case Quantiles _ ->
          QUANTILES + ":" + String.join(",", levels.stream().map(Object::toString).toList());
      case ValueLoss.Gaussian _ -> "normal";
      case ValueLoss.AbsoluteError _ -> "point";
      default -> loss.isOfCounts() ? "negbin" : "student";
    };
  }

  /// The one that `text` says: `student`, `normal`, `negbin`, `quantiles`, `quantiles:0.1,0.5,0.9` or `point`.
  ///
  /// **Errors**: [Refusal] if it says none, or quantiles without 0.5.
  public static Output parse(String text) {
    return switch (text) {
      case "student" -> new Output(new LearnedStudentT(), LEVELS);
      case "normal" -> new Output(new ValueLoss.Gaussian(), LEVELS);
      case "negbin" -> new Output(new dev.unfold.head.LearnedNegativeBinomial(), LEVELS);
      case "point" -> new Output(new ValueLoss.AbsoluteError(), List.of(0.5));
      case QUANTILES -> quantiles();
      default -> {
        if (!text.startsWith(QUANTILES + ":")) {
          throw refusal(text);
        }
        List<Double> levels = new ArrayList<>();
        for (String each : text.substring(QUANTILES.length() + 1).split(",", -1)) {
          levels.add(Decimal.parse(each).orElseThrow(() -> refusal(text)));
        }
        if (Arrays.binarySearch(levels.stream().mapToDouble(each -> each).toArray(), 0.5) < 0) {
          throw new Refusal("output", "0.5 among rising quantiles", text);
        }
        yield new Output(new Quantiles(levels), levels);
      }
    };
  }

  private static Refusal refusal(String text) {
    return new Refusal(
        "output", "student, normal, negbin, quantiles, quantiles:0.1,0.5,0.9 or point", text);
  }
}
