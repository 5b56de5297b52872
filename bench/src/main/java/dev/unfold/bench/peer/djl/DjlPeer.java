package dev.unfold.bench.peer.djl;

import ai.djl.engine.Engine;
import ai.djl.pytorch.jni.JniUtils;
import dev.unfold.bench.peer.Peer;
import dev.unfold.bench.peer.PeerStep;
import dev.unfold.bench.problem.Problem;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Task;
import java.util.Optional;

/// PyTorch through DJL, which ships PyTorch's own build: an older version, but with MKL.
public final class DjlPeer implements Peer {
  private final Engine engine = Engine.getEngine("PyTorch");

  /// Loads the library; the environment says where it unpacks itself to.
  public DjlPeer(int threads) {
    JniUtils.setNumThreads(threads);
  }

  @Override
  public String version() {
    return "PyTorch " + engine.getVersion() + " through DJL " + Engine.getDjlVersion();
  }

  @Override
  public Optional<String> refusal(Shape shape) {
    return shape.task() == Task.TRAINING
        ? Optional.empty()
        : Optional.of("only its training is compared");
  }

  @Override
  public PeerStep open(Problem problem) {
    return new DjlTraining(engine, problem);
  }
}
