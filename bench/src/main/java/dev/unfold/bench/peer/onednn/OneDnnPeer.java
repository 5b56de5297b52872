package dev.unfold.bench.peer.onednn;

import dev.unfold.bench.peer.NativeFiles;
import dev.unfold.bench.peer.Peer;
import dev.unfold.bench.peer.PeerStep;
import dev.unfold.bench.problem.Problem;
import dev.unfold.bench.problem.Shape;
import dev.unfold.bench.problem.Task;
import java.nio.file.Path;
import java.util.Optional;

/// oneDNN's recurrent primitives in float32, with the plain library as it is in the jar.
///
/// Its OpenMP takes the number of threads from the environment.
public final class OneDnnPeer implements Peer {
  private static final String FOLDER = "org/bytedeco/dnnl/linux-x86_64/";

  private final Dnnl dnnl;

  /// Unpacks the library to `folder` and loads it.
  public OneDnnPeer(Path folder) {
    // Next to each other, since one loads the other from its own folder.
    NativeFiles.unpack(FOLDER + "libgomp.so.1", folder);
    dnnl = new Dnnl(NativeFiles.unpack(FOLDER + "libdnnl.so.3", folder));
  }

  @Override
  public String version() {
    return "oneDNN " + dnnl.version();
  }

  @Override
  public Optional<String> refusal(Shape shape) {
    return shape.task() == Task.TRAINING
        ? Optional.empty()
        : Optional.of("only its training is compared");
  }

  @Override
  public PeerStep open(Problem problem) {
    return new OneDnnTraining(dnnl, problem);
  }
}
