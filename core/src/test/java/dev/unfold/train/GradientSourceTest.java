package dev.unfold.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.unfold.kernels.Precision;
import dev.unfold.kernels.storage.Buffer;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import dev.unfold.proof.Numbers;
import dev.unfold.train.data.TextData;
import dev.unfold.train.update.UpdateRule;
import java.util.Arrays;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/// Where gradients come from: here, of one batch or several, or from a source around that.
final class GradientSourceTest {
  private final int[] text = TinyText.tokens(200, 1);
  private final TrainingOptions options =
      TrainingOptions.defaults().withSteps(9).withBatch(4).withBudget(new Budget.Epochs(2));
  private final Network network = TinyText.network("gru", Precision.DOUBLE);
  private final TextData data = new TextData(text, 9, 4);

  private GradientSource source(int accumulation) {
    TrainingOptions how = options.withRule(options.rule().withAccumulation(accumulation));
    return GradientSource.of(network, how, data, 1, Team.of(1));
  }

  private static double[] numbers(Parameters parameters) {
    return parameters.buffer().toArray();
  }

  private static double[] firstOf(State state) {
    return state.layers().getFirst().getFirst().buffer().toArray();
  }

  @Test
  void gradient_ofSeveralBatches_isTheSumOfThem() {
    GradientSource one = source(1);
    Parameters first = network.parameters().zeros();
    Parameters second = network.parameters().zeros();
    GradientSource.Losses a = one.gradient(0, first);
    GradientSource.Losses b = one.gradient(a.next(), second);
    Parameters both = network.parameters().zeros();
    Numbers.set(both.buffer(), 0, 1e9);
    GradientSource.Losses all = source(2).gradient(0, both);
    double[] sum = numbers(first);
    double[] more = numbers(second);
    Arrays.setAll(sum, i -> sum[i] + more[i]);
    // Sums of 72 terms in another order.
    assertArrayEquals(sum, numbers(both), 1e-14);
    assertEquals(a.sum() + b.sum(), all.sum(), 1e-14);
    assertEquals(new GradientSource.Losses(all.sum(), 2, 72, 72, 2), all);
    assertEquals((a.mean() + b.mean()) / 2, all.mean(), 1e-14);
  }

  @Test
  void gradient_atTheEndOfAnEpoch_hasNoBatchOfTheNext() {
    int last = data.places() - 1;
    Parameters gradients = network.parameters().zeros();
    assertEquals(data.places(), source(3).gradient(last, gradients).next());
    assertEquals(last, source(3).gradient(last - 3, gradients).next());
  }

  @Test
  void state_givenToASource_isWhatItsNextBatchStartsFrom() {
    GradientSource whole = source(1);
    Parameters gradients = network.parameters().zeros();
    whole.gradient(0, gradients);
    State between = whole.state();
    whole.gradient(1, gradients);
    GradientSource other = source(1);
    other.start(between);
    assertArrayEquals(firstOf(between), firstOf(other.state()));
    Parameters again = network.parameters().zeros();
    other.gradient(1, again);
    assertArrayEquals(numbers(gradients), numbers(again));
    assertArrayEquals(firstOf(whole.state()), firstOf(other.state()));
    assertFalse(Arrays.equals(firstOf(between), firstOf(other.state())));
  }

  /// Two machines with the same data: what each has is added up, and counts twice.
  private record Twice(GradientSource own) implements GradientSource {
    @Override
    public Losses gradient(long place, Parameters gradients) {
      Losses losses = own.gradient(place, gradients);
      Buffer all = gradients.buffer();
      for (long i = 0; i < all.length(); i++) {
        Numbers.set(all, i, 2 * Numbers.get(all, i));
      }
      return new Losses(
          2 * losses.sum(),
          2 * losses.divisor(),
          2 * losses.weight(),
          2 * losses.rows(),
          losses.next());
    }

    @Override
    public void start(State state) {
      own.start(state);
    }

    @Override
    public State state() {
      return own.state();
    }
  }

  private double[] trained(UnaryOperator<GradientSource> wrap) {
    Network trained = TinyText.network("gru", Precision.DOUBLE);
    TrainingOptions how = options.withRule(UpdateRule.defaults().withAccumulation(2));
    new Trainer(trained, how, Team.of(1), event -> {})
        .run(data, (n, team) -> Evaluation.of(n, text, team), wrap);
    return numbers(trained.parameters());
  }

  /// Doubling is exact.
  @Test
  void run_withASourceThatSumsMore_isTheSameBits() {
    double[] own = trained(UnaryOperator.identity());
    assertArrayEquals(own, trained(Twice::new));
    assertFalse(Arrays.equals(own, numbers(network.parameters())));
  }
}
