package dev.unfold.bench.peer.unfold;

import dev.unfold.bench.peer.Peer;
import dev.unfold.bench.peer.PeerStep;
import dev.unfold.bench.problem.Problem;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Task;
import dev.unfold.kernels.Backends;
import dev.unfold.kernels.Kernels;
import dev.unfold.kernels.Precision;
import dev.unfold.kernels.Team;
import java.util.Optional;

/// Unfold, on the best backend that runs here.
public final class UnfoldPeer implements Peer {
  private final Kernels kernels = Backends.best(Precision.FLOAT);
  private final Team team;

  /// With `threads` threads.
  public UnfoldPeer(int threads) {
    team = Team.of(threads);
  }

  @Override
  public String version() {
    return "Unfold, %s backend (%s)".formatted(kernels.name(), kernels.description());
  }

  @Override
  public Optional<String> refusal(Shape shape) {
    return Optional.empty();
  }

  @Override
  public PeerStep open(Problem problem) {
    return problem.shape().task() == Task.TRAINING
        ? new UnfoldTraining(problem, kernels, team)
        : new UnfoldInference(problem, kernels, team);
  }
}
