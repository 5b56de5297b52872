package dev.unfold.train.dynamic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.train.TinyText;
import dev.unfold.train.dynamic.RateSearch.Chosen;
import dev.unfold.train.dynamic.RateSearch.Free;
import dev.unfold.train.dynamic.RateSearch.Tried;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class RateSearchTest {
  private final Team team = Team.of(1);
  private final Network network = TinyText.network("gru", Precision.DOUBLE);
  private final List<int[]> text = List.of(counting(401));

  private static int[] counting(int count) {
    int[] tokens = new int[count];
    Arrays.setAll(tokens, i -> i % 5);
    return tokens;
  }

  private RateSearch search() {
    return new RateSearch(network, Learned.ALL, 10, text, team);
  }

  private double loss(DynamicRule rule) {
    return new DynamicEvaluation(network, rule, Learned.ALL, 10, team).evaluate(text).mean();
  }

  @Test
  void numbers_ofTheSearch_areOneTwoAndFive() {
    double[] numbers = IntStream.rangeClosed(-7, 4).mapToDouble(RateSearch::number).toArray();
    assertEquals(
        "[0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0]",
        Arrays.toString(numbers));
    for (int i = -20; i < 10; i++) {
      assertEquals(i, RateSearch.place(RateSearch.number(i)));
      assertEquals(i, RateSearch.place(RateSearch.number(i) * 1.2));
      assertEquals(i, RateSearch.place(RateSearch.number(i) / 1.2));
    }
  }

  /// From far below and from far above it comes to the same, and its neighbours are worse.
  @Test
  void rate_fromAnyStart_isBetterThanItsNeighbours() {
    for (double start : new double[] {1e-3, 1e5}) {
      Chosen chosen = search().choose(new DynamicRule.Sgd(start, 0), Free.RATE);
      double best = loss(chosen.rule());
      int place = RateSearch.place(chosen.rule().rate());
      assertTrue(best < loss(chosen.rule().with(RateSearch.number(place - 1), 0)));
      assertTrue(best < loss(chosen.rule().with(RateSearch.number(place + 1), 0)));
      assertEquals(0, chosen.rule().decay(), 0);
      Tried least =
          chosen.tried().stream().min(Comparator.comparingDouble(Tried::loss)).orElseThrow();
      assertEquals(chosen.rule().rate(), least.rate(), 0);
      assertEquals(best, least.loss(), 0);
    }
  }

  @Test
  void both_ofRms_areChosenAndNothingIsTriedTwice() {
    DynamicRule.Rms start =
        new DynamicRule.Rms(1e-3, 0.1, GradientScale.of(network, text, 10, team));
    Chosen chosen = search().choose(start, Free.RATE_AND_DECAY);

    assertTrue(loss(chosen.rule()) < loss(start));
    assertTrue(chosen.rule().rate() > 1e-3);
    assertTrue(chosen.rule().decay() < 0.1);
    assertEquals(
        chosen.tried().size(),
        chosen.tried().stream().map(each -> List.of(each.rate(), each.decay())).distinct().count());
  }

  @Test
  void number_thatIsNotFree_staysAsItIs() {
    DynamicRule start = new DynamicRule.Sgd(0.3, 0.07);
    assertEquals(0.07, search().choose(start, Free.RATE).rule().decay(), 0);
    assertEquals(0.3, search().choose(start, Free.DECAY).rule().rate(), 0);
  }

  /// The numbers that are tried are as good as their text: on another the network is not touched.
  @Test
  void network_ofASearch_isNotChanged() {
    double[] before = network.parameters().buffer().toArray();
    search().choose(new DynamicRule.Sgd(1, 0), Free.RATE);
    assertEquals(Arrays.toString(before), Arrays.toString(network.parameters().buffer().toArray()));
  }
}
