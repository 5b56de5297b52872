package dev.unfold.run.series;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.data.series.Numbers;
import dev.unfold.data.series.Panel;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.report.SeriesPage;
import dev.unfold.run.series.SeriesInput.Kind;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// What is measured of a network that has learned nothing, which is enough to read what it reads.
final class InputWorthTest {
  private static final Kernels KERNELS = Backends.best(Precision.FLOAT);

  private static Forecaster forecaster(Panel panel) {
    SeriesTask task =
        new SeriesTask(
            panel, SeriesOptions.of(3), Output.quantiles(), Precision.FLOAT, 3, List.of());
    NetworkSpec spec = new NetworkSpec(Cells.gru(), task.encoder(), 4, 1, task.head());
    return task.forecaster(Network.create(spec, KERNELS, 5));
  }

  @Test
  void inputs_areWorthWhatTheForecastsLoseWithThoseOfOtherWindows() {
    Panel panel = Panels.of(41, 90);
    Forecaster forecaster = forecaster(panel);
    List<InputWorth> worth = InputWorth.of(forecaster, panel, 4, 3, 7);
    assertEquals(
        List.of(Kind.KNOWN, Kind.KNOWN, Kind.PAST, Kind.PAST, Kind.STATIC, Kind.CALENDAR),
        worth.stream().map(each -> each.input().kind()).toList());
    for (InputWorth each : worth) {
      Set<Double> losses = new HashSet<>(each.losses());
      // One series has one value of what never changes: nothing is lost, not even a bit.
      boolean isSame = each.input().kind() == Kind.STATIC;
      assertEquals(isSame, losses.equals(Set.of(0.0)), each::toString);
      assertEquals(5, each.losses().size());
    }
    assertEquals(worth, InputWorth.of(forecaster, panel, 4, 3, 7));
  }

  @Test
  void inputs_ofAStateThatIsCarried_areNotTold() {
    Panel panel = Panels.of(43, 90);
    SeriesTask task =
        new SeriesTask(
            panel,
            SeriesOptions.of(3).withState(StateUse.CARRIED),
            Output.quantiles(),
            Precision.FLOAT,
            3,
            List.of());
    NetworkSpec spec = new NetworkSpec(Cells.gru(), task.encoder(), 4, 1, task.head());
    Forecaster carried = task.forecaster(Network.create(spec, KERNELS, 5));
    assertEquals(List.of(), InputWorth.of(carried, panel, 4, 3, 7));
  }

  @Test
  void inputs_ofASingleWindow_areWorthNothingThatCouldBeTold() {
    Panel panel = Panels.of(42, 90);
    Panel one = Panels.copy(panel);
    one.series().getFirst().numbers()[1] = Numbers.all(one.series().getFirst().steps(), Double.NaN);
    assertEquals(List.of(), InputWorth.of(forecaster(panel), one, 1, 3, 7));
  }

  @Test
  void page_ofManySeries_isNoLargerThanOneOfSome() {
    int[] lengths = new int[400];
    Arrays.fill(lengths, 40);
    Panel panel = Panels.of(43, lengths);
    Forecaster forecaster = forecaster(panel);
    SeriesPage.About about = new SeriesPage.About("", "", "", List.of(), "");
    Backtest backtest = Backtest.of(forecaster, panel, 1, 1);
    String page =
        new SeriesPage(backtest, panel, forecaster.spec(), about, List.of(), Optional.empty())
            .html();
    assertTrue(backtest.windows().size() > 700, "windows: " + backtest.windows().size());
    assertTrue(page.length() < 120_000, "letters: " + page.length());
    assertTrue(page.contains("the first and the last 50 of "), page);
  }
}
