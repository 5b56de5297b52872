package dev.unfold.train;

/// What happens in a training run, in the order in which it happens.
public sealed interface TrainingEvent {
  /// The run begins.
  ///
  /// @param batch B, smaller than asked for if the text is too short for it
  /// @param updatesPerEpoch windows in the training data, the least number if they vary
  record Started(int batch, int updatesPerEpoch) implements TrainingEvent {}

  /// The windows are longer or shorter from now on, since the measured error of shorter ones allows it, or asks for it.
  ///
  /// @param update updates so far
  /// @param before steps of a window until now
  /// @param steps of a window from now on
  record Adapted(long update, int before, int steps) implements TrainingEvent {}

  /// An update was made.
  ///
  /// @param update its number, from 1
  /// @param epoch the epoch, from 1
  /// @param done the share of the budget that is used up, 0 to 1
  /// @param loss the average loss of the window in nats a token
  /// @param gradientNorm before clipping
  /// @param learningRate as the schedule has it
  /// @param tokensPerSecond since the start, validation not counted
  /// @param secondsLeft as it looks now
  record Updated(
      long update,
      int epoch,
      double done,
      double loss,
      double gradientNorm,
      double learningRate,
      double tokensPerSecond,
      double secondsLeft)
      implements TrainingEvent {}

  /// The network was validated.
  ///
  /// @param update updates so far
  /// @param epoch the epoch, from 1
  /// @param trainingLoss the average loss since the last validation, in nats a token
  /// @param validation on the validation data
  /// @param best whether this is the best so far: then the network's parameters are worth keeping
  record Validated(long update, int epoch, double trainingLoss, Evaluation validation, boolean best)
      implements TrainingEvent {}

  /// An update is done, with the validation after it if there was one: [Trainer#state] is now what a run goes on from.
  ///
  /// @param update its number, from 1
  record Completed(long update) implements TrainingEvent {}

  /// The run has ended; the network has its best parameters.
  record Finished(TrainingResult result) implements TrainingEvent {}
}
