package dev.unfold.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.unfold.kernels.Precision;
import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.train.update.Averaging;
import dev.unfold.train.update.Schedule;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// The counters of a run.
final class ProgressTest {
  private final int[] text = TinyText.tokens(200, 1);
  private final TrainingOptions options =
      TrainingOptions.defaults()
          .withSteps(9)
          .withBatch(4)
          .withInterval(3)
          .withBudget(new Budget.Epochs(2));

  private static final GradientSource.Losses LOSSES = new GradientSource.Losses(8, 2, 5, 5, 7);

  @Test
  void counters_ofUpdatesAndValidations_areThoseOfTheRunSoFar() {
    Schedule plateau = new Schedule.Plateau(0.5, 2);
    Progress trained = Progress.START.adapted(6).updated(LOSSES, 0).updated(LOSSES, 1);
    assertEquals(4, trained.trainingLoss());
    assertEquals(new Schedule.Point(2, 3.5, 0.25, 0), trained.point(2, 0.25));
    Evaluation good = new Evaluation(6, 3);
    Progress first = trained.validated(good, 4, plateau, List.of());
    assertEquals(
        new Progress(7, 6, 2, 1, 2, 4, Optional.of(good), 2, 2, 0, 0, 0, 0, 0, List.of()), first);
    Progress second =
        first.updated(LOSSES, 2).validated(new Evaluation(9, 3), 4, plateau, List.of(3.0)).at(1.5);
    assertEquals(
        new Progress(7, 6, 3, 2, 2, 4, Optional.of(good), 3, 3, 1, 1, 0, 0, 1.5, List.of(3.0)),
        second);
  }

  @Test
  void counter_belowZero_isRefusedByItsName() {
    Progress last = Progress.START.updated(LOSSES, 0);
    assertEquals(-1, last.lastUpdate());
    assertEquals(
        "averaged: expected 0 or more, got -1",
        assertThrows(IllegalArgumentException.class, () -> last.updated(LOSSES, -1)).getMessage());
  }

  /// Event, state and, by the test of checkpoints, file say the same.
  @Test
  void events_ofARun_carryTheProgressOfItsState() {
    Trainer[] running = new Trainer[1];
    int[] count = new int[1];
    TrainingOptions averaged = options.withRule(options.rule().with(new Averaging.Always(4)));
    Network network = TinyText.network("elman", Precision.DOUBLE);
    running[0] =
        new Trainer(
            network,
            averaged,
            Team.of(1),
            event -> {
              Progress now = running[0].state().progress();
              assertEquals(now.at(0), event.progress().at(0));
              assertTrue(event.progress().seconds() <= now.seconds());
              count[0]++;
            });
    TrainingResult result = running[0].run(text, text);
    assertTrue(count[0] > 20, "events " + count[0]);
    assertTrue(result.progress().averaged() > 0, result::toString);
    assertEquals(result.progress().best().orElseThrow(), result.validation());
  }

  @Test
  void state_ofATrainerThatHasNotGoneOn_isWhatItWasGiven() {
    Network network = TinyText.network("elman", Precision.DOUBLE);
    Trainer first = new Trainer(network, options, Team.of(1), event -> {});
    first.run(text, text);
    TrainerState state = first.state();
    Trainer other =
        new Trainer(TinyText.network("elman", Precision.DOUBLE), options, Team.of(1), e -> {});
    other.restore(state);
    TrainerState again = other.state();
    assertEquals(state.progress(), again.progress());
    assertEquals(state.state(), again.state());
    assertEquals(state.kept().keySet(), again.kept().keySet());
    assertArrayEquals(
        state.kept().get("slot1").buffer().toArray(), again.kept().get("slot1").buffer().toArray());
  }
}
