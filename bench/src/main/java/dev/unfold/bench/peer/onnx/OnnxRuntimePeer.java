package dev.unfold.bench.peer.onnx;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import dev.unfold.bench.peer.Peer;
import dev.unfold.bench.peer.PeerStep;
import dev.unfold.bench.problem.Problem;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Task;
import java.util.Optional;

/// ONNX Runtime, which infers and does not train.
public final class OnnxRuntimePeer implements Peer {
  private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
  private final int threads;

  /// With `threads` threads.
  public OnnxRuntimePeer(int threads) {
    this.threads = threads;
  }

  @Override
  public String version() {
    return "ONNX Runtime " + environment.getVersion();
  }

  @Override
  public Optional<String> refusal(Shape shape) {
    return shape.task() == Task.INFERENCE
        ? Optional.empty()
        : Optional.of("only its inference is compared");
  }

  @Override
  public PeerStep open(Problem problem) {
    try {
      return new OnnxRuntimeInference(environment, threads, problem);
    } catch (OrtException e) {
      throw new IllegalStateException(e);
    }
  }
}
