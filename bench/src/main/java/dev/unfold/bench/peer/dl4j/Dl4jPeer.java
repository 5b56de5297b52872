package dev.unfold.bench.peer.dl4j;

import dev.unfold.bench.peer.Peer;
import dev.unfold.bench.peer.PeerStep;
import dev.unfold.bench.problem.CellKind;
import dev.unfold.bench.problem.Problem;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Task;
import java.util.Optional;
import org.nd4j.linalg.factory.Nd4j;

/// Deeplearning4j, which takes the number of threads from the environment. It has no GRU.
public final class Dl4jPeer implements Peer {
  private final String backend = Nd4j.getBackend().getClass().getSimpleName();

  @Override
  public String version() {
    String version = Nd4j.class.getPackage().getImplementationVersion();
    return "Deeplearning4j" + (version == null ? "" : " " + version) + ", " + backend;
  }

  @Override
  public Optional<String> refusal(Shape shape) {
    if (shape.task() != Task.TRAINING) {
      return Optional.of("only its training is compared");
    }
    return shape.cell() == CellKind.GRU ? Optional.of("has no GRU") : Optional.empty();
  }

  @Override
  public PeerStep open(Problem problem) {
    return new Dl4jTraining(problem);
  }
}
