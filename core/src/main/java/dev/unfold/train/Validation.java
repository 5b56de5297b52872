package dev.unfold.train;

import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;
import dev.unfold.model.Parameters;
import dev.unfold.train.update.Schedule;
import dev.unfold.train.update.Updater;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// Validates a network in training, with the average of its parameters if there is one, and keeps those that were best.
final class Validation {
  private final Network network;
  private final Updater updater;
  private final Schedule schedule;
  private final Team team;
  private final Parameters best;

  Validation(Network network, Updater updater, Schedule schedule, Team team) {
    this.network = network;
    this.updater = updater;
    this.schedule = schedule;
    this.team = team;
    best = network.parameters().copy();
  }

  /// The best parameters so far; at first those that the network had then.
  Parameters best() {
    return best;
  }

  /// Validates once.
  ///
  /// @param clock is stopped meanwhile
  /// @param before how far the run is
  /// @param listener is told how far it is now, and sees the parameters that were validated
  void validate(
      Validator validator,
      Clock clock,
      Progress before,
      Consumer<TrainingEvent.Validated> listener) {
    Optional<Parameters> average = updater.average();
    Optional<Parameters> present = average.map(values -> network.parameters().copy());
    average.ifPresent(network.parameters()::set);
    clock.pause();
    Evaluation evaluation = validator.evaluate(network, team);
    clock.resume();
    if (!Double.isFinite(evaluation.sum())) {
      throw new TrainingException(
          "validation after update %d: expected a finite loss, got %s; try a smaller learning rate"
                  .formatted(before.updates(), evaluation.mean())
              + " or clip");
    }
    int epoch = clock.epoch(before.place());
    List<Double> kept = updater.validated(evaluation.mean(), before.validations());
    Progress after = before.validated(evaluation, epoch, schedule, kept).at(clock.seconds());
    boolean isBest = after.sinceBest() == 0;
    if (isBest) {
      best.set(network.parameters());
    }
    listener.accept(
        new TrainingEvent.Validated(after, epoch, before.trainingLoss(), evaluation, isBest));
    present.ifPresent(network.parameters()::set);
  }
}
