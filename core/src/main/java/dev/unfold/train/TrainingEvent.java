package dev.unfold.train;

import dev.unfold.online.InfluenceWatch;
import dev.unfold.train.update.Updater;
import java.util.Optional;

/// What happens in a training run, in the order in which it happens.
public sealed interface TrainingEvent {
  /// How far the run is now.
  Progress progress();

  /// Updates so far: the number of the last one, from 1.
  default long update() {
    return progress().updates();
  }

  /// The run begins.
  ///
  /// @param progress where it goes on from
  /// @param batch B, smaller than asked for if the text is too short for it
  /// @param updatesPerEpoch windows in the training data, the least number if they vary
  record Started(Progress progress, int batch, int updatesPerEpoch) implements TrainingEvent {}

  /// The windows are longer or shorter from now on, since the measured error of shorter ones allows it, or asks for it.
  ///
  /// @param progress with the windows from now on
  /// @param before steps of a window until now
  record Adapted(Progress progress, int before) implements TrainingEvent {
    /// Steps of a window from now on.
    public int steps() {
      return progress.window();
    }
  }

  /// An update was made.
  ///
  /// @param progress after it
  /// @param epoch the epoch, from 1
  /// @param done the share of the budget that is used up, 0 to 1
  /// @param loss the average loss of the window, as the head measures it: of tokens and classes in nats
  /// @param gradientNorm before clipping
  /// @param learningRate as the schedule has it
  /// @param influence of an online rule; empty for back-propagation
  /// @param tokensPerSecond since the start, validation not counted
  /// @param secondsLeft as it looks now
  record Updated(
      Progress progress,
      int epoch,
      double done,
      double loss,
      double gradientNorm,
      double learningRate,
      Optional<InfluenceWatch> influence,
      double tokensPerSecond,
      double secondsLeft)
      implements TrainingEvent {
    static Updated of(
        Progress progress,
        Clock clock,
        double loss,
        Updater.Made made,
        Optional<InfluenceWatch> influence) {
      long place = progress.place();
      return new Updated(
          progress,
          clock.epoch(place),
          clock.done(place),
          loss,
          made.norm(),
          made.rate(),
          influence,
          clock.tokensPerSecond(),
          clock.secondsLeft(place));
    }
  }

  /// The network was validated.
  ///
  /// @param progress after it
  /// @param epoch the epoch, from 1
  /// @param trainingLoss the average loss since the last validation, as the head measures it: of tokens and classes in
  ///     nats
  /// @param validation on the validation data
  /// @param best whether this is the best so far: then the network's parameters are worth keeping
  record Validated(
      Progress progress, int epoch, double trainingLoss, Evaluation validation, boolean best)
      implements TrainingEvent {}

  /// An update is done, with the validation after it if there was one: [Trainer#state] is now what a run goes on from.
  record Completed(Progress progress) implements TrainingEvent {}

  /// The run has ended; the network has its best parameters.
  record Finished(TrainingResult result) implements TrainingEvent {
    @Override
    public Progress progress() {
      return result.progress();
    }
  }
}
