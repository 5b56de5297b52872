package dev.unfold.run.task;

import dev.unfold.argument.Expect;
import dev.unfold.data.source.DataException;
import dev.unfold.data.text.Text;
import dev.unfold.kernels.work.Team;
import dev.unfold.train.Evaluation;
import dev.unfold.train.dynamic.CacheEvaluation;
import dev.unfold.train.dynamic.DynamicEvaluation;
import java.util.List;
import java.util.Optional;

/// A model of texts with a neural cache, beside the same without. How much the cache counts is chosen on a text of its
/// own, or on the first half of the data, of which then the second alone is told.
public final class TextCache {
  /// Steps that are computed together.
  private static final int SEGMENT = 64;

  private final TextModel model;
  private final int size;
  private final Team team;

  /// What came.
  ///
  /// @param setting how much the cache counts
  /// @param without the cache, as [TextLearning.Pass]
  /// @param with the cache
  /// @param choosing seconds that choosing took
  /// @param isOfSecondHalf whether this is the second half of the data alone
  public record Outcome(
      CacheEvaluation.Setting setting,
      TextLearning.Pass without,
      TextLearning.Pass with,
      double choosing,
      boolean isOfSecondHalf) {}

  /// @param model whose network is not changed
  /// @param size N, steps that are remembered
  public TextCache(TextModel model, int size, Team team) {
    this.model = Expect.given("model", model);
    this.size = size;
    this.team = Expect.given("team", team);
  }

  /// Beside a network that stays as it is.
  ///
  /// @param tuning to choose on; empty for the first half of the data
  ///
  /// **Errors**: [DataException] for data too short to be halved; [IllegalArgumentException] as [CacheEvaluation].
  public Outcome run(Text data, Optional<Text> tuning) {
    List<int[]> told = model.sequences(data);
    boolean isHalved = tuning.isEmpty();
    List<int[]> chosenOn =
        isHalved ? Halves.of(model.form(), data.name(), told, 0, 2) : model.sequences(tuning.get());
    told = isHalved ? Halves.of(model.form(), data.name(), told, 1, 2) : told;
    int segment = Math.min(SEGMENT, TextLearning.longest(told));
    long start = System.nanoTime();
    Evaluation unchanged = DynamicEvaluation.unchanged(model.network(), told, segment, team);
    TextLearning.Pass without = new TextLearning.Pass(unchanged, TextLearning.seconds(start));
    CacheEvaluation cache = CacheEvaluation.of(model.network(), size, segment, team);
    return run(cache, chosenOn, told, without, isHalved);
  }

  /// Beside one that learns meanwhile, on the same texts.
  ///
  /// @param learning what came without a cache
  public Outcome run(TextLearning.Outcome learning) {
    DynamicEvaluation learner =
        new DynamicEvaluation(
            model.network(), learning.rule(), learning.learned(), learning.segment(), team);
    return run(
        CacheEvaluation.of(learner, size),
        learning.tuning(),
        learning.told(),
        learning.learning(),
        learning.isOfSecondHalf());
  }

  private static Outcome run(
      CacheEvaluation cache,
      List<int[]> tuning,
      List<int[]> told,
      TextLearning.Pass without,
      boolean isHalved) {
    long start = System.nanoTime();
    CacheEvaluation.Setting setting = cache.choose(tuning).setting();
    double choosing = TextLearning.seconds(start);
    start = System.nanoTime();
    Evaluation with = cache.evaluate(told, setting);
    return new Outcome(
        setting,
        without,
        new TextLearning.Pass(with, TextLearning.seconds(start)),
        choosing,
        isHalved);
  }
}
