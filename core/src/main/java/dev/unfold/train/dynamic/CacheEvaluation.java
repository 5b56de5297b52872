package dev.unfold.train.dynamic;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.kernels.storage.Matrix;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.sequence.Batch;
import dev.unfold.train.Evaluation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Evaluates a network that predicts tokens together with a neural cache, which remembers what followed the last N
/// outputs of the uppermost layer:
///
///     p(w) = (1 - share) p_network(w) + share p_cache(w)
///     p_cache(w) ~ sum over those i of the last N steps that w followed of exp(sharpness h(t) . h(i))
///
/// Nothing is learned: no gradient, no parameter changes. It goes with a network as it is, and with one that learns
/// meanwhile ([DynamicEvaluation]). A token counts before the cache knows what it was. The cache is kept from sequence
/// to sequence.
///
/// **Cost**: N H multiplications and N exponentials for each token and sharpness. **Memory**: N (H + 1) numbers.
///
/// **Threads**: one caller; the result is the same for any team, bit for bit.
///
/// **Source**: E. Grave, A. Joulin and N. Usunier, Improving neural language models with a continuous cache, 2017.
public final class CacheEvaluation {
  private static final List<Double> SHARPNESSES =
      List.of(0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0);
  private static final List<Double> SHARES =
      List.of(0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5);

  private final int size;
  private final int width;
  private final int segment;
  private final Segments.Source source;

  /// How much the cache counts.
  ///
  /// @param sharpness how much more outputs count that are like the one at hand; 0 for all alike
  /// @param share of the cache, from 0 to below 1
  public record Setting(double sharpness, double share) {
    /// Checks the ranges.
    public Setting {
      if (!(sharpness >= 0 && sharpness < Double.POSITIVE_INFINITY)) {
        throw new Refusal("sharpness", "a finite number of 0 or more", sharpness);
      }
      if (!(share >= 0 && share < 1)) {
        throw new Refusal("share", "0 to below 1", share);
      }
    }
  }

  /// What was chosen, and what came of it on the text that it was chosen on.
  public record Chosen(Setting setting, Evaluation evaluation) {}

  private CacheEvaluation(int size, Network network, int segment, Segments.Source source) {
    this.size = size;
    width = network.spec().outputSize();
    this.segment = segment;
    this.source = source;
    DynamicEvaluation.expectTokens(network);
    NeuralCache.expectUsable(size, width);
  }

  /// A cache of N steps beside a network that stays as it is.
  ///
  /// @param segment steps that are computed together
  ///
  /// **Errors**: [IllegalArgumentException] for N below 1 or too many, and for a network that cannot go on from a state
  ///     or reads no tokens.
  public static CacheEvaluation of(Network network, int size, int segment, Team team) {
    SegmentGradients.checkForwards(network, segment, team);
    return new CacheEvaluation(size, network, segment, Segments.unchanged(network, segment, team));
  }

  /// A cache of N steps beside a network that learns; each evaluation begins with the parameters that it had at first.
  ///
  /// **Errors**: as above.
  public static CacheEvaluation of(DynamicEvaluation learning, int size) {
    return new CacheEvaluation(
        size,
        Expect.given("learning", learning).network(),
        learning.segmentSteps(),
        learning.source());
  }

  /// Evaluates sequences of tokens with an empty cache at first: all but the first token of each count.
  public Evaluation evaluate(List<int[]> sequences, Setting setting) {
    return evaluate(sequences, List.of(Expect.given("setting", setting))).getFirst();
  }

  /// The best of a grid of settings on `sequences`, in one pass.
  public Chosen choose(List<int[]> sequences) {
    List<Setting> grid = new ArrayList<>();
    for (double sharpness : SHARPNESSES) {
      for (double share : SHARES) {
        grid.add(new Setting(sharpness, share));
      }
    }
    List<Evaluation> all = evaluate(sequences, grid);
    int best = 0;
    for (int i = 1; i < grid.size(); i++) {
      best = all.get(i).sum() < all.get(best).sum() ? i : best;
    }
    return new Chosen(grid.get(best), all.get(best));
  }

  /// @param settings those of one sharpness behind each other
  private List<Evaluation> evaluate(List<int[]> sequences, List<Setting> settings) {
    NeuralCache cache = new NeuralCache(size, width);
    double[] sums = new double[settings.size()];
    source.restart();
    Evaluation plain =
        Segments.read(
            sequences,
            segment,
            Double.MAX_VALUE,
            new Segments.Reader() {
              @Override
              public void begin() {
                source.begin();
              }

              @Override
              public double read(Batch next) {
                double sum = source.read(next);
                add(next, settings, cache, sums);
                return sum;
              }
            });
    return Arrays.stream(sums).mapToObj(sum -> new Evaluation(sum, plain.count())).toList();
  }

  private void add(Batch segment, List<Setting> settings, NeuralCache cache, double... sums) {
    Matrix outputs = source.outputs().toHost();
    double[] losses = source.losses();
    for (int t = 0; t < segment.steps(); t++) {
      int token = Segments.target(segment, t);
      double network = Math.exp(-losses[t]);
      cache.look(outputs, t);
      double sharpness = Double.NaN;
      double remembered = 0;
      for (int i = 0; i < sums.length; i++) {
        Setting setting = settings.get(i);
        if (setting.sharpness() != sharpness) {
          sharpness = setting.sharpness();
          remembered = cache.probability(token, sharpness);
        }
        // An empty cache says nothing.
        double share = cache.isEmpty() ? 0 : setting.share();
        sums[i] -= Math.log((1 - share) * network + share * remembered);
      }
      cache.add(outputs, t, token);
    }
  }
}
