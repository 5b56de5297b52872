package dev.unfold.train;

import dev.unfold.kernels.work.Team;
import dev.unfold.model.Network;

/// Tells how good a network is: the smaller the average, the better.
@FunctionalInterface
public interface Validator {
  /// Evaluates `network` with the threads of `team`.
  Evaluation evaluate(Network network, Team team);
}
