package dev.unfold.run.task;

import dev.unfold.argument.Expect;
import dev.unfold.data.source.DataException;
import dev.unfold.data.text.Text;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.train.Evaluation;
import dev.unfold.train.dynamic.DynamicEvaluation;
import dev.unfold.train.dynamic.DynamicRule;
import dev.unfold.train.dynamic.GradientScale;
import dev.unfold.train.dynamic.Learned;
import dev.unfold.train.dynamic.RateSearch;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// A model of texts that learns while it is evaluated, beside the same that does not.
///
/// What has to be chosen is chosen on a text of its own, or on the first half of the data, of which then the second
/// alone is told: nothing is told of a text that anything was chosen on.
public final class TextLearning {
  private static final double SGD_RATE = 0.02;
  private static final double RMS_RATE = 1e-4;
  private static final double RMS_DECAY = 1e-3;

  private final TextModel model;
  private final Options options;
  private final Team team;

  /// A rule without its numbers.
  public enum Rule {
    /// One step size for all parameters.
    SGD,
    /// Step sizes by how large gradients are.
    RMS
  }

  /// How it learns.
  ///
  /// @param rule how parameters change
  /// @param rate empty to choose it
  /// @param decay empty to choose it, for [Rule#SGD] for none
  /// @param learned which parameters change
  /// @param segment steps of a segment, at most
  /// @param isRemembering whether a cache is chosen on the text to choose on, too
  public record Options(
      Rule rule,
      OptionalDouble rate,
      OptionalDouble decay,
      Learned learned,
      int segment,
      boolean isRemembering) {
    /// Checks what can be checked here.
    public Options {
      Expect.given("rule", rule);
      Expect.given("rate", rate);
      Expect.given("decay", decay);
      Expect.given("learned", learned);
      Expect.positive("segment", "T", segment);
    }

    private Optional<RateSearch.Free> free() {
      boolean hasDecay = decay.isPresent() || rule == Rule.SGD;
      if (rate.isPresent()) {
        return hasDecay ? Optional.empty() : Optional.of(RateSearch.Free.DECAY);
      }
      return Optional.of(hasDecay ? RateSearch.Free.RATE : RateSearch.Free.RATE_AND_DECAY);
    }
  }

  /// What was read.
  ///
  /// @param data what is told of
  /// @param tuning to choose on; empty for the first half of the data, if there is anything to choose
  /// @param training whose gradients say how large they are; empty for the first half of the text to choose on, of
  ///     which then the second half alone chooses
  public record Texts(Text data, Optional<Text> tuning, Optional<Text> training) {
    /// Checks that they are there.
    public Texts {
      Expect.given("data", data);
      Expect.given("tuning", tuning);
      Expect.given("training", training);
    }
  }

  /// A pass over the text.
  ///
  /// @param evaluation what came
  /// @param seconds it took
  public record Pass(Evaluation evaluation, double seconds) {}

  /// What came.
  ///
  /// @param rule with its numbers
  /// @param unchanged without learning
  /// @param learning with learning, on the same text in the same segments
  /// @param tried what was tried to choose the numbers; empty if all were given
  /// @param choosing seconds that it took, with measuring the gradients
  /// @param isOfSecondHalf whether this is the second half of the data alone
  /// @param learned which parameters changed
  /// @param segment steps of a segment
  /// @param told the sequences that are told of
  /// @param tuning those that were chosen on; none if nothing was
  public record Outcome(
      DynamicRule rule,
      Pass unchanged,
      Pass learning,
      List<RateSearch.Tried> tried,
      double choosing,
      boolean isOfSecondHalf,
      Learned learned,
      int segment,
      List<int[]> told,
      List<int[]> tuning) {
    /// Copies the lists.
    public Outcome {
      tried = List.copyOf(tried);
      told = List.copyOf(told);
      tuning = List.copyOf(tuning);
    }
  }

  /// @param model whose network is not changed
  public TextLearning(TextModel model, Options options, Team team) {
    this.model = Expect.given("model", model);
    this.options = Expect.given("options", options);
    this.team = Expect.given("team", team);
  }

  /// Whether there is something to be found on another text than the one that is told of.
  ///
  /// @param hasTraining whether there is a training text
  public static boolean needsTuning(Options options, boolean hasTraining) {
    return options.isRemembering()
        || options.free().isPresent()
        || (options.rule() == Rule.RMS && !hasTraining);
  }

  /// Chooses, and evaluates without and with learning.
  ///
  /// **Errors**: [DataException] for data too short to be halved; [IllegalArgumentException] as [DynamicEvaluation].
  public Outcome run(Texts texts) {
    List<int[]> told = model.sequences(texts.data());
    List<int[]> tuning = List.of();
    boolean isHalved = false;
    if (needsTuning(options, texts.training().isPresent())) {
      isHalved = texts.tuning().isEmpty();
      String name = texts.data().name();
      int parts = isMeasuredOnHalf(texts) ? 4 : 2;
      tuning = isHalved ? half(name, told, 0, parts) : model.sequences(texts.tuning().get());
      told = isHalved ? half(name, told, 1, parts) : told;
    }
    Network network = model.network();
    List<int[]> training = texts.training().map(model::sequences).orElse(tuning);
    if (isMeasuredOnHalf(texts)) {
      // A new word has no gradients to be measured, and takes the largest steps. Rates chosen on
      // the
      // text that gradients are measured on, which has no new words, would be too large elsewhere.
      String name = texts.tuning().orElse(texts.data()).name();
      training = half(name, tuning, 0, 2);
      tuning = half(name, tuning, 1, 2);
    }
    int longest = Math.max(longest(told), Math.max(longest(tuning), longest(training)));
    int segment = Math.min(options.segment(), longest);
    long start = System.nanoTime();
    RateSearch.Chosen chosen = choose(network, segment, tuning, training);
    double choosing = seconds(start);
    start = System.nanoTime();
    Evaluation without = DynamicEvaluation.unchanged(network, told, segment, team);
    Pass unchanged = new Pass(without, seconds(start));
    start = System.nanoTime();
    Evaluation with =
        new DynamicEvaluation(network, chosen.rule(), options.learned(), segment, team)
            .evaluate(told);
    Pass learning = new Pass(with, seconds(start));
    return new Outcome(
        chosen.rule(),
        unchanged,
        learning,
        chosen.tried(),
        choosing,
        isHalved,
        options.learned(),
        segment,
        told,
        tuning);
  }

  /// Whether half of the text to choose on is for measuring gradients.
  private boolean isMeasuredOnHalf(Texts texts) {
    return options.rule() == Rule.RMS && texts.training().isEmpty() && options.free().isPresent();
  }

  private RateSearch.Chosen choose(
      Network network, int segment, List<int[]> tuning, List<int[]> training) {
    double rate = options.rate().orElse(options.rule() == Rule.SGD ? SGD_RATE : RMS_RATE);
    double decay = options.decay().orElse(options.rule() == Rule.SGD ? 0 : RMS_DECAY);
    DynamicRule rule =
        switch (options.rule()) {
          case SGD -> new DynamicRule.Sgd(rate, decay);
          case RMS ->
              new DynamicRule.Rms(rate, decay, GradientScale.of(network, training, segment, team));
        };
    return options
        .free()
        .map(free ->
            new RateSearch(network, options.learned(), segment, tuning, team).choose(rule, free))
        .orElse(new RateSearch.Chosen(rule, List.of()));
  }

  private List<int[]> half(String name, List<int[]> all, int which, int parts) {
    return Halves.of(model.form(), name, all, which, parts);
  }

  static int longest(List<int[]> sequences) {
    return sequences.stream().mapToInt(tokens -> tokens.length - 1).max().orElse(1);
  }

  static double seconds(long start) {
    return (System.nanoTime() - start) / 1e9;
  }
}
