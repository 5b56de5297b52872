package dev.unfold.train.dynamic;

import dev.unfold.argument.Expect;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.train.Evaluation;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Chooses rate and decay of a [DynamicRule] by what they do on a text of their own.
///
/// The numbers tried are 1, 2 and 5 times the powers of ten. From where the rule is, the rate goes up as long as the
/// loss falls, or else down; then the decay; and again, until neither helps. What is worse than the best so far is
/// given up as soon as its losses add up to more: a try that fails costs little.
///
/// The best rate differs by a thousand times between the rules, and by ten times between texts; ten times the best one
/// can be worse than not to learn at all.
public final class RateSearch {
  /// What may be chosen.
  public enum Free {
    /// The rate alone.
    RATE,
    /// The decay alone.
    DECAY,
    /// Both.
    RATE_AND_DECAY
  }

  /// What was tried: rate and decay, and the mean loss with them, infinite if they were given up.
  public record Tried(double rate, double decay, double loss) {}

  /// What was chosen.
  ///
  /// @param rule the best
  /// @param tried all that was tried, in order
  public record Chosen(DynamicRule rule, List<Tried> tried) {
    /// Copies the list.
    public Chosen {
      tried = List.copyOf(tried);
    }
  }

  /// Steps that neither number goes further than.
  private static final int MOST = 15;

  private static final int[] DIGITS = {1, 2, 5};

  private final Network network;
  private final Learned learned;
  private final int segment;
  private final List<int[]> sequences;
  private final Team team;

  /// @param network what is evaluated; it is not changed
  /// @param learned which parameters change
  /// @param segment n, steps of a segment
  /// @param sequences of tokens, the text to choose on
  /// @param team the threads
  public RateSearch(
      Network network, Learned learned, int segment, List<int[]> sequences, Team team) {
    this.network = Expect.given("network", network);
    this.learned = Expect.given("learned", learned);
    this.segment = segment;
    this.sequences = Expect.given("sequences", sequences);
    this.team = Expect.given("team", team);
  }

  /// Chooses.
  ///
  /// @param start the rule, with the numbers to begin from; those that are free are rounded to 1, 2 or 5 times a power
  ///     of ten
  ///
  /// **Errors**: as [DynamicEvaluation] and its [DynamicEvaluation#evaluate].
  public Chosen choose(DynamicRule start, Free free) {
    return new Walk(Expect.given("start", start), Expect.given("free", free)).run();
  }

  /// The i-th of ..., 0.5, 1, 2, 5, 10, ...; 1 is the 0-th.
  static double number(int i) {
    return BigDecimal.valueOf(DIGITS[Math.floorMod(i, DIGITS.length)])
        .scaleByPowerOfTen(Math.floorDiv(i, DIGITS.length))
        .doubleValue();
  }

  /// The place of the number that is closest to `value`, by the ratio.
  static int place(double value) {
    int below = (int) Math.floor(Math.log10(value)) * DIGITS.length - 1;
    int best = below;
    for (int i = below; i <= below + DIGITS.length + 1; i++) {
      boolean isCloser =
          Math.abs(Math.log(number(i) / value)) < Math.abs(Math.log(number(best) / value));
      best = isCloser ? i : best;
    }
    return best;
  }

  /// One search.
  private final class Walk {
    private final DynamicRule start;
    private final Free free;
    private final List<Tried> tried = new ArrayList<>();
    private final Set<List<Integer>> known = new HashSet<>();

    /// Steps from the start: of the rate, of the decay.
    private int rate;

    private int decay;
    private double best = Double.MAX_VALUE;

    Walk(DynamicRule start, Free free) {
      this.start = start;
      this.free = free;
    }

    Chosen run() {
      boolean isUsable = improves(0, 0);
      while (!isUsable && free != Free.DECAY && rate > -MOST) {
        rate--;
        isUsable = improves(rate, 0);
      }
      boolean moved = isUsable;
      while (moved) {
        boolean byRate = free != Free.DECAY && climb(1, 0);
        boolean byDecay = free != Free.RATE && start.decay() > 0 && climb(0, 1);
        moved = free == Free.RATE_AND_DECAY && (byRate || byDecay);
      }
      return new Chosen(rule(rate, decay), tried);
    }

    /// Goes on in one direction as long as it helps, or else in the other.
    private boolean climb(int byRate, int byDecay) {
      boolean up = walk(byRate, byDecay);
      return up || walk(-byRate, -byDecay);
    }

    private boolean walk(int byRate, int byDecay) {
      boolean moved = false;
      while (improves(rate + byRate, decay + byDecay)) {
        rate += byRate;
        decay += byDecay;
        moved = true;
      }
      return moved;
    }

    private boolean improves(int rateSteps, int decaySteps) {
      boolean isNew = known.add(List.of(rateSteps, decaySteps));
      if (!isNew || Math.abs(rateSteps) > MOST || Math.abs(decaySteps) > MOST) {
        return false;
      }
      DynamicRule rule = rule(rateSteps, decaySteps);
      Evaluation evaluation =
          new DynamicEvaluation(network, rule, learned, segment, team).evaluate(sequences, best);
      boolean isBetter = evaluation.sum() < best;
      double loss = isBetter ? evaluation.mean() : Double.POSITIVE_INFINITY;
      tried.add(new Tried(rule.rate(), rule.decay(), loss));
      best = isBetter ? evaluation.sum() : best;
      return isBetter;
    }

    private DynamicRule rule(int rateSteps, int decaySteps) {
      double newRate = moved(start.rate(), rateSteps, free != Free.DECAY, 1e5);
      double newDecay = moved(start.decay(), decaySteps, free != Free.RATE, 1);
      return start.with(newRate, newDecay);
    }

    private static double moved(double from, int count, boolean isFree, double largest) {
      return isFree && from > 0 ? Math.min(largest, number(place(from) + count)) : from;
    }
  }
}
