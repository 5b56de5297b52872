package dev.unfold.run.learn;

import dev.unfold.argument.Refusal;

/// When a copy takes the place of what is served. With d the differences of both losses over the last `window` labelled
/// steps, in blocks of segments that follow each other, the copy is better if
///
///     mean(d) > margin |mean loss of what is served|      and      mean(d) > deviations * standard error of mean(d)
///
/// and if mean(d) is above a thousandth of the loss of the model as it was given, and of a nat where losses are of
/// classes: what is foreseen perfectly can be foreseen better by a share for ever, which is of no use to anybody.
///
/// The standard error is that of the means of up to 32 blocks, so that neighbours that are alike do not count as many.
///
/// @param window W, labelled steps of both
/// @param margin by which share of the loss it must be better
/// @param deviations how many standard errors
/// @param fall by which share of the loss a copy must be worse to fall after a quarter of a window: what is served then
///     gives way to what was served before; the copy that learns begins anew from what is served, and the next time
///     may be worse for twice as long
public record ContestOptions(int window, double margin, double deviations, double fall) {
  private static final int LEAST = 8;
  private static final int MOST = 10_000_000;

  /// Checks the ranges.
  public ContestOptions {
    if (window < LEAST || window > MOST) {
      throw new Refusal("window", "%d to %d labelled steps".formatted(LEAST, MOST), window);
    }
    expect("margin", margin);
    expect("deviations", deviations);
    expect("fall", fall);
  }

  private static void expect(String name, double value) {
    if (!(value >= 0 && value < 1e6)) {
      throw new Refusal(name, "a number of 0 or more and below 1e6", value);
    }
  }

  /// 2,000 steps, better by 1 % and 3 standard errors; worse by 20 % is a fall.
  public static ContestOptions defaults() {
    return new ContestOptions(2000, 0.01, 3, 0.2);
  }
}
