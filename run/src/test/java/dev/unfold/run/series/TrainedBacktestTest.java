package dev.unfold.run.series;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.cell.library.Cells;
import dev.unfold.data.series.Panel;
import dev.unfold.data.series.Series;
import dev.unfold.data.source.DataException;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.NetworkSpec;
import dev.unfold.run.series.TrainedBacktest.Folds;
import dev.unfold.train.Budget;
import dev.unfold.train.Trainer;
import dev.unfold.train.TrainingOptions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class TrainedBacktestTest {
  private static final Kernels KERNELS = Backends.best(Precision.FLOAT);
  private static final int HORIZON = 4;
  private static final int FOLDS = 4;
  private static final int STRIDE = 5;

  /// A small model of all but the last steps; what is left open follows from those.
  private static Forecaster train(Panel panel, int holdout) {
    SeriesOptions options =
        new SeriesOptions(
            HORIZON,
            OptionalInt.of(12),
            OptionalInt.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            holdout,
            OptionalInt.of(HORIZON));
    SeriesTask task =
        new SeriesTask(panel, options, Output.quantiles(), Precision.FLOAT, 3, List.of());
    NetworkSpec spec = new NetworkSpec(Cells.gru(), task.encoder(), 4, 1, task.head());
    Network network = Network.create(spec, KERNELS, 5);
    // Several validations, so that what they are of decides on the parameters.
    TrainingOptions usual = task.usualOptions().withBatch(2).withBudget(new Budget.Epochs(3));
    new Trainer(network, usual, 5, Team.of(1), _ -> {}).run(task.training(usual), task.validator());
    return task.forecaster(network);
  }

  private static TrainedBacktest test(Panel panel, int folds, OptionalInt refit) {
    return TrainedBacktest.of(
        panel,
        HORIZON,
        new Folds(folds, STRIDE, refit),
        OptionalInt.empty(),
        holdout -> train(panel, holdout));
  }

  /// Changes all that nobody can know at the origin of a fold.
  private static Panel otherFuture(Panel panel, int fold, SplittableRandom random) {
    Panel other = Panels.copy(panel);
    int back = HORIZON + (FOLDS - 1 - fold) * STRIDE;
    for (Series series : other.series()) {
      int origin = series.steps() - back;
      for (int t = origin; t < series.steps(); t++) {
        boolean isBehind = t >= origin + HORIZON;
        for (int c = 0; c < series.numbers().length; c++) {
          boolean isMissing = c != 2 && random.nextInt(5) == 0;
          if (c != 2 || isBehind) {
            series.numbers()[c].set(t, isMissing ? Double.NaN : -random.nextInt(1000));
          }
        }
        series.texts()[1].set(t, random.nextInt(3));
        series.texts()[0].set(t, isBehind ? random.nextInt(2) : series.text(0, t));
      }
      series.numbers()[0].set(series.steps() - 1, 1);
    }
    return other;
  }

  @Test
  void forecasts_whenAllBehindTheirOriginsIsChanged_keepTheirBitsAcrossRefits() {
    long seed = 31;
    System.out.println("seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    Panel panel = Panels.of(seed, 110, 80);
    List<Backtest.Tested> all = test(panel, FOLDS, OptionalInt.of(2)).backtest().windows();
    for (int fold : new int[] {1, 2}) {
      Panel other = otherFuture(panel, fold, random);
      List<Backtest.Tested> same = test(other, FOLDS, OptionalInt.of(2)).backtest().windows();
      List<Integer> origins = new ArrayList<>();
      for (Backtest.Tested window : all) {
        Forecast expected = window.forecast();
        int behind = lastOrigin(panel, expected) - expected.origin();
        if (behind < (FOLDS - 1 - fold) * STRIDE) {
          continue;
        }
        Forecast actual = find(same, expected);
        if (actual == null) {
          // Of the fold at the change there may be nothing left to be foreseen.
          assertEquals((FOLDS - 1 - fold) * STRIDE, behind);
          continue;
        }
        origins.add(expected.origin());
        for (int h = 0; h < HORIZON; h++) {
          assertArrayEquals(expected.quantiles()[h], actual.quantiles()[h]);
        }
      }
      assertTrue(origins.size() > fold, origins::toString);
    }
  }

  private static int lastOrigin(Panel panel, Forecast forecast) {
    return panel.series().stream()
            .filter(each -> each.keys().equals(forecast.keys()))
            .findFirst()
            .orElseThrow()
            .steps()
        - HORIZON;
  }

  private static Forecast find(List<Backtest.Tested> windows, Forecast like) {
    return windows.stream()
        .map(Backtest.Tested::forecast)
        .filter(each ->
            each.keys().equals(like.keys())
                && each.target().equals(like.target())
                && each.origin() == like.origin())
        .findFirst()
        .orElse(null);
  }

  @Test
  void models_areTrainedBeforeEveryNthFold_onAllThatIsKnownByThen() {
    Panel panel = Panels.of(32, 110);
    List<Integer> holdouts = new ArrayList<>();
    TrainedBacktest tested =
        TrainedBacktest.of(
            panel,
            HORIZON,
            new Folds(FOLDS, STRIDE, OptionalInt.of(3)),
            OptionalInt.of(24),
            holdout -> {
              holdouts.add(holdout);
              return train(panel, holdout);
            });
    assertEquals(List.of(HORIZON + 3 * STRIDE, HORIZON), holdouts);
    assertEquals(2, tested.forecasters().size());
    assertEquals(24, tested.backtest().season());
    // Two targets and four windows of each.
    assertEquals(2 * FOLDS, tested.backtest().windows().size());
  }

  @Test
  void folds_beforeWhichNothingIsLearned_areRefused() {
    Panel panel = Panels.of(33, 60);
    String message =
        assertThrows(DataException.class, () -> test(panel, 11, OptionalInt.empty())).getMessage();
    assertEquals(1, message.lines().count(), message);
    assertThrows(IllegalArgumentException.class, () -> new Folds(2, STRIDE, OptionalInt.of(0)));
  }

  @Test
  void panel_withNothingToTestOn_isRefusedBeforeAnyTraining() {
    Panel panel = Panels.of(45, 20);
    String message =
        assertThrows(
                DataException.class,
                () ->
                    TrainedBacktest.of(
                        panel,
                        19,
                        new Folds(1, 19, OptionalInt.empty()),
                        OptionalInt.empty(),
                        _ -> {
                          throw new AssertionError("trained");
                        }))
            .getMessage();
    assertTrue(message.startsWith("expected a series with more than H=19 steps"), message);
  }
}
