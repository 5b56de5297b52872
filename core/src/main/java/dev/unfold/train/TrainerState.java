package dev.unfold.train;

import dev.unfold.argument.Expect;
import dev.unfold.model.Parameters;
import dev.unfold.model.State;
import java.util.List;
import java.util.Optional;

/// All that a training run needs to go on as if it had never been interrupted. A value: nothing else refers to its memory.
///
/// @param parameters the network's
/// @param best the best so far
/// @param slots what the optimizer keeps
/// @param average the average of the parameters, once there is one
/// @param state the hidden state after the last batch; empty before the first
/// @param counts how far the run is
/// @param validations losses that a trigger of averages looks back at
public record TrainerState(
    Parameters parameters,
    Parameters best,
    List<Parameters> slots,
    Optional<Parameters> average,
    Optional<State> state,
    Counts counts,
    List<Double> validations) {
  /// Copies the lists.
  public TrainerState {
    Expect.given("parameters", parameters);
    Expect.given("best", best);
    Expect.given("slots", slots);
    Expect.given("average", average);
    Expect.given("state", state);
    Expect.given("counts", counts);
    Expect.given("validations", validations);
    slots = List.copyOf(slots);
    validations = List.copyOf(validations);
  }

  /// How far a run is.
  ///
  /// @param place where the next batch begins, counted over all epochs
  /// @param window the most steps of the last batches; 0 before the first
  /// @param updates updates so far
  /// @param averaged updates that are in the average
  /// @param bestUpdate the update after which the validation was best
  /// @param bestEpoch the epoch of that
  /// @param best that validation; empty before the first
  /// @param last the loss of the last validation; NaN before the first
  /// @param lastUpdate the update after which that was; -1 before the first
  /// @param stalls as the schedule counts them
  /// @param sinceBest validations since the best one
  /// @param lossSum the sum of the training losses since the last validation, and their number
  /// @param seconds the time that the run took, over all interruptions
  public record Counts(
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
      double seconds) {}
}
