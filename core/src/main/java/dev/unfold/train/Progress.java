package dev.unfold.train;

import dev.unfold.argument.Expect;
import dev.unfold.argument.Refusal;
import dev.unfold.train.update.Schedule;
import java.util.List;
import java.util.Optional;

/// How far a training run is: all its counters. A [TrainerState] holds it, each [TrainingEvent] carries it, and a
/// checkpoint writes it by the names of its components.
///
/// A new counter is a component here, with what changes it below. Checkpoints that were written before there was one
/// lack it: mark it with [Later], and it is then as in [#START].
///
/// @param place where the next batch begins, counted over all epochs
/// @param window the most steps of the last batches; 0 before the first
/// @param updates updates so far
/// @param averaged updates that are in the average of the parameters
/// @param bestUpdate the update after which the validation was best; 0 before the first
/// @param bestEpoch the epoch of that
/// @param best that validation; empty before the first
/// @param last the loss of the last validation; NaN before the first
/// @param lastUpdate the update after which that was; -1 before the first
/// @param stalls how often the validation has not got better, as the schedule counts it
/// @param sinceBest validations since the best one
/// @param lossSum the sum of the training losses since the last validation
/// @param lossCount their number
/// @param seconds the time that the run took, over all interruptions
/// @param validations losses that a trigger of averages looks back at
public record Progress(
    long place,
    int window,
    long updates,
    long averaged,
    long bestUpdate,
    int bestEpoch,
    Optional<Evaluation> best,
    double last,
    long lastUpdate,
    int stalls,
    int sinceBest,
    double lossSum,
    long lossCount,
    double seconds,
    List<Double> validations) {
  /// Before the first update.
  public static final Progress START =
      new Progress(0, 0, 0, 0, 0, 0, Optional.empty(), Double.NaN, -1, 0, 0, 0, 0, 0, List.of());

  /// Checks the ranges.
  public Progress {
    Expect.given("best", best);
    validations = List.copyOf(Expect.given("validations", validations));
    expect("place", 0, place);
    expect("window", 0, window);
    expect("updates", 0, updates);
    expect("averaged", 0, averaged);
    expect("bestUpdate", 0, bestUpdate);
    expect("bestEpoch", 0, bestEpoch);
    expect("lastUpdate", -1, lastUpdate);
    expect("stalls", 0, stalls);
    expect("sinceBest", 0, sinceBest);
    expect("lossCount", 0, lossCount);
  }

  private static void expect(String name, long least, long got) {
    if (got < least) {
      throw new Refusal(name, least + " or more", got);
    }
  }

  /// What a schedule is told of it.
  ///
  /// @param done the share of the budget that is used up
  Schedule.Point point(int places, double done) {
    return new Schedule.Point(updates, (double) place / places, done, stalls);
  }

  /// The average of the training losses since the last validation; NaN if there was none.
  double trainingLoss() {
    return lossCount == 0 ? Double.NaN : lossSum / lossCount;
  }

  /// The same at another time.
  Progress at(double time) {
    return new Progress(
        place,
        window,
        updates,
        averaged,
        bestUpdate,
        bestEpoch,
        best,
        last,
        lastUpdate,
        stalls,
        sinceBest,
        lossSum,
        lossCount,
        time,
        validations);
  }

  /// The same with other windows from now on.
  Progress adapted(int steps) {
    if (steps == window) {
      return this;
    }
    return new Progress(
        place,
        steps,
        updates,
        averaged,
        bestUpdate,
        bestEpoch,
        best,
        last,
        lastUpdate,
        stalls,
        sinceBest,
        lossSum,
        lossCount,
        seconds,
        validations);
  }

  /// After one more update.
  ///
  /// @param losses that its gradient was of
  /// @param inAverage updates that are in the average now
  Progress updated(GradientSource.Losses losses, long inAverage) {
    return new Progress(
        losses.next(),
        window,
        updates + 1,
        inAverage,
        bestUpdate,
        bestEpoch,
        best,
        last,
        lastUpdate,
        stalls,
        sinceBest,
        lossSum + losses.mean() * losses.weight(),
        lossCount + losses.weight(),
        seconds,
        validations);
  }

  /// After a validation.
  ///
  /// @param epoch of the last update
  /// @param schedule that counts the stalls
  /// @param kept what the trigger of averages keeps now
  Progress validated(Evaluation evaluation, int epoch, Schedule schedule, List<Double> kept) {
    double loss = evaluation.mean();
    double least = best.map(Evaluation::mean).orElse(Double.NaN);
    boolean isBest = best.isEmpty() || loss < least;
    return new Progress(
        place,
        window,
        updates,
        averaged,
        isBest ? updates : bestUpdate,
        isBest ? epoch : bestEpoch,
        isBest ? Optional.of(evaluation) : best,
        loss,
        updates,
        schedule.stalls(stalls, last, least, loss),
        isBest ? 0 : sinceBest + 1,
        0,
        0,
        seconds,
        kept);
  }
}
